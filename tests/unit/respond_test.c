/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * respond.c and respond_use.c: rules, what they match, and what an attempt takes from them.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ask/respond.h"
#include "ask_fixture.h"

static struct respond_rules *
rules_of(const char *first, const char *second)
{
    struct failure failure = FAILURE_INIT;
    struct respond_rules *rules = respond_new();
    assert_non_null(rules);
    if (!respond_add(rules, first, &failure) ||
        (second != NULL && !respond_add(rules, second, &failure))) {
        fail_msg("%s", failure.message);
    }
    return rules;
}

static struct respond_use *
begin(struct respond_rules *rules, const char *user)
{
    struct respond_use *use = respond_begin(rules, user, LOGIN);
    assert_non_null(use);
    return use;
}

/* One prompt; what was answered is in `answered`, the source in `*source`. */
static char answered[SECRET_MAX + 1];

static enum respond_result
ask(struct respond_use *use, const char *prompt, const char **source, struct failure *failure)
{
    struct secret secret;
    *failure = FAILURE_INIT;
    assert_true(secret_init(&secret));
    assert_true(secret_append(&secret, "stale", 5));
    enum respond_result result =
        respond_answer(use, prompt, strlen(prompt), FAR, &secret, source, failure);
    assert_int_equal(result == RESPOND_FAILED, failure_is_set(failure));
    assert_true(result == RESPOND_ANSWERED || secret.len == 0);
    memcpy(answered, secret.text, secret.len + 1);
    secret_free(&secret);
    return result;
}

static void
expect_answer(struct respond_use *use, const char *prompt, const char *answer)
{
    struct failure failure;
    const char *source;
    if (ask(use, prompt, &source, &failure) != RESPOND_ANSWERED) {
        fail_msg("%s: %s", prompt, failure.message);
    }
    assert_string_equal(answered, answer);
}

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
rejects_malformed_rules(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "x",
        "Password",
        "p=",
        "p=pw",
        "p=cmd:",
        "p=totp:",
        "p=cmd",
        "p=otp:x",
        "env:A",
        "p=env",
        "p=env:",
        "p=env:A=B",
        "p=file:",
        "p=fd:",
        "p=fd:x",
        "p=fd:-1",
        "p=fd:1x",
        "p=fd: 1",
        "p=fd:+1",
        "p=ask",
        "p=ask:x",
        "(=env:A",
        "[a=ask:",
        "*a{=ask:",
        "a{2=env:A",
        "p=fd:99999999999999999999",
        "p=fd:2147483648",
        "p=ENV:A",
    };
    struct respond_rules *rules = respond_new();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct failure failure = FAILURE_INIT;
        if (respond_add(rules, bad[i], &failure)) {
            fail_msg("accepted: %s", bad[i]);
        }
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
        assert_true(failure_is_set(&failure));
    }
    struct failure failure = FAILURE_INIT;
    assert_false(respond_add(rules, "\x1b[2J=nope:", &failure));
    assert_null(strchr(failure.message, '\x1b'));
    respond_free(rules);
    respond_free(NULL);
}

