/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Programs that are run for one line: what is taken of what they print, how they end, what they
 * may see of this process, and that nothing of them is left.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ask/child.h"
#include "util/signals.h"

enum { PATIENCE = 60, MANY = 24 };

struct ran {
    enum child_result result;
    int error; /* errno */
    struct secret line;
    struct child_output output;
};

static struct ran ran; /* by the last sh() or run() */

static void
run_into(struct ran *into, const struct child *child)
{
    assert_true(into->line.text != NULL || secret_init(&into->line));
    secret_clear(&into->line);
    into->result = child_run(child, &into->line, &into->output);
    into->error = errno;
}

static struct child
shell(const char *argv[4], const char *command)
{
    argv[0] = "/bin/sh";
    argv[1] = "-c";
    argv[2] = command;
    argv[3] = NULL;
    return (struct child){.argv = (char *const *)(uintptr_t)argv,
                          .deadline = deadline_after(PATIENCE * DEADLINE_SECOND),
                          .watch_fd = -1};
}

/* Runs it with a limit that it is not to reach. */
static void
sh(const char *command)
{
    const char *argv[4];
    struct child child = shell(argv, command);
    run_into(&ran, &child);
}

static void
sh_within(const char *command, int milliseconds)
{
    const char *argv[4];
    struct child child = shell(argv, command);
    child.deadline = deadline_after(milliseconds * (DEADLINE_SECOND / 1000));
    run_into(&ran, &child);
}

static void
assert_line(const char *bytes, size_t len)
{
    assert_int_equal(ran.result, CHILD_EXITED);
    assert_int_equal(ran.line.len, len);
    assert_memory_equal(ran.line.text, bytes, len);
    assert_false(ran.output.too_long);
}

static void
assert_exit(int status)
{
    assert_int_equal(ran.result, CHILD_EXITED);
    assert_true(WIFEXITED(ran.output.status));
    assert_int_equal(WEXITSTATUS(ran.output.status), status);
}

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
    child.deadline = deadline_after(PATIENCE * DEADLINE_SECOND);
    run_into(&ran, &child);
    assert_int_equal(ran.result, CHILD_NOT_STARTED);
    assert_int_equal(ran.error, ENOENT);
    argv[0] = "/";
    run_into(&ran, &child);
    assert_int_equal(ran.result, CHILD_NOT_STARTED);
    assert_int_equal(ran.error, EACCES);
}

/* The pid that the command wrote into the file. */
static pid_t
pid_in(const char *path)
{
    FILE *file = fopen(path, "re");
    int pid = 0;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    unlink(path);
    return pid;
}

/* Has it ended, within a second? A zombie, which is init's to reap, has. */
static bool
gone(pid_t pid)
{
    char path[64], text[256];

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    for (int i = 0; i < 100; i++) {
        FILE *file = fopen(path, "re");
        if (file == NULL)
            return true;
        size_t n = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        text[n] = '\0';
        if (n == 0 || strstr(text, ") Z ") != NULL || strstr(text, ") X ") != NULL)
            return true;
        usleep(10000);
    }
    return false;
}

/* In a folder of its own, as the current one. */
static int
enter_folder(void **state)
{
    char name[] = "/tmp/child_test.XXXXXX";

    assert_non_null(mkdtemp(name));
    *state = strdup(name);
    return chdir(name);
}

