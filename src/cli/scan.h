/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words to options: finds the rows of options.def in an argument list and hands each to the
 * caller, with its value. What a value means is not known here.
 */
#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>

#include "util/failure.h"

enum option_id {
#define OPTION(symbol, letter, name, argument, section, text) OPTION_##symbol,
#include "cli/options.def"
#undef OPTION
    OPTION_COUNT
};

enum scan_result {
    SCAN_GO_ON,
    SCAN_DONE, /* leave the rest unread */
    SCAN_BAD   /* a failure was recorded */
};

/* One option; `spelled` is "-p" or "--port", as the user wrote it; `value` is NULL where it
 * takes none. */
typedef enum scan_result scan_taker(void *context, enum option_id id, const char *spelled,
                                    char *value);

/*
 * Calls `take` for each option, in order. argv is permuted: targets come last. Returns the
 * index of the first target, or -1 with a failure recorded: USAGE for an option that does not
 * exist, is ambiguous, or has an argument too many or too few; else what `take` recorded.
 */
int scan_options(int argc, char **argv, scan_taker *take, void *context,
                 struct failure *failure);

/* An option as text: "--port", "-4". */
struct spelling {
    char text[40];
};
struct spelling scan_spelling(enum option_id id);

/* The name of its argument in options.def, or NULL. */
const char *scan_argument(enum option_id id);

#endif