static const struct {
    const char *first, *second, *prompt;
    size_t len;         /* 0: strlen */
    const char *source; /* NULL: no rule matches */
} matches[] = {
    {"Password=ask:", NULL, "Password: ", 0, "ask:"},
    {"assw=ask:", NULL, "Password: ", 0, "ask:"},
    {"password=ask:", NULL, "Password: ", 0, NULL},
    {"^Password: $=ask:", NULL, "Password: ", 0, "ask:"},
    {"^word=ask:", NULL, "Password: ", 0, NULL},
    {"=ask:", NULL, "anything", 0, "ask:"},
    {"=ask:", NULL, "", 0, "ask:"},
    {"^$=ask:", NULL, "", 0, "ask:"},
    {"(Pass|Code)=fd:3", "Code=ask:", "Code: ", 0, "fd:3"},
    {"Pass=fd:3", "Code=ask:", "Code: ", 0, "ask:"},
    /* The first '=' that a source follows splits: others belong to the pattern or the path. */
    {"a=b=ask:", NULL, "a=b", 0, "ask:"},
    {"a=b=ask:", NULL, "a", 0, NULL},
    {"a=file:/x=env:y", NULL, "a", 0, "file:/x=env:y"},
    /* Bytes: newlines, NULs, UTF-8 and what is none. */
    {"^b=ask:", NULL, "a\nb", 0, NULL},
    {"a.b=ask:", NULL, "a\nb", 0, "ask:"},
    {"^a.b$=ask:", NULL, "a\0b", 3, "ask:"},
    {"b=ask:", NULL, "a\0b", 3, "ask:"},
    {"^caf.$=ask:", NULL, "caf\xc3\xa9", 0, "ask:"},
    {"^caf[\xc3\xa8\xc3\xa9]$=ask:", NULL, "caf\xc3\xa9", 0, "ask:"},
    {"^caf.$=ask:", NULL, "caf\xe9", 0, "ask:"},
    {"\xef\xbf\xbd=ask:", NULL, "caf\xe9", 0, "ask:"},
    {"^caf.$=ask:", NULL, "caf\xc3", 0, "ask:"},
    {"^..$=ask:", NULL, "\xc0\x80", 0, "ask:"},
    {"Pass=ask:", NULL, "Password", 3, NULL},
};

static void
matches_prompts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof matches / sizeof matches[0]; i++) {
        struct failure failure = FAILURE_INIT;
        struct respond_rules *rules = rules_of(matches[i].first, matches[i].second);
        struct respond_use *use = begin(rules, "alice");
        struct secret secret;
        const char *source = "unset", *prompt = matches[i].prompt;
        size_t len = matches[i].len != 0 ? matches[i].len : strlen(prompt);
        assert_true(secret_init(&secret));
        enum respond_result result =
            respond_answer(use, prompt, len, FAR, &secret, &source, &failure);
        if (matches[i].source == NULL) {
            if (result != RESPOND_NO_RULE || source != NULL) {
                fail_msg("%s matches %s", matches[i].first, prompt);
            }
        } else {
            if (source == NULL) {
                fail_msg("%s does not match %s", matches[i].first, prompt);
            }
            assert_string_equal(source, matches[i].source);
            if (strcmp(source, "ask:") == 0) {
                assert_int_equal(result, RESPOND_ASK);
            }
        }
        secret_free(&secret);
        respond_end(use, false);
        respond_free(rules);
    }
    struct failure failure;
    struct respond_rules *none = respond_new();
    struct respond_use *use = begin(none, "alice");
    const char *source;
    assert_int_equal(ask(use, "x", &source, &failure), RESPOND_NO_RULE);
    assert_null(source);
    respond_end(use, true);
    respond_end(NULL, true);
    respond_free(none);
}

/* ---- answers ---- */

static void
shares_a_descriptor(void **state)
{
    (void)state;
    int ends[2];
    char first[32], second[32];
    struct failure failure;
    const char *source;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "one\ntwo\nthree\n", 14), 14);
    close(ends[1]);
    snprintf(first, sizeof first, "Code=fd:%d", ends[0]);
    snprintf(second, sizeof second, "Pass=fd:%d", ends[0]);
    struct respond_rules *rules = rules_of(first, second);
    struct respond_use *use = begin(rules, "alice");
    expect_answer(use, "Password: ", "one");
    expect_answer(use, "Code: ", "two");
    respond_end(use, false);
    use = begin(rules, "bob");
    expect_answer(use, "Password: ", "three");
    assert_int_equal(ask(use, "Code: ", &source, &failure), RESPOND_FAILED);
    assert_int_equal(failure.outcome, OUTCOME_CREDENTIAL);
    assert_string_equal(source, strchr(first, '=') + 1);
    respond_end(use, false);
    respond_free(rules);
    close(ends[0]);
}

