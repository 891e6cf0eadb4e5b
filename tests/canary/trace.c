/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs a program and searches its memory for secrets.
 *
 *   trace -c FILE... -o REPORT PROGRAM [ARGUMENT...]
 *   trace -c FILE... -s PATH...
 *
 * Each FILE has the bytes of one secret. With a PROGRAM: memory is searched at its first write
 * to standard output ("report") and at its end ("exit"). What never was there is not found
 * afterwards either, so REPORT also says whether a secret was there before: when the program
 * was started or, from its first connect(2) on, before it read, closed, sent or locked
 * something. Exit status: the program's; 125: this one failed. With -s: files and folders are
 * searched; exit status 1 where something was found.
 *
 * The program makes itself private, so that no other process of its user may look inside. This
 * one holds what it needs from the moment of execve(2) on, before the program's first
 * instruction; it traces it in order to stop it at the right moments. Threads are followed,
 * children are not.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "look.h"

#define LIMIT  115 /* seconds for all */
#define FAILED 125

static struct needles *needles;
static struct look look;
static FILE *report;
static pid_t leader;
static bool connected, reported, alive;

static void
die(const char *what)
{
    fprintf(stderr, "trace: %s: %s\n", what, strerror(errno));
    exit(FAILED);
}

static void
add_secret(const char *path)
{
    unsigned char secret[4096];
    FILE *file = fopen(path, "r");
    size_t len = file ? fread(secret, 1, sizeof secret, file) : 0;

    if (!file || needles_add(needles, secret, len) != 0)
        die(path);
    explicit_bzero(secret, sizeof secret);
    fclose(file);
}

static void
start(char **argv)
{
    leader = fork();
    if (leader < 0)
        die("fork");
    if (leader == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP); /* until the tracer has set its options */
        execv(argv[0], argv);
        die(argv[0]);
    }
    int status;
    if (waitpid(leader, &status, 0) != leader || !WIFSTOPPED(status))
        die("the program did not stop");
    if (ptrace(PTRACE_SETOPTIONS, leader, NULL,
               (void *)(uintptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC |
                                   PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT |
                                   PTRACE_O_EXITKILL)) != 0)
        die("PTRACE_SETOPTIONS");
    signal(SIGINT, SIG_IGN); /* the program's, whose end is then waited for */
    signal(SIGQUIT, SIG_IGN);
    signal(SIGTSTP, SIG_IGN);
}

static void
note_alive(const char *moment)
{
    alive = true;
    fprintf(report, "%s: the secret is there\n", moment);
}

static void
at_exec(void)
{
    if (look_open(&look, leader, needles) != 0)
        die("/proc");
    if (look_memory(&look, "start", NULL) > 0)
        note_alive("start");
}

static void
at_syscall(pid_t thread)
{
    struct __ptrace_syscall_info info;

    if (look.mem <= 0 ||
        ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof info, &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return;
    switch (info.entry.nr) {
    case SYS_write:
    case SYS_writev:
        if (info.entry.args[0] == STDOUT_FILENO && !reported) {
            reported = true;
            look_hardening(&look, "report", report);
            look_memory(&look, "report", report);
        }
        break;
    case SYS_connect:
        connected = true;
        break;
    case SYS_read:
    case SYS_close:
    case SYS_sendto:
    case SYS_sendmsg:
    case SYS_mlock: /* as src/util/secret.c does */
        if (connected && !alive && look_memory(&look, "use", NULL) > 0)
            note_alive("use");
        break;
    }
}

/* The signal to hand on, 0 for a stop that is the tracer's own. */
static int
at_stop(pid_t thread, int status)
{
    int stop = WSTOPSIG(status), event = status >> 16;

    if (stop == (SIGTRAP | 0x80))
        at_syscall(thread);
    else if (event == PTRACE_EVENT_EXEC)
        at_exec();
    else if (event == PTRACE_EVENT_EXIT && thread == leader)
        look_memory(&look, "exit", report);
    else if (event == 0 && (thread == leader || stop != SIGSTOP))
        return stop;
    return 0; /* of a new thread the first stop is the kernel's */
}

static int
follow(void)
{
    int status = 0, result = FAILED, handed_on = 0;
    pid_t thread = leader;

    do {
        if (ptrace(PTRACE_SYSCALL, thread, NULL, (void *)(intptr_t)handed_on) != 0 &&
            errno != ESRCH)
            die("PTRACE_SYSCALL");
        while ((thread = waitpid(-1, &status, __WALL)) > 0 && !WIFSTOPPED(status)) {
            if (thread == leader)
                result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        if (thread > 0)
            handed_on = at_stop(thread, status);
    } while (thread > 0);
    return result;
}

static int
search_files(char **paths)
{
    size_t hits = 0;

    for (; *paths; paths++)
        hits += look_files(needles, *paths, stdout);
    return hits > 0;
}

int
main(int argc, char **argv)
{
    bool search = false;
    int option, status;

    if (!(needles = needles_new()))
        die("memory");
    while ((option = getopt(argc, argv, "+c:o:s")) != -1) {
        if (option == 'c')
            add_secret(optarg);
        else if (option == 'o')
            report = fopen(optarg, "we");
        else if (option == 's')
            search = true;
        else
            return FAILED;
    }
    if (optind == argc || (!search && !report)) {
        fputs("usage: trace -c FILE... -o REPORT PROGRAM [ARGUMENT...] | -s PATH...\n", stderr);
        return FAILED;
    }
    alarm(LIMIT); /* the program dies with its tracer */
    if (search) {
        status = search_files(argv + optind);
    } else {
        start(argv + optind);
        status = follow();
        if (fclose(report) != 0)
            die("the report");
    }
    needles_free(needles);
    return status;
}
