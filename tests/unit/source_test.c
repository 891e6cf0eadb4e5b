/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each source, with what can be wrong with it: but for cmd: and totp:, and variables' way out
 * of the environment.
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
#include "ask/source.h"
#include "ask/variable.h"
#include "ask_fixture.h"
#include "util/private_file.h"
#include "util/signals.h"

static void
lists_the_sources(void **state)
{
    (void)state;
    assert_string_equal(source_list(),
                        "env:NAME, file:PATH, fd:N, cmd:COMMAND, totp:PATH or ask:");
    assert_ptr_equal(source_list(), source_list());
}

/* What is started before the sources are checked does not inherit it. */
static void
takes_a_variable_at_once(void **state)
{
    struct source source;
    const char *why;

    (void)state;
    setenv("RT_EARLY", "secret", 1);
    assert_true(source_init(&source, "env:RT_EARLY", &why));
    assert_null(getenv("RT_EARLY"));
    source_free(&source);
    expect_source("env:RT_EARLY", "secret", 6);
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
    expect_source("env:RT_PW", "s=e\xc3\xa9\nb", 7);
    expect_source("env:RT_PW", "s=e\xc3\xa9\nb", 7);
    expect_source("env:RT_EMPTY", "", 0);
    expect_failure("env:RT_UNSET", OUTCOME_CREDENTIAL, "env:RT_UNSET: the variable is not set");
    value[SECRET_MAX] = '\0';
    setenv("RT_LONG", value, 1);
    expect_source("env:RT_LONG", value, SECRET_MAX);
    value[SECRET_MAX] = 'x';
    value[SECRET_MAX + 1] = '\0';
    setenv("RT_LONGER", value, 1);
    expect_failure("env:RT_LONGER", OUTCOME_CREDENTIAL, "longer than an answer may be");
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
    char text[256], full[SECRET_MAX + 8];
    snprintf(text, sizeof text, "file:%s", fixture_path("content"));
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        fixture_file("content", files[i].content, files[i].content_len);
        if (files[i].answer != NULL) {
            expect_source(text, files[i].answer, files[i].answer_len);
        } else {
            expect_failure(text, OUTCOME_CREDENTIAL, "end of file");
        }
    }
    memset(full, 'x', sizeof full);
    full[SECRET_MAX] = '\0';
    char line[SECRET_MAX + 8];
    memcpy(line, full, SECRET_MAX);
    memcpy(line + SECRET_MAX, "\r\nab", 5);
    for (size_t extra = 0; extra <= 2; extra++) {
        fixture_file("content", line, SECRET_MAX + extra);
        expect_source(text, full, SECRET_MAX);
    }
    line[SECRET_MAX] = 'x';
    for (size_t extra = 1; extra <= 2; extra++) {
        fixture_file("content", line, SECRET_MAX + extra);
        expect_failure(text, OUTCOME_CREDENTIAL, "longer than an answer may be");
    }
    expect_failure("file:/nonexistent/x", OUTCOME_CREDENTIAL, "No such file");
    expect_failure("file:/tmp", OUTCOME_CREDENTIAL, "directory");
    expect_failure("file:/dev/null", OUTCOME_CREDENTIAL, "end of file");
}

/* Does source_check() like it? */
static bool
check_likes(const char *text)
{
    struct failure failure = FAILURE_INIT;
    struct source source;
    const char *why;
    assert_true(source_init(&source, text, &why));
    bool good = source_check(&source, &failure);
    assert_true(good != failure_is_set(&failure));
    assert_true(good || failure.outcome == OUTCOME_CREDENTIAL);
    if (strstr(failure.message, "others have access") != NULL) {
        assert_string_equal(failure.hint, PRIVATE_FILE_HINT);
    }
    source_free(&source);
    return good;
}

static void
refuses_what_others_can_read(void **state)
{
    (void)state;
    static const struct {
        mode_t mode;
        bool good;
    } modes[] = {
        {0600, true},  {0400, true},  {0700, true},  {0640, false}, {0604, false},
        {0620, false}, {0602, false}, {0610, false}, {0644, false}, {0666, false},
    };
    char file[160], fifo[160], totp[160];
    snprintf(file, sizeof file, "%s", fixture_source("file:", "mode", "secret\n"));
    snprintf(totp, sizeof totp, "%s", fixture_source("totp:", "mode_totp", "GEZDGNBV\n"));
    snprintf(fifo, sizeof fifo, "file:%s", fixture_path("mode_fifo"));
    assert_int_equal(mkfifo(fifo + 5, 0600), 0);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        char words[80];
        snprintf(words, sizeof words, "(mode %04o)", (unsigned)modes[i].mode);
        assert_int_equal(chmod(file + 5, modes[i].mode), 0);
        assert_int_equal(chmod(totp + 5, modes[i].mode), 0);
        assert_int_equal(chmod(fifo + 5, modes[i].mode), 0);
        assert_int_equal(check_likes(file), modes[i].good);
        assert_int_equal(check_likes(totp), modes[i].good);
        assert_int_equal(check_likes(fifo), modes[i].good);
        if (modes[i].good) {
            expect_source(file, "secret", 6);
        } else {
            expect_failure(file, OUTCOME_CREDENTIAL, words);
            expect_failure(totp, OUTCOME_CREDENTIAL, words);
            expect_failure(fifo, OUTCOME_CREDENTIAL, words); /* at once: nobody writes */
        }
    }
}

