/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One buffer of the longest line, and poll(2) before each read of what may block.
 */
#include <config.h>

#include "cli/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/descriptor.h"
#include "util/signals.h"

static const char mark[] = {'\xef', '\xbb', '\xbf'}; /* U+FEFF in UTF-8 */

/* ---- opening ---- */

static bool
open_file(struct reader *reader, const char *path)
{
    if (strcmp(path, "-") == 0) {
        reader->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        return reader->fd >= 0;
    }
    /* without O_NONBLOCK a FIFO without a writer would be waited for here, whatever signal
     * came; the open file is ours alone */
    reader->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return reader->fd >= 0 && descriptor_move_up(&reader->fd);
}

bool
reader_open(struct reader *reader, const char *path, size_t longest)
{
    struct stat status;

    *reader = (struct reader){.longest = longest};
    if (!open_file(reader, path) || fstat(reader->fd, &status) != 0)
        goto failed;
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        goto failed;
    }
    reader->stream = !S_ISREG(status.st_mode);
    off_t begin = reader->stream ? -1 : lseek(reader->fd, 0, SEEK_CUR);
    if (begin >= 0 && begin < status.st_size)
        reader->size = status.st_size - begin;
    /* with the mark and "\r\n" */
    reader->buffer = malloc(sizeof(mark) + longest + 2);
    if (reader->buffer != NULL)
        return true;
failed:
    reader_close(reader);
    return false;
}

void
reader_close(struct reader *reader)
{
    descriptor_close(&reader->fd);
    free(reader->buffer);
    reader->buffer = NULL;
}

double
reader_share(const struct reader *reader)
{
    off_t returned = reader->taken - (off_t)(reader->end - reader->begin);

    /* it may have grown meanwhile */
    return returned <= 0 || reader->size <= 0 ? 0
           : returned >= reader->size         ? 1
                                              : (double)returned / (double)reader->size;
}

/* ---- reading ---- */

/* LINE: there is something to read. */
static enum reader_result
look(const struct reader *reader)
{
    static const struct timespec at_once;
    struct pollfd poll = {.fd = reader->fd, .events = POLLIN};

    if (!reader->stream)
        return READER_LINE;
    int ready = signals_poll(&poll, 1, &at_once);
    if (ready < 0 && signals_caught() != 0)
        return READER_END;
    return ready > 0 ? READER_LINE : READER_WAIT;
}

/* Appends what is there. LINE: go on. */
static enum reader_result
fill(struct reader *reader)
{
    size_t size = sizeof(mark) + reader->longest + 2;
    enum reader_result ready = look(reader);

    if (ready != READER_LINE)
        return ready;
    memmove(reader->buffer, reader->buffer + reader->begin, reader->end - reader->begin);
    reader->end -= reader->begin;
    reader->begin = 0;
    ssize_t n = read(reader->fd, reader->buffer + reader->end, size - reader->end);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return reader->stream ? READER_WAIT : READER_LINE;
    if (n < 0) {
        reader->error = errno;
        reader->begin = reader->end; /* half a line is none */
    }
    if (n <= 0)
        reader->ended = true;
    else
        reader->end += (size_t)n;
    reader->taken += n > 0 ? n : 0;
    return READER_LINE;
}

/* ---- lines ---- */

/* The line from `begin` on, of `len` bytes, without the newline. */
static enum reader_result
take(struct reader *reader, size_t len, const char **line, size_t *line_len)
{
    bool skipped = reader->skipping;
    const char *text = reader->buffer + reader->begin;

    reader->begin += len;
    reader->looked = 0;
    reader->skipping = false;
    if (skipped) /* its beginning was returned as LONG */
        return READER_WAIT;
    if (reader->number++ == 0 && len >= sizeof(mark) && memcmp(text, mark, sizeof(mark)) == 0) {
        text += sizeof(mark);
        len -= sizeof(mark);
    }
    if (len > 0 && text[len - 1] == '\r')
        len--;
    *line = text;
    *line_len = len;
    return len > reader->longest ? READER_LONG : READER_LINE;
}

/* One of those that are in the buffer; WAIT: there is none. */
static enum reader_result
take_buffered(struct reader *reader, const char **line, size_t *len)
{
    enum reader_result result = READER_WAIT;

    while (result == READER_WAIT && reader->begin < reader->end) {
        const char *text = reader->buffer + reader->begin;
        size_t held = reader->end - reader->begin;
        const char *newline = memchr(text + reader->looked, '\n', held - reader->looked);
        if (newline != NULL) {
            result = take(reader, (size_t)(newline - text), line, len);
            reader->begin++;
        } else if (reader->ended) {
            result = take(reader, held, line, len);
        } else if (reader->skipping || held == sizeof(mark) + reader->longest + 2) {
            result = reader->skipping ? READER_WAIT : READER_LONG;
            reader->number += !reader->skipping;
            reader->skipping = true;
            reader->begin = reader->end;
            reader->looked = 0;
        } else {
            reader->looked = held;
            break;
        }
    }
    return result;
}

enum reader_result
reader_next(struct reader *reader, unsigned *reads, const char **line, size_t *len)
{
    if (reader->stream && signals_caught() != 0)
        return READER_END;
    for (;;) {
        enum reader_result result = take_buffered(reader, line, len);
        if (result != READER_WAIT)
            return result;
        if (reader->ended)
            return reader->error != 0 ? READER_FAILED : READER_END;
        if ((*reads)-- == 0)
            break;
        result = fill(reader);
        if (result != READER_LINE)
            return result;
    }
    *reads = 0;
    return READER_WAIT;
}
