/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of respond.c, respond_use.c and ledger.c: rules, an attempt, one prompt after
 * the other.
 */
#ifndef RESPOND_FIXTURE_H
#define RESPOND_FIXTURE_H

#include "ask/respond.h"
#include "ask_fixture.h"

/* A test's setup: no answer was refused yet, or is on its way. */
int fixture_forget(void **state);

/* One rule, or two. */
struct respond_rules *rules_of(const char *first, const char *second);

/* An attempt of the user's at LOGIN, a dialogue. */
struct respond_use *begin(const struct respond_rules *rules, const char *user);
struct respond_use *begin_limited(const struct respond_rules *rules, const char *user,
                                  unsigned max_refused);

/* A round of one prompt, and what came of it. */
enum respond_result ask(struct respond_use *use, const char *prompt, const char **source,
                        struct failure *failure);

/* A round of one prompt that has this answer; and another prompt in the same round. */
void expect_answer(struct respond_use *use, const char *prompt, const char *answer);
void expect_more(struct respond_use *use, const char *prompt, const char *answer);

#endif
