/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whose credentials a GSSAPI exchange uses: plain data, without any of <gssapi/...>.
 */
#ifndef GSS_CHOICE_H
#define GSS_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/failure.h"

/* Address space that there is to be before the libraries are called, for the helper thread and
 * what they ask for; not for themselves, since gss_choice_load() comes first. MIT Kerberos 1.20
 * crashes at several places where there is no memory. */
#define GSS_ROOM ((size_t)2 * 1024 * 1024)

/* Zeroed: the default credentials, as the Kerberos libraries find them (KRB5CCNAME,
 * KRB5_CLIENT_KTNAME). Strings are the caller's; what keeps them copies them. */
struct gss_choice {
    const char *client; /* principal, "alice@EXAMPLE.TEST"; NULL: whose credentials there are */
    const char *ccache; /* "FILE:/tmp/x", "KCM:", a path; NULL: the default */
    const char *keytab; /* a path, or TYPE:rest; a ticket is got with it, kept in memory and
                           dropped; NULL: none. Not together with `ccache` */
};

/*
 * Loads the libraries, unless they were. Before the first connection of a run that is to use
 * them, in the thread that asks: whether GSS_ROOM is left shows only behind it. False with
 * INTERNAL in `failure`, which names the library.
 */
bool gss_choice_load(struct failure *failure);

/*
 * Before anything is sent: is there a keytab that can be read, by us alone, with a key for
 * `client` (or any at all), a ccache with a principal? No KDC is asked, nothing is written.
 * False, with OUTCOME_CREDENTIAL and "--keytab NAME: why" (or --ccache, --gssapi-client) in
 * `failure`; USAGE where a principal's name cannot be parsed; GSSAPI_FAILURE where only a
 * client is named, and the default cache is damaged; INTERRUPTED by a signal, INTERNAL
 * (memory). Waits 10 s at most.
 */
bool gss_choice_check(const struct gss_choice *choice, struct failure *failure);

#endif
