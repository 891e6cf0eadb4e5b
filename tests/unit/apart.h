/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A test in a process of its own, for what cannot be undone: a signal that is caught for good,
 * a session that is begun. It has two minutes.
 */
#ifndef APART_H
#define APART_H

#include <sys/types.h>
#include <unistd.h>

/* Evaluates the expression in a child, and asserts that it is true there. */
#define ASSERT_APART(expression)                                                               \
    do {                                                                                       \
        pid_t apart_child = apart_fork();                                                      \
        if (apart_child == 0)                                                                  \
            _exit((expression) ? 0 : 1);                                                       \
        apart_join(apart_child);                                                               \
    } while (0)

/* Of the macro: 0 in the child. */
pid_t apart_fork(void);

/* Waits for it; asserts that it ended with 0. */
void apart_join(pid_t child);

#endif
