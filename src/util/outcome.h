/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one vocabulary of results. Every room returns these; none may enter here.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum outcome {
#define OUTCOME(symbol, word, status, flags, meaning) OUTCOME_##symbol,
#include "util/outcome.def"
#undef OUTCOME
    OUTCOME_COUNT
};

/* A set of outcomes: bit 1 << enum outcome. */
typedef uint32_t outcome_set;

/* The word that reports and --expect use, a static string. */
const char *outcome_word(enum outcome outcome);

/* The exit status, 0 to 130. */
int outcome_status(enum outcome outcome);

/* One line on what the outcome means, a static string. */
const char *outcome_meaning(enum outcome outcome);

/* True where the server answered the question that was put to it. */
bool outcome_answered(enum outcome outcome);

/* Looks a word of `len` bytes up, in full. OUTCOME_COUNT where there is none. */
enum outcome outcome_find(const char *word, size_t len);

/* True where the outcome may be named in --expect. */
bool outcome_expectable(enum outcome outcome);

/*
 * The exit status of a chain that ended as `outcome` where `expected` was asked for (0: nothing
 * was): 0 where it was met, 14 where it was not and the server did answer, else the outcome's
 * own status.
 */
int outcome_exit(enum outcome outcome, outcome_set expected);

#endif
