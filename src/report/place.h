/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a target was named, and what to call one that has no chain to be told of.
 */
#ifndef PLACE_H
#define PLACE_H

#include <stdio.h>

#include "probe/result.h"

/* "hosts line 7", printable, one line; nothing, and false, where it was the command line. */
bool place_put(FILE *out, const struct result_place *place);

/* What a target is called where one line has to do, printable: "alice@h2 port 22", or as it was
 * typed, or by its place. */
void place_target(FILE *out, const struct result *result);

/* "alice@h2" as messages name it, or as it was typed, printable; empty where nothing is known.
 */
const char *place_label(const struct result *result);

/* What a message on it begins with, "hosts:7: ", else "alice@h2: "; nothing where neither is
 * known. */
void place_prefix(FILE *out, const struct result *result);

/* A signal came before anything was done for this target. */
bool place_is_unbegun(const struct result *result);

#endif
