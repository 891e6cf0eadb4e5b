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
#include <stdint.h>

/* The sizes of a group that we asked for, in bits (RFC 4419 section 3). */
struct exchange_group {
    uint32_t least, most;
};

/* What was agreed on, as libssh2 names it; NULL as long as nothing was. */
struct exchange_methods {
    const char *kex, *host_key;
    struct exchange_group group; /* of group exchange */
};

/* Takes the sizes from our KEX_DH_GEX_REQUEST. False where it is none. */
bool exchange_group_asked(const unsigned char *payload, size_t len,
                          struct exchange_group *group);

/* The message's name, "KEXINIT"; NULL for a type that is none of these. */
const char *exchange_message_name(unsigned char type, const struct exchange_methods *methods);

/*
 * Why a message of the server's is refused, with the section of the RFC; NULL where it is well
 * formed, or none of these.
 */
const char *exchange_check(const unsigned char *payload, size_t len,
                           const struct exchange_methods *methods);

#endif
