/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file in memory, for parsers that read one: the same one for all inputs.
 */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

struct fuzz_file {
    int fd;
    char path[32]; /* by which it can be opened */
};

/* Makes it what the input says; at the beginning. */
static inline void
fuzz_file_fill(struct fuzz_file *file, const void *bytes, size_t len)
{
    if (file->path[0] == '\0') {
        file->fd = memfd_create("fuzz", MFD_CLOEXEC);
        REQUIRE(file->fd >= 0);
        snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
    }
    REQUIRE(ftruncate(file->fd, 0) == 0);
    REQUIRE(len == 0 || pwrite(file->fd, bytes, len, 0) == (ssize_t)len);
    REQUIRE(lseek(file->fd, 0, SEEK_SET) == 0);
}

/* How many lines that are, with the last one where it has no end. */
static inline unsigned
fuzz_count_lines(const uint8_t *text, size_t len)
{
    unsigned count = len > 0;

    for (size_t i = 0; i + 1 < len; i++)
        count += text[i] == '\n';
    return count;
}

#endif
