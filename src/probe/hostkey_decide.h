/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shared by the files that decide on a host key, hostkey.c and hostkey_unknown.c, and by nobody
 * else.
 */
#ifndef HOSTKEY_DECIDE_H
#define HOSTKEY_DECIDE_H

#include "probe/hostkey.h"
#include "probe/hostkey_known.h"
#include "probe/hostkey_text.h"

/* One decision: what is asked, what is known, and where the answer goes. */
struct hostkey_decision {
    const struct request *request;
    const unsigned char *blob;
    size_t len;
    int server_fd;
    struct deadline *deadline;
    struct hostkey_verdict *verdict;
    struct failure *failure;
    struct hostkey_files files;
    struct hostkey_known known;
    struct hostkey_name name;
    char printable[HOSTKEY_PATH]; /* the name as the files have it */
};

enum outcome hostkey_accept_as(struct hostkey_decision *check, enum hostkey_status status);

/* The verdict's place, of a text or of one that is printable already. */
void hostkey_set_place(struct hostkey_decision *check, const char *place);

/*
 * What becomes of a key that no file has, for a host of which the files have no other: refused,
 * accepted, asked about or remembered, by the route's mode.
 */
enum outcome hostkey_check_unknown(struct hostkey_decision *check);

#endif
