/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A child process: started with nothing of ours, killed with all that it started, waited for
 * with a limit. Used by util/child.c and probe/proxy.c. Nothing here is static: threads may
 * each have theirs.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PROCESS_ENDING_SIZE 96

struct process {
    pid_t pid;
    int pid_fd; /* readable once it has ended; -1 where the kernel has none */
};

struct process_plan {
    char *const *argv;      /* argv[0] is a path */
    char *const *variables; /* NULL: the environment of this process */
    int in;                 /* becomes its standard input; -1: that is /dev/null */
    int out, err;           /* become its standard output and error; all three above 2 */
    /* It stays in this process's session and group, and may use its terminal; else it has a
     * session of its own, without one. */
    bool shares_terminal;
};

/*
 * This process's environment without the variables `dropped`, `count` of them ("NAME="), and
 * with `added` ("NAME=VALUE") unless it is NULL: an array to be freed, whose strings are not
 * copied. NULL where memory is short.
 */
char **process_variables(const char *const *dropped, size_t count, char *added);

/* False with errno where it could not be started, the program not being executable included. */
bool process_start(struct process *process, const struct process_plan *plan);

/* Has it ended, or is it no longer to be had? Nothing is reaped. */
bool process_ended(const struct process *process);

/* Kills it and what belongs to its own session, and waits for its end, but not for ever.
 * It must not have been reaped. */
void process_kill(const struct process *process);

/* Reaps it once it has ended and closes what is open. False with errno where there is no
 * status: ECHILD where another took it, EBUSY where it cannot be killed. */
bool process_reap(struct process *process, int *status);

/* wait(2)'s status of one that has ended and was not reaped; 0 where there is none. */
int process_status(const struct process *process);

/* "exit status 3", "ended by signal 9 (Killed)": of wait(2)'s status. Returns `out`. */
const char *process_ending(char out[PROCESS_ENDING_SIZE], int status);

#endif
