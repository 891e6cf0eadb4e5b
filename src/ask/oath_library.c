/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Liboath, late.
 */
#include <config.h>

#include "ask/oath_library.h"

#ifdef LATE_OATH

union oath_library_table oath_library;

static const char *const names[] = {OATH_LIBRARY(LATE_NAME)};

_Static_assert(sizeof names / sizeof *names == sizeof oath_library.addresses / sizeof(void *),
               "a name for each address");

static struct late_library library = {
    .file = LATE_OATH,
    .purpose = "a one-time password",
    .names = names,
    .addresses = oath_library.addresses,
    .count = sizeof names / sizeof *names,
};

bool
oath_library_load(struct failure *failure)
{
    return late_load(&library, failure);
}

#else

bool
oath_library_load(struct failure *failure)
{
    (void)failure;
    return true;
}

#endif
