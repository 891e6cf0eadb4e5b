/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proxies that are shell commands: what comes of each way to start, and to fail. The real ssh
 * is in the tests of the program.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "child_fixture.h"
#include "proxy_fixture.h"
#include "util/signals.h"

/* ---- starting ---- */

static void
test_needed(void **state)
{
    (void)state;
    prepare(NULL, NULL);
    assert_false(proxy_needed(&run.request.route));
    prepare("nc", NULL);
    assert_true(proxy_needed(&run.request.route));
    prepare(NULL, "h1");
    assert_true(proxy_needed(&run.request.route));
}

static void
test_both_ways(void **state)
{
    (void)state;
    start("sh -c 'printf %%s-%n-%r-%p: hello; cat'");
    assert_int_equal(fcntl(run.fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    assert_int_equal(fcntl(run.fd, F_GETFD), FD_CLOEXEC);
    assert_true(run.fd > 2);
    assert_string_equal(received(21), "hello-typed-alice-22:");
    assert_int_equal(send(run.fd, "echo", 4, 0), 4);
    assert_string_equal(received(4), "echo");
    stop();
}

/* It gets no descriptor of ours, no terminal, and nobody to ask. */
static void
test_alone(void **state)
{
    (void)state;
    setenv("SSH_ASKPASS", "/bin/true", 1);
    setenv("SSH_ASKPASS_REQUIRE", "force", 1);
    setenv("DISPLAY", ":0", 1);
    setenv("WAYLAND_DISPLAY", "w", 1);
    int extra = dup(2);
    start("sh -c 'echo \"$SSH_ASKPASS|$SSH_ASKPASS_REQUIRE|$DISPLAY|$WAYLAND_DISPLAY\"; "
          "ls /proc/$$/fd; set -- $(cat /proc/$$/stat); [ \"$6\" = $$ ] && echo leader'");
    close(extra);
    assert_string_equal(received(100), "|never||\n0\n1\n2\nleader\n");
    stop();
    prepare("sh -c 'echo $SSH_ASKPASS_REQUIRE; set -- $(cat /proc/$$/stat); "
            "[ \"$6\" = $$ ] || echo \"$6\"'",
            NULL);
    run.settings.batch = false;
    assert_int_equal(start_within(FAR), OUTCOME_SUCCESS);
    char expected[64];
    snprintf(expected, sizeof expected, "force\n%d\n", (int)getsid(0));
    assert_string_equal(received(100), expected);
    stop();
    unsetenv("SSH_ASKPASS");
    unsetenv("SSH_ASKPASS_REQUIRE");
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
}

/* A file that can be executed, in the test's folder, which is PATH then. */
static void
write_ssh(const char *text)
{
    FILE *file = fopen("ssh", "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod("ssh", 0700), 0);
}

static void
test_jump(void **state)
{
    char *path = strdup(getenv("PATH"));

    (void)state;
    assert_non_null(path);
    setenv("PATH", ".", 1);
    prepare(NULL, "h1");
    assert_fails(OUTCOME_UNREACHABLE, "jump host h1: ssh is not installed");
    assert_string_equal(run.failure.hint, "a jump host is reached by the ssh of OpenSSH");
    if (!under_valgrind()) {
        write_ssh("#!/nonexistent\n");
        assert_int_equal(start_within(FAR), OUTCOME_UNREACHABLE);
        assert_non_null(strstr(run.failure.message, "jump host h1: ./ssh cannot be started: "));
    }
    write_ssh("#!/bin/sh\necho \"$*\"\n");
    assert_int_equal(start_within(FAR), OUTCOME_SUCCESS);
    assert_string_equal(received(100),
                        "-o BatchMode=yes -o ConnectTimeout=1 -W [server]:22 -- h1\n");
    stop();
    write_ssh("#!/bin/sh\necho 'ssh: connect to host h1 port 22: Connection refused' >&2\n"
              "exit 255\n");
    assert_fails(OUTCOME_UNREACHABLE, "jump host h1: exit status 255: ssh: connect to host h1 "
                                      "port 22: Connection refused");
    prepare(NULL, "h\x1b,h1");
    assert_int_equal(start_within(FAR), OUTCOME_USAGE);
    prepare(NULL, "bob@h1:23,h2");
    assert_int_equal(start_within(FAR), OUTCOME_UNREACHABLE);
    assert_int_equal(strncmp(run.failure.message, "jump hosts bob@h1:23,h2: exit ", 30), 0);
    unlink("ssh");
    setenv("PATH", path, 1);
    free(path);
}

static void
test_shell(void **state)
{
    (void)state;
    setenv("SHELL", "relative/sh", 1);
    start("printf x");
    stop();
    setenv("SHELL", "/nonexistent/sh", 1);
    start("printf x");
    stop();
    setenv("SHELL", "/bin/echo", 1);
    start("printf x");
    assert_string_equal(received(100), "-c exec printf x\n");
    stop();
    setenv("SHELL", "/bin/sh", 1);
}

/* ---- failing ---- */

static void
test_failures(void **state)
{
    static const struct {
        const char *command, *message;
    } cases[] = {
        {"sh -c 'exit 3'", "proxy command: exit status 3"},
        {"sh -c 'echo one >&2; echo; echo two >&2; exit 3' >&2",
         "proxy command: exit status 3: one; two"},
        {"sh -c 'echo a >&2; echo b >/dev/stderr; echo c >>/dev/stderr; exit 3'",
         "proxy command: exit status 3: a; b; c"},
        {"sh -c 'printf \"\\033]0;x\\007\" >&2; exit 3'",
         "proxy command: exit status 3: \\x1B]0;x\\x07"},
        {"sh -c 'kill -KILL $$'", "proxy command: ended by signal 9 (Killed)"},
        {"true", "proxy command: it ended, with exit status 0, before the server said a word"},
        {"", "proxy command: it ended, with exit status 0, before the server said a word"},
        {"sh -c 'exec <&- >&-; sleep 0.1; echo late >&2; exit 4'",
         "proxy command: exit status 4: late"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        prepare(cases[i].command, NULL);
        assert_fails(OUTCOME_UNREACHABLE, cases[i].message);
    }
    prepare("/nonexistent/nc", NULL);
    assert_int_equal(start_within(FAR), OUTCOME_UNREACHABLE);
    assert_int_equal(strncmp(run.failure.message, "proxy command: exit status 127: ", 32), 0);
    prepare("nc %z", NULL);
    assert_fails(OUTCOME_USAGE, "proxy command: there is no token %z");
}

static void
test_hangs_up(void **state)
{
    (void)state;
    prepare("sh -c '" PIDS "exec <&- >&-; kill $!; sleep 1001'", NULL);
    assert_int_equal(start_within(FAR), OUTCOME_UNREACHABLE); /* pid2 held it as well */
    assert_string_equal(run.failure.message, "proxy command: it closed the connection");
    assert_true(gone(pid_in("pid")));
    assert_true(gone(pid_in("pid2")));
}

static void
test_timeout(void **state)
{
    (void)state;
    prepare("sh -c '" PIDS "echo connecting >&2; wait'", NULL);
    assert_int_equal(start_within(in_ms(2000)), OUTCOME_TIMEOUT);
    assert_string_equal(
        run.failure.message,
        "proxy command: nothing came from the server within the limit: connecting");
    assert_true(gone(pid_in("pid")));
    assert_true(gone(pid_in("pid2")));
    assert_int_equal(start_within(in_ms(-1)), OUTCOME_TIMEOUT);
}

/* What it says takes up all of the time that it is given, and no more. */
static void
test_flood(void **state)
{
    static const char command[] = "/usr/bin/python3 -c '\nimport os\nwhile True:\n    try:\n"
                                  "        os.write(2, b\"y\" * 65536)\n"
                                  "    except BlockingIOError:\n        pass'";

    (void)state;
    prepare(command, NULL);
    assert_int_equal(start_within(in_ms(1000)), OUTCOME_TIMEOUT);
    assert_non_null(strstr(run.failure.message, "within the limit: "));
}

static void
test_may_ask(void **state)
{
    (void)state;
    setenv("SSH_ASKPASS", "/bin/true", 1);
    setenv("SSH_ASKPASS_REQUIRE", "force", 1);
    prepare("true", NULL);
    assert_false(proxy_may_ask(&run.request));
    run.settings.batch = false;
    assert_true(proxy_may_ask(&run.request));
    run.settings.crowd = true;
    assert_false(proxy_may_ask(&run.request));
    unsetenv("SSH_ASKPASS");
    unsetenv("SSH_ASKPASS_REQUIRE");
}

/* Of many that would ask at once none does, and it is said how one might. */
static void
test_crowd(void **state)
{
    static const char command[] = "sh -c 'echo \"$SSH_ASKPASS_REQUIRE\" >&2; exit 3'";
    (void)state;
    setenv("SSH_ASKPASS", "/bin/true", 1);
    setenv("SSH_ASKPASS_REQUIRE", "force", 1);
    prepare(command, NULL);
    run.settings = (struct settings){.crowd = true};
    assert_fails(OUTCOME_UNREACHABLE, "proxy command: exit status 3: never");
    assert_non_null(strstr(run.failure.hint, "--jobs=1"));
    run.settings.batch = true;
    assert_fails(OUTCOME_UNREACHABLE, "proxy command: exit status 3: never");
    assert_string_equal(run.failure.hint, "");
    run.settings = (struct settings){.batch = false};
    assert_fails(OUTCOME_UNREACHABLE, "proxy command: exit status 3: force");
    assert_string_equal(run.failure.hint, "");
    unsetenv("SSH_ASKPASS");
    unsetenv("SSH_ASKPASS_REQUIRE");
}

/* Ctrl-C at a terminal that it shares ends the proxy as well: it is not to blame. The last one,
 * since a signal that was caught stays so. */
static void
test_interrupted(void **state)
{
    (void)state;
    signals_install();
    start("sh -c 'printf x; exit 1'");
    assert_string_equal(received(1), "x");
    close(run.fd);
    assert_int_equal(raise(SIGTERM), 0);
    assert_false(proxy_failed(run.proxy, &run.failure));
    assert_int_equal(signals_caught(), SIGTERM);
    proxy_stop(run.proxy);
}

int
main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_needed),
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_alone),
        IN_FOLDER(test_jump),
        cmocka_unit_test(test_shell),
        cmocka_unit_test(test_failures),
        IN_FOLDER(test_hangs_up),
        IN_FOLDER(test_timeout),
        cmocka_unit_test(test_flood),
        cmocka_unit_test(test_may_ask),
        cmocka_unit_test(test_crowd),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_nothing_left),
    };

    return cmocka_run_group_tests_name("proxy", tests, proxy_begin, NULL);
}
