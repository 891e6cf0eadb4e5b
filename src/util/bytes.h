/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes that somebody else chose, with their length: they may hold anything, NUL included.
 */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
    char *data; /* len bytes and a NUL; NULL: none */
    size_t len;
};

/* Copies into *bytes, which is overwritten. False where memory is short: *bytes is then none.
 */
bool bytes_copy(struct bytes *bytes, const void *data, size_t len);

/* Frees, and makes it none. */
void bytes_free(struct bytes *bytes);

#endif
