/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proxies that are shell commands: how they end, by themselves and by us.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "child_fixture.h"
#include "proxy_fixture.h"
#include "util/signals.h"

/* What it leaves behind may have the connection, but not where it failed. */
static void
test_grandchild(void **state)
{
    (void)state;
    start("sh -c '(sleep 0.5; printf x; cat) & exit 0'");
    assert_string_equal(received(1), "x");
    stop();
    int64_t before = clock_now();
    prepare("sh -c '" PIDS "exit 7'", NULL);
    assert_fails(OUTCOME_UNREACHABLE, "proxy command: exit status 7");
    assert_true(clock_ms_since(before) < 30000);
    unlink("pid");
    assert_int_equal(kill(pid_in("pid2"), SIGKILL), 0);
}

/* Whatever it says, it is not stopped by that. */
static void
test_much_said(void **state)
{
    (void)state;
    prepare("sh -c 'head -c 1000000 /dev/zero | tr \"\\0\" \"\\n\" >&2; echo why >&2; exit 5'",
            NULL);
    assert_int_equal(start_within(FAR), OUTCOME_UNREACHABLE);
    /* its last word may have found the pipe full */
    assert_int_equal(strncmp(run.failure.message, "proxy command: exit status 5", 28), 0);
    start("sh -c 'printf x; head -c 1000000 /dev/zero >&2; printf y; cat'");
    assert_string_equal(received(2), "xy");
    stop();
}

/* ---- the connection's end ---- */

static void
test_failed(void **state)
{
    static const struct {
        const char *command, *message; /* NULL: it was not the proxy */
    } cases[] = {
        {"printf x", NULL},
        {"sh -c 'printf x; echo why >&2'", NULL},
        {"sh -c 'printf x; exec <&- >&-; sleep 0.1'", NULL},
        {"sh -c 'printf x; cat'", NULL},
        {"sh -c 'printf x; exec <&- >&-; sleep 1000'", NULL},
        {"sh -c 'printf x; echo why >&2; exit 255'", "proxy command: exit status 255: why"},
        {"sh -c 'printf x; exec <&- >&-; sleep 0.1; exit 1'", "proxy command: exit status 1"},
        {"sh -c 'printf x; kill -TERM $$'", "proxy command: ended by signal 15 (Terminated)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(cases[i].command);
        assert_string_equal(received(1), "x");
        failure_set(&run.failure, OUTCOME_DISCONNECTED, "the server closed the connection");
        failure_hint(&run.failure, "look there");
        close(run.fd);
        assert_int_equal(proxy_failed(run.proxy, &run.failure), cases[i].message != NULL);
        if (cases[i].message != NULL) {
            assert_int_equal(run.failure.outcome, OUTCOME_UNREACHABLE);
            assert_string_equal(run.failure.message, cases[i].message);
            assert_string_equal(run.failure.hint, "");
        } else {
            assert_int_equal(run.failure.outcome, OUTCOME_DISCONNECTED);
            assert_string_equal(run.failure.hint, "look there");
        }
        proxy_stop(run.proxy);
    }
}

static void
test_stop(void **state)
{
    (void)state;
    proxy_stop(NULL);
    /* the end of its input is enough: it has the time to tidy up */
    start("sh -c 'printf x; cat >/dev/null; echo x >pid2'");
    stop();
    assert_int_equal(access("pid2", F_OK), 0);
    unlink("pid2");
    /* so is SIGHUP */
    start("sh -c 'trap \"echo x >pid2; exit\" HUP; printf x; while :; do sleep 0.05; done'");
    stop();
    assert_int_equal(access("pid2", F_OK), 0);
    unlink("pid2");
    /* to some nothing is, and what they started has it as well */
    start("sh -c 'trap \"\" HUP TERM INT QUIT; " PIDS
          "printf x; while :; do sleep 0.05; done'");
    stop();
    assert_true(gone(pid_in("pid")));
    assert_true(gone(pid_in("pid2")));
    /* nor does one that is stopped notice the end of its input, but SIGHUP */
    start("sh -c 'trap \"echo x >pid2; exit\" HUP; echo $$ >pid; printf x; kill -STOP $$; "
          "sleep 1000'");
    stop();
    assert_true(gone(pid_in("pid")));
    assert_int_equal(access("pid2", F_OK), 0);
    unlink("pid2");
}

/* The last one: a signal that was caught stays so. */
static void
test_signal(void **state)
{
    int64_t before = clock_now();

    (void)state;
    signals_install();
    prepare("sh -c '" PIDS "kill -TERM $PPID; wait'", NULL);
    assert_fails(OUTCOME_INTERRUPTED, "proxy command: interrupted by a signal");
    assert_int_equal(signals_caught(), SIGTERM);
    assert_true(clock_ms_since(before) < 30000);
    assert_true(gone(pid_in("pid")));
    assert_true(gone(pid_in("pid2")));
}

int
main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_grandchild),          cmocka_unit_test(test_much_said),
        cmocka_unit_test(test_failed),       IN_FOLDER(test_stop),
        cmocka_unit_test(test_nothing_left), IN_FOLDER(test_signal),
        cmocka_unit_test(test_nothing_left),
    };

    return cmocka_run_group_tests_name("proxy_end", tests, proxy_begin, NULL);
}
