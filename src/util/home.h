/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the user's own files are.
 */
#ifndef HOME_H
#define HOME_H

#include <limits.h>

/*
 * The first is HOME as the shell has it, so that a test or a service can have its own, else the
 * account's; the second is the account's, where ssh looks whatever HOME says; the third is
 * another's. Each returns `out`, or NULL where there is none that is absolute and fits. Threads
 * may call them at the same time.
 */
const char *home_directory(char out[PATH_MAX]);
const char *home_of_account(char out[PATH_MAX]);
const char *home_of_user(char out[PATH_MAX], const char *user);

#endif
