/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lines of a file, a pipe or a terminal, as they come: memory is bounded, and nothing waits
 * for what has not been written yet. What a line means is not known here.
 */
#ifndef READER_H
#define READER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct reader {
    int fd;               /* above the standard descriptors; close-on-exec */
    off_t size;           /* of what there is to read, where it is a regular file */
    off_t taken;          /* of it, without what is in the buffer */
    bool stream;          /* not a regular file: it may have nothing to read yet */
    unsigned long number; /* of the line that was returned last, from 1 */
    int error;            /* errno of FAILED */
    size_t longest;       /* bytes of a line */
    char *buffer;
    size_t begin, end; /* what was read and not returned yet */
    size_t looked;     /* behind `begin`: has no newline */
    bool skipping;     /* the rest of a line that was too long */
    bool ended;
};

enum reader_result {
    READER_LINE,
    READER_LONG, /* a line that is longer; the rest of it is passed over */
    READER_WAIT, /* again once it is readable */
    READER_END,
    READER_FAILED
};

/*
 * Opens the file at `path`; "-" is standard input, of which the flags stay as they are, since
 * others may share it. `longest` is the limit of a line in bytes. False with errno: as open(2)
 * has it, EISDIR, ENOMEM.
 */
bool reader_open(struct reader *reader, const char *path, size_t longest);
void reader_close(struct reader *reader);

/* The share of a regular file that was returned, 0 to 1; 0 for a stream. */
double reader_share(const struct reader *reader);

/*
 * The next line, without its end, of `len` bytes, valid until the next call. The newline, a
 * carriage return before it or at the end, and a byte order mark at the beginning do not belong
 * to it. It is read *reads times at most, which is counted down, so that a stream without end,
 * or a huge file without lines, does not keep the caller. A stream is at its end once a signal
 * of util/signals.h was caught. A FIFO that nobody has opened for writing is not at its end: it
 * is waited for.
 */
enum reader_result reader_next(struct reader *reader, unsigned *reads, const char **line,
                               size_t *len);

#endif
