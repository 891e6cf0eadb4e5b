/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes that must not outlive their use: passwords, answers, passphrases. A secret lives in one
 * buffer of whole pages that never moves by realloc, stays out of core dumps (and of swap,
 * where RLIMIT_MEMLOCK allows), and is wiped before it is freed.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stddef.h>
#include <stdbool.h>

#define SECRET_MAX 4096 /* bytes in one answer, without the NUL */

struct secret {
    char *text;  /* NUL-terminated; NULL: none */
    size_t len;  /* may count NUL bytes inside */
    size_t room; /* bytes that fit, without the NUL */
};

/* Allocates the buffer, empty, with room for SECRET_MAX bytes. False where memory is short. */
bool secret_init(struct secret *secret);

/* The same for `room` bytes: what is no answer, such as a private key's file. */
bool secret_init_room(struct secret *secret, size_t room);

/* Appends; false, with nothing appended, where it would not fit. */
bool secret_append(struct secret *secret, const void *bytes, size_t len);

/* Shortens to `len` bytes, wiping the rest; nothing happens where it is no longer than that. */
void secret_truncate(struct secret *secret, size_t len);

/* Wipes and empties; the buffer stays. */
void secret_clear(struct secret *secret);

/* Wipes and frees; safe on a zeroed struct and twice. */
void secret_free(struct secret *secret);

#endif
