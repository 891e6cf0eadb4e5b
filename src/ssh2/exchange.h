/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Strict reading of the messages of the key exchange and of SERVICE_ACCEPT, before libssh2
 * parses them: it ignores lengths inside a signature, what follows a message's end, and numbers
 * that a group cannot have. Bytes in, a reason out; no libssh2 here.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/wire.h"

/* What was agreed on, as libssh2 names it; NULL as long as nothing was. */
struct exchange_methods {
    const char *kex, *host_key;
};

/* The message's name, "KEXINIT"; NULL for a type that is none of these. */
const char *exchange_message_name(unsigned char type, const struct exchange_methods *methods);

/*
 * Why a message of the server's is refused, with the section of the RFC; NULL where it is well
 * formed, or none of these.
 */
const char *exchange_check(const unsigned char *payload, size_t len,
                           const struct exchange_methods *methods);

/* The lists of a KEXINIT (RFC 4253 section 7.1), in their order. */
enum exchange_list {
    EXCHANGE_KEX,
    EXCHANGE_HOST_KEY,
    EXCHANGE_CIPHER_SENT,
    EXCHANGE_CIPHER_RECEIVED,
    EXCHANGE_MAC_SENT,
    EXCHANGE_MAC_RECEIVED,
    EXCHANGE_COMPRESSION_SENT,
    EXCHANGE_COMPRESSION_RECEIVED,
    EXCHANGE_PURPOSES, /* behind them are languages */
    EXCHANGE_LISTS = 10,
};

/*
 * What these two KEXINITs, ours and one that exchange_check() found no fault with, agree on in
 * that list: the first name of ours that the server has. Points into `own`; empty: nothing.
 */
struct wire exchange_agreed(const unsigned char *own, size_t own_len,
                            const unsigned char *server, size_t server_len,
                            enum exchange_list list);

/*
 * Is the next message of the server's to be ignored (RFC 4253 section 7.1): did it announce, in
 * this KEXINIT, a guess, and prefers another key exchange or host key than we do?
 */
bool exchange_guessed_wrong(const unsigned char *own, size_t own_len,
                            const unsigned char *server, size_t server_len);

#endif
