/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * respond.c and source.c: rules, what they match, and each source with what can be wrong with
 * it.
 */
#include <config.h>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ask/respond.h"
#include "util/deadline.h"
#include "util/signals.h"

#define FAR deadline_after(100 * DEADLINE_SECOND)

static char folder[] = "/tmp/respond_test.XXXXXX";

/* A path in the test's folder; the last four stay valid. */
static const char *
path_of(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const char *
file_with(const char *name, const void *bytes, size_t len)
{
    const char *path = path_of(name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
    return path;
}

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

/* Asks the one rule `argument` and compares. `answer` NULL: RESPOND_FAILED with `outcome`. */
static void
expect_answer(const char *argument, const char *answer, size_t len, enum outcome outcome)
{
    struct failure failure = FAILURE_INIT;
    struct respond_rules *rules = rules_of(argument, NULL);
    struct secret secret;
    const char *source = NULL;
    assert_true(secret_init(&secret));
    assert_true(secret_append(&secret, "stale", 5));
    enum respond_result result =
        respond_answer(rules, "Password: ", 10, FAR, &secret, &source, &failure);
    if (answer != NULL) {
        if (result != RESPOND_ANSWERED) {
            fail_msg("%s: %s", argument, failure.message);
        }
        assert_int_equal(secret.len, len);
        assert_memory_equal(secret.text, answer, len + 1);
    } else {
        assert_int_equal(result, RESPOND_FAILED);
        assert_int_equal(failure.outcome, outcome);
        assert_true(failure_is_set(&failure));
        assert_int_equal(secret.len, 0);
    }
    assert_string_equal(source, strchr(argument, '=') + 1);
    secret_free(&secret);
    respond_free(rules);
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
        "p=cmd:true",
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
        struct secret secret;
        const char *source = "unset", *prompt = matches[i].prompt;
        size_t len = matches[i].len != 0 ? matches[i].len : strlen(prompt);
        assert_true(secret_init(&secret));
        enum respond_result result =
            respond_answer(rules, prompt, len, FAR, &secret, &source, &failure);
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
        respond_free(rules);
    }
    struct failure failure = FAILURE_INIT;
    struct respond_rules *none = respond_new();
    struct secret secret;
    const char *source;
    assert_true(secret_init(&secret));
    assert_int_equal(respond_answer(none, "x", 1, FAR, &secret, &source, &failure),
                     RESPOND_NO_RULE);
    secret_free(&secret);
    respond_free(none);
}

static void
answers_from_the_environment(void **state)
{
    (void)state;
    char value[SECRET_MAX + 2];
    memset(value, 'x', sizeof value);
    setenv("RT_PW", "s=e\xc3\xa9\nb", 1);
    setenv("RT_EMPTY", "", 1);
    unsetenv("RT_UNSET");
    expect_answer("P=env:RT_PW", "s=e\xc3\xa9\nb", 7, 0);
    expect_answer("P=env:RT_EMPTY", "", 0, 0);
    expect_answer("P=env:RT_UNSET", NULL, 0, OUTCOME_CREDENTIAL);
    value[SECRET_MAX] = '\0';
    setenv("RT_LONG", value, 1);
    expect_answer("P=env:RT_LONG", value, SECRET_MAX, 0);
    value[SECRET_MAX] = 'x';
    value[SECRET_MAX + 1] = '\0';
    setenv("RT_LONG", value, 1);
    expect_answer("P=env:RT_LONG", NULL, 0, OUTCOME_CREDENTIAL);
}

static void
answers_from_files(void **state)
{
    (void)state;
    static const struct {
        const char *content, *answer;
        size_t content_len, answer_len;
    } files[] = {
        {"secret", "secret", 6, 6},
        {"secret\n", "secret", 7, 6},
        {"secret\r\n", "secret", 8, 6},
        {"secret\r", "secret", 7, 6},
        {"one\ntwo\n", "one", 8, 3},
        {"\n", "", 1, 0},
        {"\r\n", "", 2, 0},
        {"a\r\r\n", "a\r", 4, 2},
        {"a\rb\n", "a\rb", 4, 3},
        {" a \t\n", " a \t", 5, 4},
        {"a\0b\n", "a\0b", 4, 3},
        {"", NULL, 0, 0},
    };
    char argument[256], full[SECRET_MAX + 8];
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(argument, sizeof argument, "P=file:%s",
                 file_with("content", files[i].content, files[i].content_len));
        expect_answer(argument, files[i].answer, files[i].answer_len, OUTCOME_CREDENTIAL);
    }
    memset(full, 'x', sizeof full);
    full[SECRET_MAX] = '\0';
    char line[SECRET_MAX + 8];
    memcpy(line, full, SECRET_MAX);
    memcpy(line + SECRET_MAX, "\r\nab", 5);
    snprintf(argument, sizeof argument, "P=file:%s", path_of("content"));
    for (size_t extra = 0; extra <= 2; extra++) {
        file_with("content", line, SECRET_MAX + extra);
        expect_answer(argument, full, SECRET_MAX, 0);
    }
    line[SECRET_MAX] = 'x';
    for (size_t extra = 1; extra <= 2; extra++) {
        file_with("content", line, SECRET_MAX + extra);
        expect_answer(argument, NULL, 0, OUTCOME_CREDENTIAL);
    }
    expect_answer("P=file:/nonexistent/x", NULL, 0, OUTCOME_CREDENTIAL);
    expect_answer("P=file:/tmp", NULL, 0, OUTCOME_CREDENTIAL);
    expect_answer("P=file:/dev/null", NULL, 0, OUTCOME_CREDENTIAL);
}

