/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a program, and measures it with all of its descendants.
 *
 *   launch SECONDS OUT ERR PROGRAM ARGUMENT...
 *
 * PROGRAM gets an empty standard input, the files OUT and ERR, and a session of its own, so
 * that nothing can ask at a terminal. After SECONDS, or when SIGINT or SIGTERM comes, its
 * process group is killed. It prints:
 *
 *   STATUS WALL USER SYSTEM PEAK
 *
 * the exit status (minus the signal's number where one killed it), three times in microseconds,
 * from before fork(2) until it has ended, and KiB of the largest process. Orphans are this
 * program's, and waited for, but not timed. The peak that wait4(2) tells is at least what the
 * process that forked had: so this one is small.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;

static void
give_up(int number)
{
    (void)number;
    if (child > 0)
        kill(-child, SIGKILL);
}

static void
open_as(int number, const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd < 0 || dup2(fd, number) < 0)
        _exit(127);
}

static void
run(char **argv)
{
    setsid();
    open_as(0, "/dev/null", O_RDONLY);
    open_as(1, argv[2], O_WRONLY | O_CREAT | O_TRUNC);
    open_as(2, argv[3], O_WRONLY | O_CREAT | O_TRUNC);
    execvp(argv[4], argv + 4);
    _exit(127);
}

static long long
microseconds(const struct timeval *time)
{
    return time->tv_sec * 1000000LL + time->tv_usec;
}

int
main(int argc, char **argv)
{
    struct timespec begin, end;
    struct rusage usage;
    int status = 0, any;
    pid_t ended;

    if (argc < 5 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return 2;
    signal(SIGALRM, give_up);
    signal(SIGTERM, give_up);
    signal(SIGINT, give_up);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    child = fork();
    if (child == 0)
        run(argv);
    if (child < 0)
        return 1;
    alarm((unsigned)atoi(argv[1]));
    while ((ended = waitpid(-1, &any, 0)) > 0 || errno == EINTR)
        if (ended == child) {
            clock_gettime(CLOCK_MONOTONIC, &end);
            status = any;
        }
    getrusage(RUSAGE_CHILDREN, &usage);
    printf("%d %lld %lld %lld %ld\n",
           WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status),
           (end.tv_sec - begin.tv_sec) * 1000000LL + (end.tv_nsec - begin.tv_nsec) / 1000,
           microseconds(&usage.ru_utime), microseconds(&usage.ru_stime), usage.ru_maxrss);
    return 0;
}
