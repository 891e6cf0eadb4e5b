/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A stream into memory that does not hide it when memory was short: open_memstream(3) of glibc
 * drops what it finds no room for, and neither ferror(3) nor fclose(3) tells.
 */
#ifndef MEMORY_FILE_H
#define MEMORY_FILE_H

#include <stdbool.h>
#include <stdio.h>

/* Must not be moved while it is open. All but `file` is memory_file.c's. */
struct memory_file {
    FILE *file;
    char *text;
    size_t len, room;
    bool is_short; /* something is missing */
    char buffer[512];
};

/* To write to memory->file. False where memory is short; nothing is to be closed then. */
bool memory_file_open(struct memory_file *memory);

/*
 * Closes it. What was written, all of it, with a NUL behind it, to be freed; `len`, which may
 * be NULL, gets its length. NULL where memory was short at any time.
 */
char *memory_file_close(struct memory_file *memory, size_t *len);

#endif