static void
answers_from_a_fifo(void **state)
{
    (void)state;
    char text[256], path[128];
    snprintf(path, sizeof path, "%s", fixture_path("fifo"));
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(text, sizeof text, "file:%s", path);

    pid_t pid = fork_to_sleep(0);
    if (pid == 0) {
        int fd = open(path, O_WRONLY); /* waits for a reader: not source_check() */
        usleep(100000);
        _exit(write(fd, "piped\nmore\n", 11) == 11 ? 0 : 1);
    }
    usleep(50000);
    assert_true(check_likes(text));
    usleep(50000);
    expect_source(text, "piped", 5);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);

    int64_t start = clock_now();
    expect_failure(text, OUTCOME_CREDENTIAL, "no line came in time"); /* nobody ever writes */
    double seconds = clock_ms_since(start) / 1000;
    assert_true(seconds > RESPOND_FILE_LIMIT - 0.5 && seconds < RESPOND_FILE_LIMIT + 2);
}

static void
answers_from_a_descriptor(void **state)
{
    (void)state;
    int ends[2];
    char text[32], byte;
    assert_int_equal(pipe(ends), 0);
    snprintf(text, sizeof text, "fd:%d", ends[0]);
    assert_int_equal(write(ends[1], "one\ntwo\r\n\nrest\nlast", 19), 19);
    expect_source(text, "one", 3);
    expect_source(text, "two", 3);
    expect_source(text, "", 0);
    assert_int_equal(read(ends[0], &byte, 1), 1); /* nothing beyond the newline was taken */
    assert_int_equal(byte, 'r');
    expect_source(text, "est", 3);

    pid_t pid = fork_to_sleep(200); /* a slow writer, in pieces */
    if (pid == 0) {
        ssize_t n = write(ends[1], " an", 3);
        usleep(200000);
        n += write(ends[1], "d on\n", 5);
        _exit(n == 8 ? 0 : 1);
    }
    expect_source(text, "last and on", 11);
    assert_int_equal(waitpid(pid, NULL, 0), pid);

    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(write(ends[1], "end", 3), 3);
    close(ends[1]);
    expect_source(text, "end", 3);
    expect_failure(text, OUTCOME_CREDENTIAL, "end of file");
    expect_failure(text, OUTCOME_CREDENTIAL, "end of file");
    close(ends[0]);
    expect_failure(text, OUTCOME_CREDENTIAL, "not open");
}

static void
checks_sources(void **state)
{
    (void)state;
    char text[256];
    setenv("RT_CHECKED", "x", 1);
    assert_true(check_likes("env:RT_CHECKED"));
    assert_false(check_likes("env:RT_UNSET"));
    assert_true(check_likes("ask:"));
    /* The content is not looked at. */
    assert_true(check_likes(fixture_source("file:", "content", "")));
    assert_true(check_likes(fixture_source("totp:", "content", "no base32 at all")));
    snprintf(text, sizeof text, "%s", fixture_source("file:", "content", "x\n"));
    if (geteuid() != 0) {
        assert_int_equal(chmod(fixture_path("content"), 0), 0);
        assert_false(check_likes(text));
    }
    assert_false(check_likes("file:/nonexistent/x"));
    assert_false(check_likes("file:/tmp"));
    assert_false(check_likes("totp:/nonexistent/x"));
    assert_false(check_likes("totp:/tmp"));
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    snprintf(text, sizeof text, "fd:%d", ends[0]);
    assert_true(check_likes(text));
    snprintf(text, sizeof text, "fd:%d", ends[1]);
    assert_false(check_likes(text));
    close(ends[0]);
    close(ends[1]);
    assert_false(check_likes(text));
    assert_false(check_likes("fd:2147483647"));
}

/* Last: a caught signal stays caught. */
static void
ends_at_a_signal(void **state)
{
    (void)state;
    int ends[2];
    char text[32];
    assert_int_equal(pipe(ends), 0);
    snprintf(text, sizeof text, "fd:%d", ends[0]);
    signals_install();
    signals_install();
    pid_t pid = fork_to_sleep(200);
    if (pid == 0) {
        _exit(kill(getppid(), SIGTERM));
    }
    int64_t start = clock_now();
    expect_failure(text, OUTCOME_INTERRUPTED, "Terminated");
    assert_true(clock_ms_since(start) < 5000);
    assert_int_equal(signals_caught(), SIGTERM);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(ends[0]);
    close(ends[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_the_sources),
        cmocka_unit_test(takes_a_variable_at_once),
        cmocka_unit_test(answers_from_the_environment),
        cmocka_unit_test(answers_from_files),
        cmocka_unit_test(refuses_what_others_can_read),
        cmocka_unit_test(answers_from_a_fifo),
        cmocka_unit_test(answers_from_a_descriptor),
        cmocka_unit_test(checks_sources),
        cmocka_unit_test(ends_at_a_signal),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
