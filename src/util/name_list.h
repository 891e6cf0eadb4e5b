/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of names as SSH sends them (RFC 4251 section 5): "publickey,password". Strings, whoever
 * they come from: an empty one has no names, an empty name is one as any other.
 */
#ifndef NAME_LIST_H
#define NAME_LIST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The next name of the list at *rest, which is moved behind it, and its length; NULL at the
 * end. Begin with *rest at the list, which may be NULL: no names.
 */
const char *name_list_next(const char **rest, size_t *len);

/* Is the name of `len` bytes in the list (NULL: no names)? */
bool name_list_has(const char *list, const char *name, size_t len);

/* Appends to *list, which is allocated, or NULL for an empty one. False where memory is short;
 * *list is then as it was. */
bool name_list_add(char **list, const char *name, size_t len);

#endif
