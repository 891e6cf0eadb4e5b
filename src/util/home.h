/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the user's own files are.
 */
#ifndef HOME_H
#define HOME_H

/*
 * Absolute, or NULL where there is none. The first is HOME as the shell has it, so that a test
 * or a service can have its own, else the account's; the second is the account's, where ssh
 * looks whatever HOME says. Valid until the next call of either or of getpwuid(3): for one
 * thread.
 */
const char *home_directory(void);
const char *home_of_account(void);

#endif
