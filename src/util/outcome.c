/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * outcome.def as a table. The rows are read here and nowhere retyped.
 */
#include <config.h>

#include "util/outcome.h"

#include <string.h>

enum { ANSWERED = 1, EXPECTABLE = 2 };

struct row {
    const char *word;
    int status;
    unsigned flags;
    const char *meaning;
};

static const struct row rows[] = {
#define OUTCOME(symbol, word, status, flags, meaning) {word, status, flags, meaning},
#include "util/outcome.def"
#undef OUTCOME
};

_Static_assert(sizeof rows / sizeof rows[0] == OUTCOME_COUNT, "one row an outcome");
_Static_assert(OUTCOME_COUNT <= 32, "outcome_set has a bit for each");

/* A value that is no outcome is a defect somewhere: it is reported as one, not read out of
 * bounds. */
static const struct row *
row_of(enum outcome outcome)
{
    return &rows[(unsigned)outcome < OUTCOME_COUNT ? outcome : OUTCOME_INTERNAL];
}

const char *
outcome_word(enum outcome outcome)
{
    return row_of(outcome)->word;
}

int
outcome_status(enum outcome outcome)
{
    return row_of(outcome)->status;
}

const char *
outcome_meaning(enum outcome outcome)
{
    return row_of(outcome)->meaning;
}

bool
outcome_answered(enum outcome outcome)
{
    return (row_of(outcome)->flags & ANSWERED) != 0;
}

enum outcome
outcome_find(const char *word, size_t len)
{
    for (size_t i = 0; i < OUTCOME_COUNT; i++) {
        if (strlen(rows[i].word) == len && memcmp(rows[i].word, word, len) == 0) {
            return (enum outcome)i;
        }
    }
    return OUTCOME_COUNT;
}

bool
outcome_expectable(enum outcome outcome)
{
    return (row_of(outcome)->flags & EXPECTABLE) != 0;
}

int
outcome_exit(enum outcome outcome, outcome_set expected)
{
    if (expected == 0) {
        return outcome_status(outcome);
    }
    if ((unsigned)outcome < OUTCOME_COUNT && (expected >> outcome & 1) != 0) {
        return 0;
    }
    return outcome_status(outcome_answered(outcome) ? OUTCOME_UNEXPECTED : outcome);
}
