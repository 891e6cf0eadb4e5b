/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * -v: one line for each userauth message, in both directions.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdint.h>
#include <stdio.h>

#include "ssh2/userauth_msg.h"

/* `started` is the clock_now() that times count from. */
void trace_message(FILE *log, int64_t started, const struct userauth_msg *msg);

#endif
