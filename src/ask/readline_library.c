/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Readline, late.
 */
#include <config.h>

#include "ask/readline_library.h"

#ifdef LATE_READLINE

union readline_library_table readline_library;

static const char *const names[] = {READLINE_LIBRARY(LATE_NAME)};

_Static_assert(sizeof names / sizeof *names ==
                   sizeof readline_library.addresses / sizeof(void *),
               "a name for each address");

static struct late_library library = {
    .file = LATE_READLINE,
    .purpose = "a prompt",
    .names = names,
    .addresses = readline_library.addresses,
    .count = sizeof names / sizeof *names,
};

bool
readline_library_load(struct failure *failure)
{
    return late_load(&library, failure);
}

#else

bool
readline_library_load(struct failure *failure)
{
    (void)failure;
    return true;
}

#endif
