/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bytes of the server's up to the end of its version line (RFC 4253 section 4.2). libssh2
 * cuts longer lines to pieces, takes a piece for a line, and overlooks a NUL.
 */
#ifndef VERSION_H
#define VERSION_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed at the start. */
struct version_reader {
    size_t length;  /* of the line so far */
    bool is_prefix; /* so far it is SSH- or a beginning of that */
    bool complete;  /* the version line has ended */
};

enum version_byte {
    VERSION_KEEP,     /* libssh2 is to see it */
    VERSION_DROP,     /* of a line before the version that is too long for libssh2 */
    VERSION_NUL,      /* none is allowed */
    VERSION_TOO_LONG, /* the version line has more than 255 bytes */
};

/* Looks at the next byte. Not to be called after the version is complete. */
enum version_byte version_take(struct version_reader *reader, char byte);

#endif
