/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * respond_use.c: how often a source was refused, and what follows from it.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ask/ledger.h"
#include "respond_fixture.h"

/* The source is not used any more, after so many refusals. */
static void
expect_limit(struct respond_use *use, const char *prompt, const char *message)
{
    struct failure failure;
    const char *source;
    assert_int_equal(ask(use, prompt, &source, &failure), RESPOND_FAILED);
    assert_int_equal(failure.outcome, OUTCOME_CREDENTIAL);
    assert_string_equal(failure.message, message);
    assert_non_null(strstr(failure.hint, "--max-refused"));
}

static void
attempt(struct respond_rules *rules, const char *user, bool refused)
{
    struct respond_use *use = begin(rules, user);
    expect_answer(use, "Password: ", "secret");
    respond_end(use, refused);
}

static void
counts_refused_attempts(void **state)
{
    (void)state;
    setenv("RT_SECRET", "secret", 1);
    setenv("RT_OTHER", "other", 1);
    struct respond_rules *rules = rules_of("Pass=env:RT_SECRET", "Code=env:RT_OTHER");
    struct failure failure = FAILURE_INIT;
    assert_true(respond_add(rules, "PIN=env:RT_SECRET", &failure));
    for (int i = 0; i < 5; i++) {
        attempt(rules, "alice", false); /* those that were not refused do not count */
    }
    attempt(rules, "alice", true);
    attempt(rules, "bob", true);
    attempt(rules, "alice", true);
    struct respond_use *use = begin(rules, "alice");
    expect_answer(use, "Password: ", "secret");
    expect_answer(use, "PIN: ", "secret"); /* the same source: counts once */
    expect_answer(use, "Code: ", "other");
    respond_end(use, true);

    static const char limit[] =
        "env:RT_SECRET: refused 3 times for alice: not used again, since accounts lock";
    use = begin(rules, "alice");
    expect_limit(use, "Password: ", limit);
    expect_limit(use, "PIN: ", limit);
    expect_answer(use, "Code: ", "other"); /* refused once: another source */
    respond_end(use, false);
    use = begin(rules, "alice");
    expect_limit(use, "Password: ", limit); /* for good */
    respond_end(use, false);
    attempt(rules, "bob", true); /* others have counts of their own */
    attempt(rules, "bob", true);
    use = begin(rules, "bob");
    expect_limit(use, "Password: ",
                 "env:RT_SECRET: refused 3 times for bob: not used again, since accounts lock");
    respond_end(use, true);
    respond_free(rules);
}

static void
counts_repeated_prompts(void **state)
{
    (void)state;
    setenv("RT_SECRET", "secret", 1);
    struct respond_rules *rules = rules_of(".=env:RT_SECRET", NULL);
    struct respond_use *use = begin(rules, "alice");
    expect_answer(use, "Password: ", "secret");
    expect_answer(use, "Password: ", "secret"); /* 1 */
    expect_answer(use, "Code: ", "secret");
    expect_answer(use, "Password: ", "secret"); /* 2 */
    expect_limit(
        use, "Code: ", /* 3 */
        "env:RT_SECRET: refused 3 times for alice: not used again, since accounts lock");
    respond_end(use, false);
    respond_free(rules);

    ledger_forget_all();
    rules = rules_of(".=env:RT_SECRET", NULL);
    use = begin_limited(rules, "alice", 2);
    expect_answer(use, "Password: ", "secret");
    expect_answer(use, "Password: ", "secret");
    respond_end(use, true); /* the second answer was refused too */
    use = begin_limited(rules, "alice", 2);
    expect_limit(
        use, "Password: ",
        "env:RT_SECRET: refused 2 times for alice: not used again, since accounts lock");
    respond_end(use, false);
    respond_free(rules);
}

/* What is asked for together was not refused in between. */
static void
counts_rounds(void **state)
{
    (void)state;
    setenv("RT_SECRET", "secret", 1);
    struct respond_rules *rules = rules_of(".=env:RT_SECRET", NULL);
    struct respond_use *use = begin_limited(rules, "alice", 2);
    expect_answer(use, "Password: ", "secret");
    for (int i = 0; i < 99; i++) {
        expect_more(use, "Password: ", "secret");
    }
    expect_answer(use, "Password: ", "secret"); /* 1 */
    expect_more(use, "Password: ", "secret");
    expect_more(use, "Code: ", "secret");
    expect_limit(
        use, "Code: ", /* 2 */
        "env:RT_SECRET: refused 2 times for alice: not used again, since accounts lock");
    respond_end(use, false);
    respond_free(rules);
}

static void
takes_other_limits(void **state)
{
    (void)state;
    setenv("RT_SECRET", "secret", 1);
    struct respond_rules *rules = rules_of(".=env:RT_SECRET", NULL);
    struct respond_use *use = begin_limited(rules, "a\x1b[2J", 1);
    expect_answer(use, "Password: ", "secret");
    respond_end(use, true);
    use = begin_limited(rules, "a\x1b[2J", 1);
    expect_limit(
        use, "Password: ",
        "env:RT_SECRET: refused 1 time for a\\x1B[2J: not used again, since accounts lock");
    respond_end(use, false);
    for (int i = 0; i < 99; i++) {
        use = begin_limited(rules, "a\x1b[2J", 100);
        expect_answer(use, "Password: ", "secret");
        respond_end(use, true);
    }
    use = begin_limited(rules, "a\x1b[2J", 100);
    assert_int_equal(ask(use, "P", &(const char *){NULL}, &(struct failure){0}),
                     RESPOND_FAILED);
    respond_end(use, false);
    respond_free(rules);
}

/* A server that asks without end, each time something else: only so much is remembered. */
static void
remembers_so_much(void **state)
{
    (void)state;
    setenv("RT_SECRET", "secret", 1);
    struct respond_rules *rules = rules_of(".=env:RT_SECRET", NULL);
    struct respond_use *use = begin(rules, "alice");
    char prompt[32];
    for (int i = 0; i < 3000; i++) {
        snprintf(prompt, sizeof prompt, "Question %d: ", i);
        expect_answer(use, prompt, "secret");
    }
    expect_answer(use, prompt, "secret"); /* 1 */
    respond_end(use, true);               /* 2 */
    use = begin(rules, "alice");
    expect_answer(use, prompt, "secret");
    respond_end(use, true); /* 3 */
    use = begin(rules, "alice");
    expect_limit(
        use, prompt,
        "env:RT_SECRET: refused 3 times for alice: not used again, since accounts lock");
    respond_end(use, false);
    respond_free(rules);
}

/* Counts are the process's: rules of another line, the same source and the same user. */
static void
counts_across_rules(void **state)
{
    (void)state;
    setenv("RT_SECRET", "secret", 1);
    for (int i = 0; i < 3; i++) {
        struct respond_rules *line = rules_of(".=env:RT_SECRET", NULL);
        attempt(line, "alice", true);
        respond_free(line);
    }
    struct respond_rules *rules = rules_of("word=env:RT_SECRET", NULL);
    struct respond_use *use = begin(rules, "alice");
    expect_limit(
        use, "Password: ",
        "env:RT_SECRET: refused 3 times for alice: not used again, since accounts lock");
    respond_end(use, false);
    respond_free(rules);
}

#define TEST(test) cmocka_unit_test_setup(test, fixture_forget)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts_refused_attempts), TEST(counts_repeated_prompts), TEST(takes_other_limits),
        TEST(remembers_so_much),       TEST(counts_across_rules),     TEST(counts_rounds),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
