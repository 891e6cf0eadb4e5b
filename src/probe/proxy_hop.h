/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hops of ProxyJump, as text, and which names a shell may be given.
 */
#ifndef PROXY_HOP_H
#define PROXY_HOP_H

#include <stdbool.h>

#include "util/failure.h"

struct proxy_hop {
    const char *user, *host, *port; /* user and port: NULL where not named */
};

/* Is it nothing but a name to a shell, and no option to a program? */
bool proxy_name_is_plain(const char *name);

/*
 * Takes one hop apart, in place: [user@]host[:port], [user@][v6]:port,
 * ssh://[user@]host[:port]. NULL with *hop pointing into it, or a static text that says what is
 * wrong.
 */
const char *proxy_hop_split(char *text, struct proxy_hop *hop);

/*
 * A list with commas. OUTCOME_SUCCESS, or USAGE (one that cannot be a hop, or that a shell, to
 * which ssh hands all but the last one, would take for more) or INTERNAL (memory). It is
 * changed only meanwhile.
 */
enum outcome proxy_hops_check(char *hops, struct failure *failure);

#endif
