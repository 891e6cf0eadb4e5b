/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Readline, late.
 */
#include <config.h>

#include "ask/readline_library.h"
#include "util/late.h"

#ifdef LATE_READLINE
LATE_LIBRARY(readline, LATE_READLINE, "a prompt", READLINE_LIBRARY);
#else
LATE_LINKED(readline);
#endif
