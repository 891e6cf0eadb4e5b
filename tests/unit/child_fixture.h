/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What child_test.c and child_apart_test.c share: running commands of the shell.
 */
#ifndef CHILD_FIXTURE_H
#define CHILD_FIXTURE_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/child.h"

#define CHILD_PATIENCE 60 /* seconds: a limit that nothing is to reach */

struct ran {
    enum child_result result;
    int error; /* errno */
    struct secret line;
    struct child_output output;
};

extern struct ran ran; /* by the last sh() or sh_within() */

/* A child that runs `command`; `argv` is filled and must stay. */
struct child shell(const char *argv[4], const char *command);

void run_into(struct ran *into, const struct child *child);
void sh(const char *command);
void sh_within(const char *command, int milliseconds);

/* On `ran`: it ended by itself, and this was its line; this was its exit status. */
void assert_line(const char *bytes, size_t len);
void assert_exit(int status);

/* The pid that the command wrote into the file, which is removed. */
pid_t pid_in(const char *path);

/* Has it ended, within a second? A zombie, which is init's to reap, has. */
bool gone(pid_t pid);

/* For tests in a folder of their own, as the current one; they may leave "pid" and "pid2". */
int enter_folder(void **state);
int leave_folder(void **state);

/* Its vfork(2) copies the memory, so that the reason why a program cannot be started does not
 * come back. */
bool under_valgrind(void);

#endif