static pid_t
fork_to_sleep(int milliseconds)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0 && milliseconds > 0) {
        usleep((useconds_t)milliseconds * 1000);
    }
    return pid;
}

static void
answers_from_a_fifo(void **state)
{
    (void)state;
    char argument[256], path[128];
    snprintf(path, sizeof path, "%s/fifo", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(argument, sizeof argument, "P=file:%s", path);

    struct failure failure = FAILURE_INIT;
    struct respond_rules *rules = rules_of(argument, NULL);
    pid_t pid = fork_to_sleep(0);
    if (pid == 0) {
        int fd = open(path, O_WRONLY); /* waits for a reader: not respond_check() */
        usleep(100000);
        _exit(write(fd, "piped\nmore\n", 11) == 11 ? 0 : 1);
    }
    usleep(50000);
    assert_true(respond_check(rules, &failure));
    usleep(50000);
    respond_free(rules);
    expect_answer(argument, "piped", 5, 0);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);

    int64_t start = clock_now();
    expect_answer(argument, NULL, 0, OUTCOME_CREDENTIAL); /* nobody ever writes */
    double seconds = clock_ms_since(start) / 1000;
    assert_true(seconds > RESPOND_FILE_LIMIT - 0.5 && seconds < RESPOND_FILE_LIMIT + 2);
}

static void
answers_from_a_descriptor(void **state)
{
    (void)state;
    int ends[2];
    char argument[32], byte;
    assert_int_equal(pipe(ends), 0);
    snprintf(argument, sizeof argument, "P=fd:%d", ends[0]);
    assert_int_equal(write(ends[1], "one\ntwo\r\n\nrest\nlast", 19), 19);
    expect_answer(argument, "one", 3, 0);
    expect_answer(argument, "two", 3, 0);
    expect_answer(argument, "", 0, 0);
    assert_int_equal(read(ends[0], &byte, 1), 1); /* nothing beyond the newline was taken */
    assert_int_equal(byte, 'r');
    expect_answer(argument, "est", 3, 0);

    pid_t pid = fork_to_sleep(200); /* a slow writer, in pieces */
    if (pid == 0) {
        ssize_t n = write(ends[1], " an", 3);
        usleep(200000);
        n += write(ends[1], "d on\n", 5);
        _exit(n == 8 ? 0 : 1);
    }
    expect_answer(argument, "last and on", 11, 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);

    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(write(ends[1], "end", 3), 3);
    close(ends[1]);
    expect_answer(argument, "end", 3, 0);
    expect_answer(argument, NULL, 0, OUTCOME_CREDENTIAL);
    expect_answer(argument, NULL, 0, OUTCOME_CREDENTIAL);
    close(ends[0]);
    expect_answer(argument, NULL, 0, OUTCOME_CREDENTIAL);
}

/* Does respond_check() like the rule, and what does it say where it does not? */
static bool
check_likes(const char *argument)
{
    struct failure failure = FAILURE_INIT;
    struct respond_rules *rules = rules_of("x=ask:", argument);
    bool good = respond_check(rules, &failure);
    assert_true(good != failure_is_set(&failure));
    assert_true(good || failure.outcome == OUTCOME_CREDENTIAL);
    respond_free(rules);
    return good;
}

static void
checks_sources(void **state)
{
    (void)state;
    char argument[256];
    setenv("RT_PW", "x", 1);
    unsetenv("RT_UNSET");
    assert_true(check_likes("P=env:RT_PW"));
    assert_false(check_likes("P=env:RT_UNSET"));
    snprintf(argument, sizeof argument, "P=file:%s", file_with("content", "x\n", 2));
    assert_true(check_likes(argument));
    if (geteuid() != 0) {
        assert_int_equal(chmod(path_of("content"), 0), 0);
        assert_false(check_likes(argument));
    }
    assert_false(check_likes("P=file:/nonexistent/x"));
    assert_false(check_likes("P=file:/tmp"));
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    snprintf(argument, sizeof argument, "P=fd:%d", ends[0]);
    assert_true(check_likes(argument));
    snprintf(argument, sizeof argument, "P=fd:%d", ends[1]);
    assert_false(check_likes(argument));
    close(ends[0]);
    close(ends[1]);
    assert_false(check_likes(argument));
    assert_false(check_likes("P=fd:2147483647"));
}

/* Last: a caught signal stays caught. */
static void
ends_at_a_signal(void **state)
{
    (void)state;
    int ends[2];
    char argument[32];
    assert_int_equal(pipe(ends), 0);
    snprintf(argument, sizeof argument, "P=fd:%d", ends[0]);
    signals_install();
    signals_install();
    pid_t pid = fork_to_sleep(200);
    if (pid == 0) {
        _exit(kill(getppid(), SIGTERM));
    }
    int64_t start = clock_now();
    expect_answer(argument, NULL, 0, OUTCOME_INTERRUPTED);
    assert_true(clock_ms_since(start) < 5000);
    assert_int_equal(signals_caught(), SIGTERM);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(ends[0]);
    close(ends[1]);
}

static int
make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    unlink(path_of("content"));
    unlink(path_of("fifo"));
    return rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejects_malformed_rules),
        cmocka_unit_test(matches_prompts),
        cmocka_unit_test(answers_from_the_environment),
        cmocka_unit_test(answers_from_files),
        cmocka_unit_test(answers_from_a_fifo),
        cmocka_unit_test(answers_from_a_descriptor),
        cmocka_unit_test(checks_sources),
        cmocka_unit_test(ends_at_a_signal),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
