/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. Pure.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes the character at `text`, of which there are `len` bytes, at least one. Returns its
 * length in bytes, or 0 where it is not valid. */
size_t utf8_decode(const unsigned char *text, size_t len, uint32_t *character);

#define UTF8_REPLACEMENT 0xfffd

/* The character at *at, which is before `end`; *at is moved behind it. A byte that belongs to
 * no valid character is U+FFFD, each on its own. */
uint32_t utf8_next(const char **at, const char *end);

/*
 * A copy in which each byte that belongs to no valid character is U+FFFD. All else stays, NUL
 * and other controls too. `*clean_len` is its length; there is a NUL behind it. To be freed by
 * the caller; NULL where memory is short.
 */
char *utf8_clean(const void *text, size_t len, size_t *clean_len);

#endif
