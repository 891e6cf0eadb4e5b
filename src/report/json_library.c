/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jansson, late.
 */
#include <config.h>

#include "report/json_library.h"

#ifdef LATE_JANSSON

union json_library_table json_library;

static const char *const names[] = {JSON_LIBRARY(LATE_NAME)};

_Static_assert(sizeof names / sizeof *names == sizeof json_library.addresses / sizeof(void *),
               "a name for each address");

static struct late_library library = {
    .file = LATE_JANSSON,
    .purpose = "--format=json",
    .names = names,
    .addresses = json_library.addresses,
    .count = sizeof names / sizeof *names,
};

bool
json_library_load(struct failure *failure)
{
    return late_load(&library, failure);
}

#else

bool
json_library_load(struct failure *failure)
{
    (void)failure;
    return true;
}

#endif
