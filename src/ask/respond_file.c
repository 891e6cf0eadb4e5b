/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rules from a file. It holds no answers, but somebody may take it for a place where they
 * belong: messages repeat no line, and what was read is wiped.
 */
#include <config.h>

#include "ask/respond_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask/source_kind.h"
#include "util/escape.h"
#include "util/signals.h"

#define FILE_MAX (1024 * 1024)

static bool
unusable(struct failure *failure, const char *where, const char *why)
{
    failure_set(failure, OUTCOME_USAGE, "%s: %s", where, why);
    return false;
}

static bool
read_failed(const char *where, struct failure *failure)
{
    if (errno == EINTR && signals_caught() != 0) {
        return source_interrupted(failure);
    }
    return unusable(failure, where,
                    errno == ETIMEDOUT ? "its end did not come in time" : strerror(errno));
}

/* The whole file; its length, or -1 with the failure set. */
static ssize_t
read_file(int fd, char *text, const char *where, struct failure *failure)
{
    struct deadline deadline = deadline_after(RESPOND_FILE_LIMIT * DEADLINE_SECOND);
    size_t len = 0;

    for (;;) {
        ssize_t n = source_read_some(fd, text + len, FILE_MAX + 1 - len, deadline);
        if (n < 0) {
            read_failed(where, failure);
            return -1;
        }
        if (n == 0) {
            return (ssize_t)len;
        }
        len += (size_t)n;
        if (len > FILE_MAX) {
            unusable(failure, where, "it is longer than 1 MiB");
            return -1;
        }
    }
}

/* One line, ended by a NUL; `len` tells of those within. */
static bool
add_line(struct respond_rules *rules, char *line, size_t len, const char *where,
         struct failure *failure)
{
    if (len > 0 && line[len - 1] == '\r') {
        line[--len] = '\0';
    }
    if (memchr(line, '\0', len) != NULL) {
        return unusable(failure, where, "there is a NUL byte in this line");
    }
    line += strspn(line, " \t");
    return *line == '\0' || *line == '#' || respond_add_from(rules, line, where, failure);
}

/* `text` has room for a NUL behind it. */
static bool
add_lines(struct respond_rules *rules, char *text, size_t len, const char *where,
          struct failure *failure)
{
    char *end = text + len;
    char line_where[512];
    size_t number = 0;

    *end = '\0';
    while (text < end) {
        char *newline = memchr(text, '\n', (size_t)(end - text));
        newline = newline == NULL ? end : newline;
        *newline = '\0';
        snprintf(line_where, sizeof line_where, "%s:%zu", where, ++number);
        if (!add_line(rules, text, (size_t)(newline - text), line_where, failure)) {
            return false;
        }
        text = newline + 1;
    }
    return true;
}

bool
respond_add_file(struct respond_rules *rules, const char *path, struct failure *failure)
{
    char shown[256], where[sizeof shown + 24];
    char *text = malloc(FILE_MAX + 1);
    bool good = false;

    escape_into(shown, sizeof shown, path, strlen(path), ESCAPE_LINE);
    snprintf(where, sizeof where, "--respond-file %s", shown);
    if (text == NULL) {
        return failure_no_memory(failure);
    }
    /* O_NONBLOCK: a FIFO without a writer is waited for in poll(2), which has a limit */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        unusable(failure, where, strerror(errno));
        goto out;
    }
    ssize_t len = read_file(fd, text, where, failure);
    close(fd);
    good = len >= 0 && add_lines(rules, text, (size_t)len, where, failure);
    explicit_bzero(text, len >= 0 ? (size_t)len : FILE_MAX + 1);
out:
    free(text);
    return good;
}
