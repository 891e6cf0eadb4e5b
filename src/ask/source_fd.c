/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fd: a line a use of a descriptor that was open when we were started.
 */
#include <config.h>

#include "ask/source_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ask/respond.h"

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
    /* what is closed on exec is one of our own, which has that number by chance: a server's
     * socket, or the list that names this source */
    if (flags < 0 || (fcntl(source->fd, F_GETFD) & FD_CLOEXEC)) {
        return source_unusable(failure, source, "the descriptor is not open");
    }
    if ((flags & O_ACCMODE) == O_WRONLY) {
        return source_unusable(failure, source, "the descriptor is not open for reading");
    }
    return true;
}

static bool
fd_read(const struct source *source, const char *login, struct deadline deadline,
        struct secret *answer, struct failure *failure)
{
    (void)login;
    /* poll(2) says nothing of a closed one that read(2) would not, but words are better. */
    return fd_check(source, failure) &&
           source_read_line(source->fd, 1, RESPOND_FD_LIMIT, deadline, source, answer, failure);
}

const struct source_kind source_fd = {"fd:", "N", fd_parse, fd_check, fd_read};
