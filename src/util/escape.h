/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Untrusted bytes to printable text. Whatever a server, a file or the command line supplied
 * goes through here before a person or a terminal sees it.
 *
 * Escaped: C0 controls, DEL, C1 controls (as UTF-8 and as bytes), bytes that are not valid
 * UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF), and the Unicode
 * characters that move or hide what follows them: bidirectional controls (U+061C, U+200E,
 * U+200F, U+202A..E, U+2066..9), line and paragraph separators, zero-width and other format
 * characters, the tag block, noncharacters. Bytes become \xHH, characters \u{HEX}. A
 * backslash stays one: escaping is for eyes, it is not meant to be undone.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stddef.h>
#include <stdio.h>

enum escape_mode {
    ESCAPE_LINE, /* one line: newline and tab are written as \n and \t */
    ESCAPE_TEXT  /* newline and tab stay; "\r\n" counts as a newline */
};

/*
 * Writes the printable form of `len` bytes at `text` to `out`, which has room for `size` bytes,
 * and ends it with a NUL. What does not fit is cut at a character, never in the middle of an
 * escape, with "..." put at the end. `size` must be at least 4. Returns `out`.
 */
char *escape_into(char *out, size_t size, const void *text, size_t len, enum escape_mode mode);

/* The same into memory of its own, to be freed by the caller; NULL where memory is short. */
char *escape_dup(const void *text, size_t len, enum escape_mode mode);

#endif
