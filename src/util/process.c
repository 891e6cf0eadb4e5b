/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * posix_spawn(3) and not fork(2): other threads may hold locks, and secrets would be copied.
 */
#include <config.h>

#include "util/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/deadline.h"
#include "util/environ.h"
#include "util/signals.h"

enum {
    KILL_SECONDS = 5, /* what is in the kernel's hands, on a dead NFS server, does not die */
    KILL_PASSES = 20, /* over a session that goes on forking */
    STEP_MS = 10
};

/* ---- starting ---- */

static bool
is_dropped(const char *variable, const char *const *dropped, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(variable, dropped[i], strlen(dropped[i])) == 0) {
            return true;
        }
    }
    return false;
}

char **
process_variables(const char *const *dropped, size_t count, char *added)
{
    char **now = environ_now();
    size_t all = 0, kept = 0;
    while (now[all] != NULL) {
        all++;
    }
    char **variables = calloc(all + 2, sizeof *variables);
    if (variables == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < all; i++) {
        if (!is_dropped(now[i], dropped, count)) {
            variables[kept++] = now[i];
        }
    }
    variables[kept] = added;
    return variables;
}

/* Where SIGCHLD is ignored, which a process inherits, the kernel reaps, and the status is lost.
 * It is set for good: setting it back would be a race between threads. */
static void
keep_statuses(void)
{
    struct sigaction action;
    if (sigaction(SIGCHLD, NULL, &action) == 0 &&
        (action.sa_handler == SIG_IGN || (action.sa_flags & SA_NOCLDWAIT) != 0)) {
        action = (struct sigaction){.sa_handler = SIG_DFL};
        sigaction(SIGCHLD, &action, NULL);
    }
}

/* The mask of start. */
static int
set_signals(posix_spawnattr_t *attributes)
{
    sigset_t mask, defaults;
    if (signals_wait_mask() != NULL) {
        mask = *signals_wait_mask();
    } else {
        pthread_sigmask(SIG_SETMASK, NULL, &mask);
    }
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGCHLD);
    sigaddset(&defaults, SIGXFSZ); /* ignored by util/harden.c */
    int error = posix_spawnattr_setsigmask(attributes, &mask);
    return error != 0 ? error : posix_spawnattr_setsigdefault(attributes, &defaults);
}

/* All above the standard ones: the descriptors of fd: hold secrets, and were inherited without
 * CLOEXEC. */
static int
close_others(posix_spawn_file_actions_t *actions)
{
#ifdef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
    return posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
#else
    DIR *list = opendir("/proc/self/fd");
    if (list == NULL) {
        return errno;
    }
    int error = 0;
    struct dirent *entry;
    while (error == 0 && (entry = readdir(list)) != NULL) {
        int fd = atoi(entry->d_name); /* "." and ".." are 0 */
        if (fd > STDERR_FILENO) {
            error = posix_spawn_file_actions_addclose(actions, fd);
        }
    }
    closedir(list);
    return error;
#endif
}

static int
set_descriptors(posix_spawn_file_actions_t *actions, const struct process_plan *plan)
{
    int error =
        plan->in >= 0
            ? posix_spawn_file_actions_adddup2(actions, plan->in, STDIN_FILENO)
            : posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(actions, plan->out, STDOUT_FILENO);
    }
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(actions, plan->err, STDERR_FILENO);
    }
    return error != 0 ? error : close_others(actions);
}

static int
spawn(pid_t *pid, const struct process_plan *plan, posix_spawnattr_t *attributes,
      posix_spawn_file_actions_t *actions)
{
    const int signals = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    const int flags = plan->shares_terminal ? signals : signals | POSIX_SPAWN_SETSID;
    int error = posix_spawnattr_setflags(attributes, (short)flags);
    if (error == 0) {
        error = set_signals(attributes);
    }
    if (error == 0) {
        error = set_descriptors(actions, plan);
    }
    if (error == 0) {
        error = posix_spawn(pid, plan->argv[0], actions, attributes, plan->argv,
                            plan->variables != NULL ? plan->variables : environ_now());
    }
    return error;
}

bool
process_start(struct process *process, const struct process_plan *plan)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    *process = (struct process){.pid = -1, .pid_fd = -1};
    errno = posix_spawnattr_init(&attributes);
    if (errno != 0) {
        return false;
    }
    errno = posix_spawn_file_actions_init(&actions);
    if (errno != 0) {
        posix_spawnattr_destroy(&attributes);
        return false;
    }
    keep_statuses();
    int error = spawn(&process->pid, plan, &attributes, &actions);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
#ifdef SYS_pidfd_open
    if (error == 0) {
        process->pid_fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
    }
#endif
    errno = error;
    return error == 0;
}

/* ---- ending ---- */

bool
process_ended(const struct process *process)
{
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
        return errno == ECHILD;
    }
    return info.si_pid != 0;
}

/* The session of a process that still runs; 0 where it does not. */
static pid_t
session_of(const char *pid)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    /* proc(5): "PID (NAME) STATE PPID PGRP SESSION ...", where NAME may be anything */
    const char *behind_name = strrchr(text, ')');
    char state;
    int session;
    if (behind_name == NULL || sscanf(behind_name, ") %c %*d %*d %d", &state, &session) != 2 ||
        state == 'Z' || state == 'X') {
        return 0;
    }
    return session;
}

/* One pass over the session's processes, each group of it. True where there was one. */
static bool
kill_session(pid_t session)
{
    DIR *list = opendir("/proc");
    bool found = false;
    struct dirent *entry;
    while (list != NULL && (entry = readdir(list)) != NULL) {
        pid_t pid = atoi(entry->d_name);
        if (pid > 0 && session_of(entry->d_name) == session) {
            found = kill(pid, SIGKILL) == 0 || found;
        }
    }
    if (list != NULL) {
        closedir(list);
    }
    return found;
}

static void
pause_for(int pid_fd)
{
    struct pollfd wait = {.fd = pid_fd, .events = POLLIN};
    poll(&wait, 1, STEP_MS);
}

void
process_kill(const struct process *process)
{
    struct deadline limit = deadline_after(KILL_SECONDS * DEADLINE_SECOND);
    kill(-process->pid, SIGKILL);
    kill(process->pid, SIGKILL);
    /* timeout(1) and shells with job control make groups of their own within the session */
    for (int i = 0; i < KILL_PASSES && kill_session(process->pid); i++) {
        pause_for(-1);
    }
    while (!process_ended(process) && !deadline_passed(limit)) {
        pause_for(process->pid_fd);
    }
}

bool
process_reap(struct process *process, int *status)
{
    pid_t pid;
    do {
        pid = waitpid(process->pid, status, WNOHANG);
    } while (pid < 0 && errno == EINTR);
    int error = pid == 0 ? EBUSY : errno;
    if (process->pid_fd >= 0) {
        close(process->pid_fd);
    }
    errno = error;
    return pid > 0;
}

int
process_status(const struct process *process)
{
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == 0) {
        return 0;
    }
    return info.si_code == CLD_EXITED ? W_EXITCODE(info.si_status, 0)
                                      : W_EXITCODE(0, info.si_status);
}

const char *
process_ending(char out[PROCESS_ENDING_SIZE], int status)
{
    if (WIFSIGNALED(status)) {
        snprintf(out, PROCESS_ENDING_SIZE, "ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    } else {
        snprintf(out, PROCESS_ENDING_SIZE, "exit status %d", WEXITSTATUS(status));
    }
    return out;
}
