/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whatever a descriptor is of: nothing is read or written here.
 */
#include <config.h>

#include "util/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void
descriptor_close(int *fd)
{
    int error = errno;
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
    errno = error;
}

bool
descriptor_move_up(int *fd)
{
    if (*fd > STDERR_FILENO) {
        return true;
    }
    int high = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    descriptor_close(fd);
    *fd = high;
    return high >= 0;
}
