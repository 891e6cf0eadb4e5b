/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mini-XML, late.
 */
#include <config.h>

#include "report/xml_library.h"

#ifdef LATE_MXML

union xml_library_table xml_library;

static const char *const names[] = {XML_LIBRARY(LATE_NAME)};

_Static_assert(sizeof names / sizeof *names == sizeof xml_library.addresses / sizeof(void *),
               "a name for each address");

static struct late_library library = {
    .file = LATE_MXML,
    .purpose = "--format=junit",
    .names = names,
    .addresses = xml_library.addresses,
    .count = sizeof names / sizeof *names,
};

bool
xml_library_load(struct failure *failure)
{
    return late_load(&library, failure);
}

#else

bool
xml_library_load(struct failure *failure)
{
    (void)failure;
    return true;
}

#endif
