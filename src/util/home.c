/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The environment, and the account.
 */
#include <config.h>

#include "util/home.h"

#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENTRY_MAX = 16384 }; /* bytes of an account's entry */

static const char *
copy_absolute(char out[PATH_MAX], const char *path)
{
    if (path[0] != '/' || strlen(path) >= PATH_MAX)
        return NULL;
    return strcpy(out, path);
}

const char *
home_of_account(char out[PATH_MAX])
{
    char text[ENTRY_MAX];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(getuid(), &entry, text, sizeof(text), &found) != 0 || found == NULL)
        return NULL;
    return copy_absolute(out, entry.pw_dir);
}

const char *
home_of_user(char out[PATH_MAX], const char *user)
{
    char text[ENTRY_MAX];
    struct passwd entry, *found = NULL;
    if (getpwnam_r(user, &entry, text, sizeof(text), &found) != 0 || found == NULL)
        return NULL;
    return copy_absolute(out, entry.pw_dir);
}

const char *
home_directory(char out[PATH_MAX])
{
    const char *home = getenv("HOME");
    return home != NULL && home[0] == '/' ? copy_absolute(out, home) : home_of_account(out);
}
