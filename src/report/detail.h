/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What TAP and JUnit tell of a chain: its name as a test, and the details, which are keys and
 * values in the layout of a YAML block. How a text is written is the format's. Where the
 * verdict is NULL it is told of a target that has no chain.
 */
#ifndef DETAIL_H
#define DETAIL_H

#include <stdio.h>

#include "probe/result.h"

struct detail {
    FILE *out;
    int indent; /* columns */
    bool *lost; /* is set where memory was short for a part of it */
    /* Writes a text that somebody else may have chosen, behind "key: " or "- "; what goes on
     * more lines is indented by more than `indent`. */
    void (*put_text)(const struct detail *detail, const char *text, size_t len);
};

/* "alice@host:22: publickey,password", printable, one line; a listing is "list". Without a
 * chain the outcome stands there, and the target is called as it was typed, or by its place. */
void detail_name(FILE *out, const struct result *result, const struct verdict *verdict);

/* One line for people, printable: the first expectation that was not met, or what came. */
void detail_message(FILE *out, const struct result *result, const struct verdict *verdict);

/* All of it, each line ended. */
void detail_put(const struct detail *detail, const struct result *result,
                const struct verdict *verdict);

/* Of the chain, or of the target without one. */
enum outcome detail_outcome(const struct result *result, const struct verdict *verdict);
int detail_exit(const struct result *result, const struct verdict *verdict);

#endif
