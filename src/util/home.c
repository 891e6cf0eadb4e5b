/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The environment, and the account.
 */
#include <config.h>

#include "util/home.h"

#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

const char *
home_of_account(void)
{
    const struct passwd *account = getpwuid(getuid());
    return account != NULL && account->pw_dir[0] == '/' ? account->pw_dir : NULL;
}

const char *
home_directory(void)
{
    const char *home = getenv("HOME");
    return home != NULL && home[0] == '/' ? home : home_of_account();
}
