/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One target as it is typed: [USER@]HOST[:PORT], [IPv6]:PORT, a bare IPv6 address, or
 * ssh://[USER@]HOST[:PORT][/]. What ssh takes means here what it means to ssh; where this
 * differs, tests/unit/target_ssh_test.c says why.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "util/failure.h"

#define TARGET_USER_MAX 1024
#define TARGET_HOST_MAX 1024

struct target {
    char *user;    /* NULL: not named */
    char *host;    /* as typed but for brackets and, in a URI, encoding and a '.' at the end */
    uint16_t port; /* 0: not named */
};

/*
 * Parses `text` into *target (any content before), whose strings target_free() releases. False,
 * with nothing to free, and USAGE or INTERNAL (memory) in `failure`.
 */
bool target_parse(struct target *target, const char *text, struct failure *failure);
void target_free(struct target *target);

/* Is it a URI with USER:PASSWORD@, which no message may repeat? */
bool target_has_password(const char *text, size_t len);

/*
 * The rules for a user and a host, wherever they come from. NULL, or a static text that says
 * which one is broken.
 */
const char *target_user_error(const char *user);
const char *target_host_error(const char *host);

/* "user@host", printable, an IPv6 address in brackets; to be freed, NULL where memory is short.
 */
char *target_label(const char *user, const char *host);

#endif
