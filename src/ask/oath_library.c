/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Liboath, late.
 */
#include <config.h>

#include "ask/oath_library.h"
#include "util/late.h"

#ifdef LATE_OATH
LATE_LIBRARY(oath, LATE_OATH, "a one-time password", OATH_LIBRARY);
#else
LATE_LINKED(oath);
#endif
