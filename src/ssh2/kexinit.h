/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What both sides offer at the start of a key exchange, and what comes of it (RFC 4253 section
 * 7.1). The arguments are the payloads of two KEXINITs, ours and one of the server's that
 * exchange_check() found no fault with.
 */
#ifndef KEXINIT_H
#define KEXINIT_H

#include "util/failure.h"
#include "util/wire.h"

enum { KEXINIT_COOKIE = 16 }; /* bytes behind the type */

/* The lists, in their order. */
enum kexinit_list {
    KEXINIT_KEX,
    KEXINIT_HOST_KEY,
    KEXINIT_CIPHER_SENT,
    KEXINIT_CIPHER_RECEIVED,
    KEXINIT_MAC_SENT,
    KEXINIT_MAC_RECEIVED,
    KEXINIT_COMPRESSION_SENT,
    KEXINIT_COMPRESSION_RECEIVED,
    KEXINIT_PURPOSES, /* behind them are languages */
    KEXINIT_LISTS = 10,
};

/* What is agreed on in that list: the first name of ours that the server has. Points into
 * `ours`; empty: nothing. */
struct wire kexinit_agreed(struct wire ours, struct wire theirs, enum kexinit_list list);

/* Is there nothing in common for that purpose? A cipher that authenticates needs no MAC. */
bool kexinit_lacks(struct wire ours, struct wire theirs, enum kexinit_list purpose);

/* Is the next message of the server's to be ignored: did it announce a guess, and prefers
 * another key exchange or host key than we do? */
bool kexinit_guessed_wrong(struct wire ours, struct wire theirs);

/*
 * Sets the failure of a key exchange that libssh2, of that version, gave up: KEX_FAILURE with
 * each purpose that there is no common algorithm for and what the server has, and which libssh2
 * knows one of these, if that is known. An empty one of `theirs`: it did not get so far.
 */
enum outcome kexinit_explain(struct wire ours, struct wire theirs, const char *version,
                             struct failure *failure);

#endif
