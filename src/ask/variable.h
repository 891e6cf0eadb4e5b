/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variables of the environment that hold secrets. Each is taken out of the environment when it
 * is first named: its bytes there are wiped, children do not inherit it, and what is kept is
 * masked by random bytes, so that a look at the memory does not find it. State of the whole
 * process, as the environment is; threads may use it at the same time.
 */
#ifndef VARIABLE_H
#define VARIABLE_H

#include <stdbool.h>

#include "util/secret.h"

enum variable_result {
    VARIABLE_TAKEN,
    VARIABLE_UNSET,
    VARIABLE_TOO_LONG, /* longer than SECRET_MAX */
    VARIABLE_NO_MEMORY
};

/* Takes it, unless that was done before. */
enum variable_result variable_take(const char *name);

/* Takes it where that was not done yet, and appends its value to `answer`. */
enum variable_result variable_read(const char *name, struct secret *answer);

/* Forgets all, wiped: at the end. */
void variable_forget_all(void);

#endif
