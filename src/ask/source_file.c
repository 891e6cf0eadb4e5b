/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * file:, and the opening of files that hold a secret.
 */
#include <config.h>

#include "ask/source_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask/respond.h"
#include "util/private_file.h"

static bool
file_parse(struct source *source, const char **why)
{
    *why = "file: takes a path";
    return source->value[0] != '\0';
}

/* May the secret be in what has this status? */
static bool
file_fits(const struct source *source, const struct stat *status, struct failure *failure)
{
    char why[160];

    if (S_ISDIR(status->st_mode)) {
        return source_unusable(failure, source, strerror(EISDIR));
    }
    if (private_file_is(status, why, sizeof why)) {
        return true;
    }
    source_unusable(failure, source, why);
    failure_hint(failure, PRIVATE_FILE_HINT);
    return false;
}

/* O_NONBLOCK: a FIFO without a writer is waited for in poll(2), which has a limit. */
int
source_file_open(const struct source *source, struct failure *failure)
{
    struct stat status;
    int fd = open(source->value, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status) != 0) {
        source_unusable(failure, source, strerror(errno));
    } else if (file_fits(source, &status, failure)) {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

/* A FIFO is not opened: its writer would take us for the reader, and get SIGPIPE. */
bool
source_file_check(const struct source *source, struct failure *failure)
{
    struct stat status;

    if (stat(source->value, &status) != 0) {
        return source_unusable(failure, source, strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return file_fits(source, &status, failure) &&
               (faccessat(AT_FDCWD, source->value, R_OK, AT_EACCESS) == 0 ||
                source_unusable(failure, source, strerror(errno)));
    }
    int fd = source_file_open(source, failure);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static bool
file_read(const struct source *source, const char *login, struct deadline deadline,
          struct secret *answer, struct failure *failure)
{
    (void)login;
    int fd = source_file_open(source, failure);
    if (fd < 0) {
        return false;
    }
    bool good =
        source_read_line(fd, 512, RESPOND_FILE_LIMIT, deadline, source, answer, failure);
    close(fd);
    return good;
}

const struct source_kind source_file = {"file:", "PATH", file_parse, source_file_check,
                                        file_read};