static int
leave_folder(void **state)
{
    unlink("pid");
    unlink("pid2");
    int rc = chdir("/") != 0 || rmdir(*state) != 0;
    free(*state);
    return rc;
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

/* ---- what it sees ---- */

static void
test_descriptors(void **state)
{
    FILE *secret = tmpfile(); /* without CLOEXEC */

    (void)state;
    assert_non_null(secret);
    int high = fcntl(fileno(secret), F_DUPFD, 100);
    assert_true(high >= 100);
    int low = fcntl(high, F_DUPFD, 9);
    assert_int_equal(low, 9);
    assert_int_equal(fcntl(high, F_GETFD), 0);
    /* 3 is the folder that is being listed */
    sh("set -- $(ls /proc/self/fd); echo $*");
    assert_line("0 1 2 3", 7);
    sh("readlink /proc/self/fd/0");
    assert_line("/dev/null", 9);
    sh("cat <&9");
    assert_exit(2);
    assert_string_equal(ran.output.complaint, "/bin/sh: 1: 9: Bad file descriptor");
    close(high);
    close(low);
    fclose(secret);
}

/* Only in a process of its own: what is done to it cannot be undone. */
static int
apart(void (*check)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        check();
        _exit(42);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool
said(const char *command, const char *line)
{
    sh(command);
    return ran.result == CHILD_EXITED && ran.output.status == 0 &&
           ran.line.len == strlen(line) && memcmp(ran.line.text, line, ran.line.len) == 0;
}

static void
run_without_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        close(fd);
    bool good = said("echo one; echo oops >&2", "one") &&
                strcmp(ran.output.complaint, "oops") == 0 &&
                said("readlink /proc/self/fd/0", "/dev/null");
    for (int fd = 0; fd <= 2; fd++)
        good = good && fcntl(fd, F_GETFD) < 0;
    _exit(good ? 0 : 1);
}

static void
test_without_standard_descriptors(void **state)
{
    (void)state;
    assert_int_equal(apart(run_without_standard_descriptors), 0);
}

static void
test_no_terminal(void **state)
{
    (void)state;
    sh("(: </dev/tty) 2>/dev/null && echo terminal || echo none");
    assert_line("none", 4);
    sh("read -r a b c d e f rest </proc/$$/stat; test $$ = $f && echo leads");
    assert_line("leads", 5);
}

static void
test_environment(void **state)
{
    const char *argv[4];
    struct child child = shell(argv, "env | grep -c .; env");
    const char *variables[] = {"ONLY=this", NULL};

    (void)state;
    setenv("CHILD_TEST", "inherited", 1);
    sh("echo $CHILD_TEST");
    assert_line("inherited", 9);
    unsetenv("CHILD_TEST");
    child.variables = (char *const *)(uintptr_t)variables;
    argv[2] = "echo $ONLY $HOME";
    run_into(&ran, &child);
    assert_line("this", 4);
}

/* ---- signals ---- */

static void
run_with_signals(void)
{
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    signals_install();
    signal(SIGXFSZ, SIG_IGN); /* as util/harden.c */
    /* of the first 28 signals: glibc ignores two of its own behind them */
    bool good = said("grep -cE 'Sig(Blk|Ign):.*0{7}$' /proc/self/status", "2");
    raise(SIGTERM); /* blocked until the wait */
    int64_t start = clock_now();
    sh("echo x; sleep 1000");
    good = good && ran.result == CHILD_INTERRUPTED && ran.line.len == 0 &&
           clock_ms_since(start) < 10000 && signals_caught() == SIGTERM;
    _exit(good ? 0 : 1);
}

static void
test_signals(void **state)
{
    (void)state;
    assert_int_equal(apart(run_with_signals), 0);
}

static void
run_with_sigchld_ignored(void)
{
    signal(SIGCHLD, SIG_IGN);
    sh("echo x; exit 3");
    bool good = ran.result == CHILD_EXITED && ran.output.status == 3 << 8 && ran.line.len == 1;
    struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
    sigaction(SIGCHLD, &action, NULL);
    sh("echo x; exit 4");
    good = good && ran.result == CHILD_EXITED && ran.output.status == 4 << 8;
    sh_within("sleep 1000", 100);
    _exit(good && ran.result == CHILD_TIMEOUT ? 0 : 1);
}

static void
test_sigchld_ignored(void **state)
{
    (void)state;
    assert_int_equal(apart(run_with_sigchld_ignored), 0);
}

/* ---- nothing is left ---- */

static int
next_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    close(fd);
    return fd;
}

static void
assert_no_children(void)
{
    errno = 0;
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void
test_other_children(void **state)
{
    (void)state;
    pid_t other = fork();
    int status;

    if (other == 0)
        _exit(7);
    assert_true(gone(other)); /* a zombie now */
    sh("exit 1");
    assert_exit(1);
    sh_within("sleep 1000", 100);
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_no_children();
}

struct parallel {
    pthread_t thread;
    struct ran ran;
    char command[64];
    bool late;
};

static void *
parallel_main(void *argument)
{
    struct parallel *parallel = argument;
    const char *argv[4];
    struct child child = shell(argv, parallel->command);
    if (parallel->late)
        child.deadline = deadline_after(DEADLINE_SECOND / 2);
    run_into(&parallel->ran, &child);
    return NULL;
}

static void
test_parallel(void **state)
{
    static struct parallel all[MANY];
    int before = next_descriptor();

    (void)state;
    for (int i = 0; i < MANY; i++) {
        all[i].late = i % 4 == 3;
        snprintf(all[i].command, sizeof all[i].command, "echo line %d; sleep %s; exit %d", i,
                 all[i].late ? "1000" : "0.1", i);
        assert_int_equal(pthread_create(&all[i].thread, NULL, parallel_main, &all[i]), 0);
    }
    for (int i = 0; i < MANY; i++) {
        char line[64];
        assert_int_equal(pthread_join(all[i].thread, NULL), 0);
        snprintf(line, sizeof line, "line %d", i);
        if (all[i].late) {
            assert_int_equal(all[i].ran.result, CHILD_TIMEOUT);
        } else {
            assert_int_equal(all[i].ran.result, CHILD_EXITED);
            assert_int_equal(WEXITSTATUS(all[i].ran.output.status), i);
            assert_string_equal(all[i].ran.line.text, line);
        }
        secret_free(&all[i].ran.line);
    }
    assert_int_equal(next_descriptor(), before);
    assert_no_children();
}

static void
test_nothing_left(void **state)
{
    int before = next_descriptor();

    (void)state;
    for (int i = 0; i < 20; i++) {
        sh("echo x");
        sh_within("sleep 1000", i);
        test_not_started(state);
    }
    assert_int_equal(next_descriptor(), before);
    assert_no_children();
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
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_without_standard_descriptors),
        cmocka_unit_test(test_no_terminal),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_sigchld_ignored),
        cmocka_unit_test(test_other_children),
        cmocka_unit_test(test_parallel),
        cmocka_unit_test(test_nothing_left),
    };

    int failed = cmocka_run_group_tests_name("child", tests, NULL, NULL);
    secret_free(&ran.line);
    return failed;
}
