/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Programs that are run for one line: what is taken of what they print, and how they end.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child_fixture.h"

/* ---- what it prints ---- */

static void
test_first_line(void **state)
{
    static const struct {
        const char *command, *line;
        size_t len;
        bool any;
    } cases[] = {
        {"echo one; echo two", "one", 3, true},
        {"printf 'no newline'", "no newline", 10, true},
        {"printf 'dos\\r\\nnext'", "dos", 3, true},
        {"printf 'two\\r\\r\\n'", "two\r", 4, true},
        {"printf 'a\\rb\\n'", "a\rb", 3, true},
        {"printf 'end\\r'", "end", 3, true},
        {"printf 'split\\r'; sleep 0.2; printf '\\nx'", "split", 5, true},
        {"printf 'split\\r'; sleep 0.2; printf 'x\\n'", "split\rx", 7, true},
        {"printf sl; sleep 0.2; printf 'ow\\n'; sleep 0.2; echo x", "slow", 4, true},
        {"printf 'n\\000u\\000l\\n'", "n\0u\0l", 5, true},
        {"printf '\\000'", "", 1, true},
        {"echo", "", 0, true},
        {"printf '\\r\\n'", "", 0, true},
        {"true", "", 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sh(cases[i].command);
        assert_line(cases[i].line, cases[i].len);
        assert_exit(0);
        assert_int_equal(ran.output.any, cases[i].any);
        assert_string_equal(ran.output.complaint, "");
    }
}

static void
test_longest_line(void **state)
{
    (void)state;
    sh("printf '%04096d\\r\\n' 0; echo next");
    assert_int_equal(ran.line.len, SECRET_MAX);
    assert_false(ran.output.too_long);
    sh("printf '%04097d\\n' 0");
    assert_exit(0);
    assert_true(ran.output.too_long);
    assert_int_equal(ran.line.len, 0);
    for (size_t i = 0; i < SECRET_MAX; i++)
        assert_int_equal(ran.line.text[i], 0); /* what did fit is wiped */
    sh("printf '%04096d\\r' 0; printf 'x\\n'");
    assert_true(ran.output.too_long);
}

static void
test_complaint(void **state)
{
    (void)state;
    sh("printf '\\n\\033[31mred\\033[0m \\302\\233 word\\r\\nsecond\\n' >&2; echo out; exit 3");
    assert_exit(3);
    assert_line("out", 3);
    assert_string_equal(ran.output.complaint, "\\x1B[31mred\\x1B[0m \\u{9B} word");
    sh("printf '%01000d' 0 >&2");
    assert_int_equal(strlen(ran.output.complaint), sizeof(ran.output.complaint) - 1);
    sh("echo silent");
    assert_string_equal(ran.output.complaint, "");
}

/* ---- how it ends ---- */

static void
test_status(void **state)
{
    (void)state;
    sh("exit 0");
    assert_exit(0);
    sh("echo x; exit 77");
    assert_exit(77);
    assert_line("x", 1);
    sh("kill -TERM $$");
    assert_int_equal(ran.result, CHILD_EXITED);
    assert_true(WIFSIGNALED(ran.output.status));
    assert_int_equal(WTERMSIG(ran.output.status), SIGTERM);
}

static void
test_not_started(void **state)
{
    const char *argv[] = {"/nonexistent/program", NULL};
    struct child child = {.argv = (char *const *)(uintptr_t)argv, .watch_fd = -1};

    (void)state;
    if (under_valgrind())
        return;
    child.deadline = deadline_after(CHILD_PATIENCE * DEADLINE_SECOND);
    run_into(&ran, &child);
    assert_int_equal(ran.result, CHILD_NOT_STARTED);
    assert_int_equal(ran.error, ENOENT);
    argv[0] = "/";
    run_into(&ran, &child);
    assert_int_equal(ran.result, CHILD_NOT_STARTED);
    assert_int_equal(ran.error, EACCES);
}

static void
test_much_output(void **state)
{
    (void)state;
    sh("echo first; head -c 1000000 /dev/zero");
    assert_exit(0);
    assert_line("first", 5);
    sh("echo first; head -c 2097152 /dev/zero; sleep 100");
    assert_int_equal(ran.result, CHILD_TOO_MUCH);
    assert_int_equal(ran.line.len, 0);
    sh("echo first; cat /dev/zero >&2");
    assert_int_equal(ran.result, CHILD_TOO_MUCH);
    /* it ends, and what it started goes on: reading ends */
    sh("cat /dev/zero & echo $! >pid; echo first");
    assert_true(ran.result == CHILD_TOO_MUCH || ran.result == CHILD_EXITED);
    assert_true(gone(pid_in("pid")));
}

static void
test_timeout(void **state)
{
    (void)state;
    int64_t start = clock_now();
    /* dash makes groups of their own for jobs with -m, as timeout(1) does for its command */
    sh_within("echo line; sleep 1000 & echo $! >pid; set -m; sleep 1001 & echo $! >pid2; wait",
              500);
    assert_int_equal(ran.result, CHILD_TIMEOUT);
    assert_int_equal(ran.line.len, 0);
    assert_true(clock_ms_since(start) >= 490 && clock_ms_since(start) < 10000);
    assert_true(gone(pid_in("pid")));
    assert_true(gone(pid_in("pid2")));
    sh_within("trap '' TERM INT HUP; exec >&- 2>&-; kill -STOP $$", 300);
    assert_int_equal(ran.result, CHILD_TIMEOUT);
    sh_within("sleep 1000", -1);
    assert_int_equal(ran.result, CHILD_TIMEOUT);
}

/* It is not waited for, and what the child itself printed is there. */
static void
test_grandchild(void **state)
{
    (void)state;
    int64_t start = clock_now();
    sh("echo answer; echo why >&2; sleep 1000 & echo $! >pid; exit 5");
    assert_exit(5);
    assert_line("answer", 6);
    assert_string_equal(ran.output.complaint, "why");
    assert_true(clock_ms_since(start) < 10000);
    pid_t pid = pid_in("pid");
    assert_int_equal(kill(pid, SIGKILL), 0); /* it was left alone */
}

/* Ended output is no end. */
static void
test_output_closed(void **state)
{
    (void)state;
    sh("echo x; exec >&- 2>&-; sleep 0.3; exit 9");
    assert_exit(9);
    assert_line("x", 1);
}

static void
test_watch(void **state)
{
    const char *argv[4];
    struct child child = shell(argv, "echo x; sleep 0.5; exit 4");
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    child.watch_fd = pair[0];
    assert_int_equal(write(pair[1], "data", 4), 4); /* data is no hang-up */
    run_into(&ran, &child);
    assert_exit(4);
    argv[2] = "echo x; echo $$ >pid; sleep 1000";
    close(pair[1]);
    run_into(&ran, &child);
    assert_int_equal(ran.result, CHILD_WATCH_GONE);
    assert_int_equal(ran.line.len, 0);
    close(pair[0]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_line),
        cmocka_unit_test(test_longest_line),
        cmocka_unit_test_setup_teardown(test_much_output, enter_folder, leave_folder),
        cmocka_unit_test(test_complaint),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_not_started),
        cmocka_unit_test_setup_teardown(test_timeout, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_grandchild, enter_folder, leave_folder),
        cmocka_unit_test(test_output_closed),
        cmocka_unit_test_setup_teardown(test_watch, enter_folder, leave_folder),
    };

    int failed = cmocka_run_group_tests_name("child", tests, NULL, NULL);
    secret_free(&ran.line);
    return failed;
}
