/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * respond.c: rules, what they match, and what answers.
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

#include "respond_fixture.h"

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
        cmocka_unit_test(matches_prompts_up_to_a_length),
        cmocka_unit_test(ends_at_the_deadline),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
