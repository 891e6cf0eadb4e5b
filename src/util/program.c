/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looks through PATH.
 */
#include <config.h>

#include "util/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_program(const char *path)
{
    struct stat status;

    return access(path, X_OK) == 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

bool
program_find(const char *named, char *path, size_t size)
{
    if (strchr(named, '/'))
        return (size_t)snprintf(path, size, "%s", named) < size;
    const char *folder = getenv("PATH");
    while (folder) {
        size_t len = strcspn(folder, ":");
        int n = snprintf(path, size, "%.*s/%s", (int)len, len ? folder : ".", named);
        if (n > 0 && (size_t)n < size && is_program(path))
            return true;
        folder = folder[len] == ':' ? folder + len + 1 : NULL;
    }
    return false;
}