static void
checks_all_sources(void **state)
{
    (void)state;
    struct failure failure = FAILURE_INIT;
    setenv("RT_PW", "x", 1);
    struct respond_rules *rules = rules_of("x=ask:", "y=env:RT_PW");
    assert_true(respond_check(rules, &failure));
    assert_null(getenv("RT_PW")); /* taken, so that no child of another source has it */
    assert_true(respond_check(rules, &failure));
    assert_true(respond_add(rules, "z=env:RT_UNSET", &failure));
    assert_true(respond_add(rules, "z=env:RT_UNSET_TOO", &failure));
    assert_false(respond_check(rules, &failure));
    assert_int_equal(failure.outcome, OUTCOME_CREDENTIAL);
    assert_string_equal(failure.message, "env:RT_UNSET: the variable is not set");
    respond_free(rules);
}

/* ---- refused too often ---- */

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

    rules = rules_of(".=env:RT_SECRET", NULL);
    respond_limit(rules, 2);
    use = begin(rules, "alice");
    expect_answer(use, "Password: ", "secret");
    expect_answer(use, "Password: ", "secret");
    respond_end(use, true); /* the second answer was refused too */
    use = begin(rules, "alice");
    expect_limit(
        use, "Password: ",
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
    respond_limit(rules, 1);
    attempt(rules, "a\x1b[2J", true);
    struct respond_use *use = begin(rules, "a\x1b[2J");
    expect_limit(
        use, "Password: ",
        "env:RT_SECRET: refused 1 time for a\\x1B[2J: not used again, since accounts lock");
    respond_end(use, false);
    respond_limit(rules, 100);
    for (int i = 0; i < 99; i++) {
        attempt(rules, "a\x1b[2J", true);
    }
    use = begin(rules, "a\x1b[2J");
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

/* One that takes regexec(3) too long is not looked at. */
static void
matches_prompts_up_to_a_length(void **state)
{
    (void)state;
    static char prompt[RESPOND_PROMPT_MAX + 2];
    struct failure failure;
    const char *source;
    setenv("RT_SECRET", "secret", 1);
    struct respond_rules *rules = rules_of("=env:RT_SECRET", NULL);
    struct respond_use *use = begin(rules, "alice");
    memset(prompt, 'a', RESPOND_PROMPT_MAX);
    expect_answer(use, prompt, "secret");
    prompt[RESPOND_PROMPT_MAX] = 'a';
    assert_int_equal(ask(use, prompt, &source, &failure), RESPOND_NO_RULE);
    respond_end(use, false);
    respond_free(rules);
}

/* Nor is anything answered from sources that would not notice. */
static void
ends_at_the_deadline(void **state)
{
    (void)state;
    struct secret secret;
    struct failure failure = FAILURE_INIT;
    const char *source;
    setenv("RT_SECRET", "secret", 1);
    struct respond_rules *rules = rules_of("=env:RT_SECRET", NULL);
    struct respond_use *use = begin(rules, "alice");
    assert_true(secret_init(&secret));
    assert_int_equal(respond_answer(use, "P", 1, deadline_after(0), &secret, &source, &failure),
                     RESPOND_FAILED);
    assert_int_equal(failure.outcome, OUTCOME_TIMEOUT);
    assert_int_equal(secret.len, 0);
    secret_free(&secret);
    respond_end(use, false);
    respond_free(rules);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejects_malformed_rules),
        cmocka_unit_test(matches_prompts),
        cmocka_unit_test(shares_a_descriptor),
        cmocka_unit_test(checks_all_sources),
        cmocka_unit_test(counts_refused_attempts),
        cmocka_unit_test(counts_repeated_prompts),
        cmocka_unit_test(takes_other_limits),
        cmocka_unit_test(remembers_so_much),
        cmocka_unit_test(matches_prompts_up_to_a_length),
        cmocka_unit_test(ends_at_the_deadline),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
