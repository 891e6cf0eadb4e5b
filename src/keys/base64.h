/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Base64 as keys are written in (RFC 4648 section 4). Not EVP_DecodeBlock(): it does not tell
 * padding from data.
 */
#ifndef BASE64_H
#define BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes, at most, that so many characters decode to. */
#define BASE64_ROOM(len) ((len) / 4 * 3)

/*
 * Decodes into `out`, which has BASE64_ROOM(len) bytes, and sets *out_len. Blanks and ends of
 * lines are passed over. False, with *out_len 0, where a character is none of the alphabet, the
 * padding is missing or not at the end, or the bits beyond the last byte are not 0.
 */
bool base64_decode(unsigned char *out, size_t *out_len, const char *text, size_t len);

#endif
