/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the text format share, and its wording for other formats. text.c is the
 * report on a chain, text_step.c what it says of one step, text_target.c of a target.
 */
#ifndef TEXT_H
#define TEXT_H

#include "report/report.h"

/* The outcome's word, in its colour, filled with blanks up to `width`. */
void text_outcome(const struct report *report, enum outcome outcome, int width);

/* Text of somebody else's, the server's or the agent's, escaped: lines that begin with `indent`
 * and a bar, so that none can pose as the report's own. */
void text_foreign(const struct report *report, const char *indent, const struct bytes *text);

/* A name-list, escaped, with blanks after the commas; "nothing" where it is empty or NULL. */
void text_list(FILE *out, const char *list);

/* "failure or not-offered". */
void text_outcomes(FILE *out, outcome_set outcomes);

/* What the outcome means for this user, printable, without the outcome's word. */
void text_conclusion(FILE *out, const struct verdict *verdict);

/* " (stage kex)", for a timeout with the time spent. */
void text_stage(FILE *out, const struct verdict *verdict);

/* Where a list has it, a line; nothing for a target of the command line. */
void text_place(const struct report *report, const struct result *result);

/* All about a target that has no chain. */
void text_unrun(const struct report *report, const struct result *result);

/* All about one step; `number` counts from 1. */
void text_step(const struct report *report, const struct step *step, size_t number);

#endif
