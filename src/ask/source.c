/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sources: one row each. What goes from here into the caller's secret passes no stdio, and
 * what else held it is wiped. Failures name the source, never its content.
 */
#include <config.h>

#include "ask/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask/respond.h"
#include "util/deadline.h"
#include "util/escape.h"
#include "util/signals.h"

static bool
unusable(struct failure *failure, const struct source *source, const char *why)
{
    char shown[256];
    escape_into(shown, sizeof shown, source->text, strlen(source->text), ESCAPE_LINE);
    failure_set(failure, OUTCOME_CREDENTIAL, "%s: %s", shown, why);
    return false;
}

/* ---- reading a line from a descriptor ---- */

/* Reads at most `size` bytes once there are some; 0: end of file. */
static ssize_t
read_some(int fd, void *bytes, size_t size, struct deadline deadline)
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
            ssize_t n = read(fd, bytes, size);
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
    char shown[256];

    if (errno == ETIMEDOUT && deadline_passed(deadline)) {
        escape_into(shown, sizeof shown, source->text, strlen(source->text), ESCAPE_LINE);
        failure_set(failure, OUTCOME_TIMEOUT, "%s: no line came within the connection's limit",
                    shown);
        return false;
    }
    if (errno == EINTR && signals_caught() != 0) {
        failure_set(failure, OUTCOME_INTERRUPTED, "interrupted while waiting for an answer: %s",
                    strsignal(signals_caught()));
        return false;
    }
    return unusable(failure, source,
                    errno == ETIMEDOUT ? "no line came in time" : strerror(errno));
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
        ssize_t n = read_some(fd, line + len, step < room ? step : room, deadline);
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

/* The next line, in reads of `step` bytes: 1 where nothing beyond the newline may be taken. */
static bool
read_line(int fd, size_t step, int seconds, struct deadline deadline,
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
        return unusable(failure, source, "there is no line to read (end of file)");
    }
    return fits || unusable(failure, source, "the line is longer than an answer may be");
}

/* ---- the sources ---- */

static bool
env_parse(struct source *source, const char **why)
{
    *why = "env: takes the name of a variable";
    return source->value[0] != '\0' && strchr(source->value, '=') == NULL;
}

static bool
env_check(const struct source *source, struct failure *failure)
{
    const char *value = getenv(source->value);
    if (value == NULL) {
        return unusable(failure, source, "the variable is not set");
    }
    if (strlen(value) > SECRET_MAX) {
        return unusable(failure, source, "the value is longer than an answer may be");
    }
    return true;
}

static bool
env_read(const struct source *source, struct deadline deadline, struct secret *answer,
         struct failure *failure)
{
    (void)deadline;
    const char *value = getenv(source->value);
    return env_check(source, failure) && value != NULL &&
           secret_append(answer, value, strlen(value));
}

static bool
file_parse(struct source *source, const char **why)
{
    *why = "file: takes a path";
    return source->value[0] != '\0';
}

/* O_NONBLOCK: a FIFO without a writer is waited for in poll(2), which has a limit. */
static int
file_open(const struct source *source)
{
    return open(source->value, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* A FIFO is not opened: its writer would take us for the reader, and get SIGPIPE. */
static bool
file_check(const struct source *source, struct failure *failure)
{
    struct stat status;
    if (stat(source->value, &status) != 0) {
        return unusable(failure, source, strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        return unusable(failure, source, strerror(EISDIR));
    }
    if (!S_ISREG(status.st_mode)) {
        return faccessat(AT_FDCWD, source->value, R_OK, AT_EACCESS) == 0 ||
               unusable(failure, source, strerror(errno));
    }
    int fd = file_open(source);
    if (fd < 0) {
        return unusable(failure, source, strerror(errno));
    }
    close(fd);
    return true;
}

static bool
file_read(const struct source *source, struct deadline deadline, struct secret *answer,
          struct failure *failure)
{
    int fd = file_open(source);
    if (fd < 0) {
        return unusable(failure, source, strerror(errno));
    }
    bool good = read_line(fd, 512, RESPOND_FILE_LIMIT, deadline, source, answer, failure);
    close(fd);
    return good;
}

static bool
fd_parse(struct source *source, const char **why)
{
    *why = "fd: takes the number of a descriptor";
    size_t digits = strspn(source->value, "0123456789");
    if (digits == 0 || source->value[digits] != '\0') {
        return false;
    }
    errno = 0;
    long number = strtol(source->value, NULL, 10);
    source->fd = (int)number;
    return errno == 0 && number <= INT_MAX;
}

static bool
fd_check(const struct source *source, struct failure *failure)
{
    int flags = fcntl(source->fd, F_GETFL);
    if (flags < 0) {
        return unusable(failure, source, "the descriptor is not open");
    }
    if ((flags & O_ACCMODE) == O_WRONLY) {
        return unusable(failure, source, "the descriptor is not open for reading");
    }
    return true;
}

static bool
fd_read(const struct source *source, struct deadline deadline, struct secret *answer,
        struct failure *failure)
{
    /* poll(2) says nothing of a closed one that read(2) would not, but words are better. */
    return fd_check(source, failure) &&
           read_line(source->fd, 1, RESPOND_FD_LIMIT, deadline, source, answer, failure);
}

static bool
ask_parse(struct source *source, const char **why)
{
    *why = "ask: takes nothing behind it";
    return source->value[0] == '\0';
}

static bool
ask_check(const struct source *source, struct failure *failure)
{
    (void)source, (void)failure;
    return true;
}

/* One row a source. */
static const struct source_kind {
    const char *prefix;
    bool (*parse)(struct source *source, const char **why);
    bool (*check)(const struct source *source, struct failure *failure);
    bool (*read)(const struct source *source, struct deadline deadline, struct secret *answer,
                 struct failure *failure);
} kinds[] = {
    {"env:", env_parse, env_check, env_read},
    {"file:", file_parse, file_check, file_read},
    {"fd:", fd_parse, fd_check, fd_read},
    {"ask:", ask_parse, ask_check, NULL}, /* a person answers */
};

static const struct source_kind *
kind_find(const char *text)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strncmp(text, kinds[i].prefix, strlen(kinds[i].prefix)) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

bool
source_known(const char *text)
{
    return kind_find(text) != NULL;
}

bool
source_init(struct source *source, const char *text, const char **why)
{
    *why = NULL;
    *source = (struct source){.kind = kind_find(text), .text = strdup(text), .fd = -1};
    if (source->text == NULL) {
        return false;
    }
    source->value = source->text + strlen(source->kind->prefix);
    if (!source->kind->parse(source, why)) {
        source_free(source);
        return false;
    }
    *why = NULL;
    return true;
}

void
source_free(struct source *source)
{
    free(source->text);
    source->text = NULL;
}

bool
source_asks(const struct source *source)
{
    return source->kind->read == NULL;
}

bool
source_check(const struct source *source, struct failure *failure)
{
    return source->kind->check(source, failure);
}

bool
source_read(const struct source *source, struct deadline deadline, struct secret *answer,
            struct failure *failure)
{
    return source->kind->read(source, deadline, answer, failure);
}
