/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file with places in it that the tables of the program fill, for man/fragments.c and
 * completion/fragments.c: plain C and its library, as they are.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stddef.h>

struct template_place {
    const char *word;  /* "@WORD@", with a newline behind it where it has its line to itself */
    void (*put)(void); /* writes what stands there instead to standard output */
};

/* Copies the file to standard output, its places filled. Returns main()'s status: 0, or 1 once
 * the reason is on standard error. */
int template_copy(const char *path, const struct template_place *places, size_t count);

#endif
