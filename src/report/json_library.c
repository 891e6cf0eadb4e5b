/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jansson, late.
 */
#include <config.h>

#include "report/json_library.h"
#include "util/late.h"

#ifdef LATE_JANSSON
LATE_LIBRARY(json, LATE_JANSSON, "--format=json", JSON_LIBRARY);
#else
LATE_LINKED(json);
#endif
