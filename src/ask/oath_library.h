/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What one-time passwords call of liboath, which is loaded with the first one,
 * or before a connection that a rule may need it for.
 */
#ifndef OATH_LIBRARY_H
#define OATH_LIBRARY_H

#include <liboath/oath.h>

#include "util/failure.h"

/* Before anything of it is called; see late_load(). */
bool oath_library_load(struct failure *failure);

#ifdef LATE_OATH
/* clang-format off */

#define OATH_LIBRARY(ROW) \
    ROW(oath_init) \
    ROW(oath_totp_generate2)

#include "util/late.h"

LATE_TABLE(oath, OATH_LIBRARY);

#define oath_init           (*oath_library.of.oath_init)
#define oath_totp_generate2 (*oath_library.of.oath_totp_generate2)

/* clang-format on */
#endif

#endif
