/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A line from a descriptor. What goes from here into the caller's secret passes no stdio, and
 * what else held it is wiped.
 */
#include <config.h>

#include "ask/source_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/signals.h"

/* From a pipe that blocks, without blocking: splice(2) has a flag where read(2) has none. */
static ssize_t
read_pipe(int fd, void *bytes, size_t size)
{
    int ours[2];

    if (pipe2(ours, O_CLOEXEC) != 0) {
        return -1;
    }
    ssize_t n = splice(fd, NULL, ours[1], NULL, size, SPLICE_F_NONBLOCK);
    if (n > 0) {
        n = read(ours[0], bytes, (size_t)n);
    }
    int error = errno;
    close(ours[0]);
    close(ours[1]);
    errno = error;
    return n;
}

/* What is there now: where others read from the same pipe or socket, it may be gone since
 * poll(2), and a read(2) would know no limit. O_NONBLOCK would change it for them too. */
static ssize_t
read_now(int fd, void *bytes, size_t size)
{
    struct stat status;

    if (fstat(fd, &status) != 0) {
        return -1;
    }
    if (S_ISSOCK(status.st_mode)) {
        return recv(fd, bytes, size, MSG_DONTWAIT);
    }
    if (S_ISFIFO(status.st_mode) && !(fcntl(fd, F_GETFL) & O_NONBLOCK)) {
        return read_pipe(fd, bytes, size);
    }
    return read(fd, bytes, size);
}

ssize_t
source_read_some(int fd, void *bytes, size_t size, struct deadline deadline)
{
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        struct timespec left = deadline_left(deadline);
        int ready = signals_poll(&wait, 1, &left);
        if (ready == 0) {
            errno = ETIMEDOUT;
            return -1;
        }
        if (ready > 0) {
            ssize_t n = read_now(fd, bytes, size);
            if (n >= 0 || (errno != EAGAIN && errno != EINTR)) {
                return n;
            }
        } else if (errno != EINTR || signals_caught() != 0) {
            return -1;
        }
    }
}

static bool
read_failed(const struct source *source, struct deadline deadline, struct failure *failure)
{
    if (errno == ETIMEDOUT) {
        return deadline_passed(deadline)
                   ? source_timed_out(failure, source)
                   : source_unusable(failure, source, "no line came in time");
    }
    if (errno == EINTR && signals_caught() != 0) {
        return source_interrupted(failure);
    }
    return source_unusable(failure, source, strerror(errno));
}

/* Fills `line` up to a newline or the end; the length without that newline, or -1. Sets `any`
 * where there was a byte at all, `whole` where the line's end was reached. */
static ssize_t
fill_line(int fd, char *line, size_t size, size_t step, struct deadline deadline, bool *any,
          bool *whole)
{
    size_t len = 0;
    for (*any = *whole = false; len < size;) {
        size_t room = size - len;
        ssize_t n = source_read_some(fd, line + len, step < room ? step : room, deadline);
        if (n <= 0) {
            *whole = true;
            return n < 0 ? -1 : (ssize_t)len;
        }
        *any = true;
        char *newline = memchr(line + len, '\n', (size_t)n);
        if (newline != NULL) {
            *whole = true;
            return newline - line;
        }
        len += (size_t)n;
    }
    return (ssize_t)len;
}

bool
source_read_line(int fd, size_t step, int seconds, struct deadline deadline,
                 const struct source *source, struct secret *answer, struct failure *failure)
{
    struct deadline ours = deadline_after(seconds * DEADLINE_SECOND);
    char line[SECRET_MAX + 2]; /* with "\r\n" */
    bool any, whole, fits = false;
    ssize_t len =
        fill_line(fd, line, sizeof line, step, deadline_earlier(ours, deadline), &any, &whole);
    int error = errno;
    if (len >= 0 && any && whole) {
        size_t end = (size_t)len;
        fits = secret_append(answer, line, end > 0 && line[end - 1] == '\r' ? end - 1 : end);
    }
    explicit_bzero(line, sizeof line);
    if (len < 0) {
        errno = error;
        return read_failed(source, deadline, failure);
    }
    if (!any) {
        return source_unusable(failure, source, "there is no line to read (end of file)");
    }
    return fits || source_unusable(failure, source, "the line is longer than an answer may be");
}
