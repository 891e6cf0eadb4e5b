/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files that hold a secret: whoever else can read one knows it.
 */
#ifndef PRIVATE_FILE_H
#define PRIVATE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#define PRIVATE_FILE_HINT "chmod 600 FILE takes their access away"

/*
 * May a secret be taken from the file of this status? False, with the reason in `why` ("others
 * have access to it (mode 0644)"; the remedy is PRIVATE_FILE_HINT), where more than its owner
 * can read or write it. Of a file that belongs to somebody else, as a secret that is mounted
 * does, the group may be the one through which we read it: others may not. Only regular files
 * and FIFOs are looked at.
 */
bool private_file_is(const struct stat *status, char *why, size_t size);

#endif
