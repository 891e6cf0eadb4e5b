/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * MIT Kerberos, late.
 */
#include <config.h>

#include "gss/library.h"

#ifdef LATE_GSSAPI

union gss_library_table gss_library;

static const char *const names[] = {GSS_LIBRARY(LATE_NAME)};

_Static_assert(sizeof names / sizeof *names == sizeof gss_library.addresses / sizeof(void *),
               "a name for each address");

static struct late_library library = {
    .file = LATE_GSSAPI,
    .purpose = "gssapi-with-mic",
    .names = names,
    .addresses = gss_library.addresses,
    .count = sizeof names / sizeof *names,
};

bool
gss_library_load(struct failure *failure)
{
    return late_load(&library, failure);
}

#else

bool
gss_library_load(struct failure *failure)
{
    (void)failure;
    return true;
}

#endif
