/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a program is.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes the path of the program `named` to `path`, which has room for `size` bytes: the name
 * itself where it has a slash, else the first file in the folders of PATH that may be executed,
 * as execvp(3) does. False where there is none, or its path does not fit.
 */
bool program_find(const char *named, char *path, size_t size);

#endif
