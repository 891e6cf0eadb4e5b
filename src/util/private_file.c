/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * As ssh judges a private key's file, and a little stricter with those of other owners.
 */
#include <config.h>

#include "util/private_file.h"

#include <stdio.h>
#include <unistd.h>

bool
private_file_is(const struct stat *status, char *why, size_t size)
{
    mode_t too_much = status->st_uid == geteuid() ? 077 : 007;

    if (!S_ISREG(status->st_mode) && !S_ISFIFO(status->st_mode))
        return true;
    if (!(status->st_mode & too_much))
        return true;
    snprintf(why, size, "others have access to it (mode %04o)",
             (unsigned)(status->st_mode & 07777));
    return false;
}
