/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * respond_file.c: lines to rules, and what is said of those that are none.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "ask/respond.h"
#include "ask_fixture.h"
#include "respond_fixture.h"

/* The source that answers `prompt`, or "". */
static const char *
source_for(struct respond_rules *rules, const char *prompt)
{
    static char found[64];
    struct failure failure = FAILURE_INIT;
    struct respond_use *use = begin(rules, "alice");
    struct secret secret;
    const char *source;
    assert_non_null(use);
    assert_true(secret_init(&secret));
    respond_answer(use, prompt, strlen(prompt), FAR, &secret, &source, &failure);
    snprintf(found, sizeof found, "%s", source == NULL ? "" : source);
    secret_free(&secret);
    respond_end(use, false);
    return found;
}

static struct respond_rules *
rules_in(const void *bytes, size_t len)
{
    struct failure failure = FAILURE_INIT;
    struct respond_rules *rules = respond_new();
    assert_non_null(rules);
    if (!respond_add_file(rules, fixture_file("rules", bytes, len), &failure)) {
        fail_msg("%s", failure.message);
    }
    return rules;
}

static void
takes_rules_in_their_order(void **state)
{
    (void)state;
    static const char *const files[] = {
        "# of the bastion\n\n  \t\nCode=env:RF_CODE\n "
        "\tPass=env:RF_ONE\n#x=ask:\n=env:RF_TWO\n",
        "# of the bastion\r\n\r\n  \t\r\nCode=env:RF_CODE\r\n \tPass=env:RF_ONE\r\n#x=ask:\r\n"
        "=env:RF_TWO\r\n",
        "Code=env:RF_CODE\nPass=env:RF_ONE\n=env:RF_TWO",
        "Code=env:RF_CODE\nPass=env:RF_ONE\n=env:RF_TWO\r",
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct respond_rules *rules = rules_in(files[i], strlen(files[i]));
        assert_string_equal(source_for(rules, "Code: "), "env:RF_CODE");
        assert_string_equal(source_for(rules, "Password: "), "env:RF_ONE");
        assert_string_equal(source_for(rules, "x"), "env:RF_TWO");
        respond_free(rules);
    }
    struct respond_rules *none = rules_in("", 0);
    assert_string_equal(source_for(none, "x"), "");
    respond_free(none);
}

/* A blank behind belongs to the source, one before = to the pattern. */
static void
keeps_blanks_that_mean_something(void **state)
{
    (void)state;
    static const char text[] = "Pass word: =file:/x y \n";
    struct respond_rules *rules = rules_in(text, sizeof text - 1);
    assert_string_equal(source_for(rules, "Pass word: "), "file:/x y ");
    assert_string_equal(source_for(rules, "Pass word:"), "");
    respond_free(rules);
}

static void
mixes_with_other_rules(void **state)
{
    (void)state;
    struct failure failure = FAILURE_INIT;
    struct respond_rules *rules = respond_new();
    assert_non_null(rules);
    assert_true(respond_add(rules, "a=env:RF_ONE", &failure));
    assert_true(respond_add_file(rules, fixture_file("rules", "b=env:RF_TWO\n", 13), &failure));
    assert_true(respond_add(rules, "=env:RF_THREE", &failure));
    assert_string_equal(source_for(rules, "ab"), "env:RF_ONE");
    assert_string_equal(source_for(rules, "b"), "env:RF_TWO");
    assert_string_equal(source_for(rules, "c"), "env:RF_THREE");
    respond_free(rules);
}

static const struct {
    const char *text;
    size_t len; /* 0: strlen */
    const char *message;
} bad[] = {
    {"a=ask:\n\nhunter2\n", 0, ":3: no source: PATTERN= and one of env:NAME, "},
    {"a=hunter2", 0, ":1: no source: "},
    {"# x\r\na=env:\r\n", 0, ":2: env: takes the name of a variable"},
    {"a=fd:x\n(=ask:\n", 0, ":1: fd: takes the number of a descriptor"},
    {"a=ask:\n(=ask:\n", 0, ":2: Unmatched ( or \\("},
    {"a=ask:\n(b)\\1=ask:\n", 0,
     ":2: POSIX extended regular expressions have no back references"},
    {"a=ask:\nb\0=ask:\n", 16, ":2: there is a NUL byte in this line"},
    {"#\0\n", 3, ":1: there is a NUL byte in this line"},
    {"a=ask: \n", 0, ":1: ask: takes nothing behind it"},
};

static void
says_which_line_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct failure failure = FAILURE_INIT;
        struct respond_rules *rules = respond_new();
        char expected[256];
        size_t len = bad[i].len == 0 ? strlen(bad[i].text) : bad[i].len;
        const char *path = fixture_file("rules", bad[i].text, len);
        assert_false(respond_add_file(rules, path, &failure));
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
        snprintf(expected, sizeof expected, "--respond-file %s%s", path, bad[i].message);
        if (strncmp(failure.message, expected, strlen(expected)) != 0) {
            fail_msg("\"%s\" is not \"%s\"", failure.message, expected);
        }
        assert_null(strstr(failure.message, "hunter2"));
        respond_free(rules);
    }
}

static void
expect_unusable(const char *path, const char *words)
{
    struct failure failure = FAILURE_INIT;
    struct respond_rules *rules = respond_new();
    assert_false(respond_add_file(rules, path, &failure));
    assert_int_equal(failure.outcome, OUTCOME_USAGE);
    assert_ptr_equal(strstr(failure.message, "--respond-file "), failure.message);
    if (strstr(failure.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", failure.message, words);
    }
    assert_null(strchr(failure.message, '\x1b'));
    respond_free(rules);
}

static void
says_what_is_wrong_with_the_file(void **state)
{
    (void)state;
    expect_unusable("", "No such file");
    expect_unusable("/nonexistent/x\x1b[2J", "/nonexistent/x\\x1B[2J: No such file");
    expect_unusable("/tmp", "directory");
    size_t len = 1024 * 1024;
    char *text = malloc(len + 1);
    assert_non_null(text);
    memset(text, '#', len + 1);
    expect_unusable(fixture_file("rules", text, len + 1), "longer than 1 MiB");
    memcpy(text + len - 8, "\na=ask:\n", 8);
    struct respond_rules *rules = rules_in(text, len);
    assert_string_equal(source_for(rules, "a"), "ask:");
    respond_free(rules);
    free(text);
}

static void
reads_pipes(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s", fixture_path("rules_fifo"));
    assert_int_equal(mkfifo(path, 0600), 0);
    pid_t pid = fork_to_sleep(0);
    if (pid == 0) {
        int fd = open(path, O_WRONLY);
        ssize_t n = write(fd, "a=as", 4);
        usleep(100000);
        n += write(fd, "k:\n", 3);
        _exit(n == 7 ? 0 : 1);
    }
    usleep(50000); /* the writer is there: poll(2) does not see an end before its beginning */
    struct failure failure = FAILURE_INIT;
    struct respond_rules *rules = respond_new();
    assert_true(respond_add_file(rules, path, &failure));
    assert_string_equal(source_for(rules, "a"), "ask:");
    respond_free(rules);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_rules_in_their_order),
        cmocka_unit_test(keeps_blanks_that_mean_something),
        cmocka_unit_test(mixes_with_other_rules),
        cmocka_unit_test(says_which_line_is_wrong),
        cmocka_unit_test(says_what_is_wrong_with_the_file),
        cmocka_unit_test(reads_pipes),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
