/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Programs that are run for one line: what they may see of this process, which signals they are
 * started with, and that nothing of them is left.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child_fixture.h"
#include "descriptors.h"
#include "util/signals.h"

enum { MANY = 24 };

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
    assert_int_not_equal(ran.output.status, 0);
    assert_non_null(strstr(ran.output.complaint, "9: Bad file descriptor"));
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

/* An older kernel: nothing tells of the end but asking again and again. */
static void
run_without_pid_fd(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof code / sizeof code[0], code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0 ||
        syscall(SYS_pidfd_open, getpid(), 0) >= 0)
        _exit(2);
    bool good = said("echo one; exec >&- 2>&-; sleep 0.2", "one");
    sh("exit 3");
    good = good && ran.output.status == 3 << 8;
    int64_t start = clock_now();
    sh_within("sleep 1000", 200);
    good = good && ran.result == CHILD_TIMEOUT && clock_ms_since(start) < 10000;
    _exit(good && waitpid(-1, NULL, WNOHANG) < 0 ? 0 : 1);
}

static void
test_without_pid_fd(void **state)
{
    (void)state;
    assert_int_equal(apart(run_without_pid_fd), 0);
}

/* ---- nothing is left ---- */

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
    const char *argv[4], *nothing[] = {"/nonexistent/program", NULL};
    struct child child = shell(argv, "");
    int before = next_descriptor();

    (void)state;
    for (int i = 0; i < 20; i++) {
        sh("echo x");
        sh_within("sleep 1000", i);
        child.argv = (char *const *)(uintptr_t)nothing;
        run_into(&ran, &child);
    }
    assert_int_equal(next_descriptor(), before);
    assert_no_children();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_without_standard_descriptors),
        cmocka_unit_test(test_no_terminal),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_sigchld_ignored),
        cmocka_unit_test(test_without_pid_fd),
        cmocka_unit_test(test_other_children),
        cmocka_unit_test(test_parallel),
        cmocka_unit_test(test_nothing_left),
    };

    int failed = cmocka_run_group_tests_name("child_apart", tests, NULL, NULL);
    secret_free(&ran.line);
    return failed;
}
