/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of expectations: a verdict made of one row, and what is to become of it.
 */
#ifndef EXPECT_FIXTURE_H
#define EXPECT_FIXTURE_H

#include "probe/expect.h"

#define SET(symbol) ((outcome_set)1 << OUTCOME_##symbol)
#define STEPS       3

enum { NONE, KEY, GSS, KBDINT };

/* A step of a chain; no outcome is needed but for GSS. */
struct made {
    int method; /* of `methods` */
    const char *remaining;
    enum outcome outcome;
    bool has_gss, delegated;
};

struct row {
    /* settings */
    outcome_set expected;
    const char *expect_offered, *forbid_offered;
    bool require_delegation;
    /* what came */
    enum outcome outcome;
    const char *listing; /* the list of a `none` request before the chain */
    struct made steps[STEPS];
    size_t step_count;
    /* what is made of it */
    int status;
    const char *unmet[VERDICT_UNMET_MAX];
};

/* Judges the verdict that the row describes. What *verdict refers to is gone afterwards. */
void judge(const struct row *row, struct verdict *verdict);

/* Judges each row, and asserts what it says. */
void check_rows(const struct row *rows, size_t count);
#define CHECK(rows) check_rows(rows, sizeof rows / sizeof rows[0])

#endif
