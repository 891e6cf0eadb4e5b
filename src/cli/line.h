/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One line of a list, with what the command line says, as a task.
 */
#ifndef LINE_H
#define LINE_H

#include "cli/options.h"
#include "probe/task.h"

enum line_result {
    LINE_TASK,
    LINE_EMPTY,    /* it has no words */
    LINE_NO_MEMORY /* not even for a task that says so */
};

/*
 * Parses `len` bytes, line `number` of command->file, in the main thread: options are getopt's,
 * which has globals. A line that is no good is a task whose result has the failure. The task
 * needs the command, and nothing else. Its prepare() may be called again where it failed with
 * INTERNAL, because memory or descriptors were short.
 */
enum line_result line_parse(const struct command *command, unsigned long number,
                            const char *text, size_t len, struct task **task);

/* The task of a line that is not even words, for this reason; NULL where memory is short. */
struct task *line_refuse(const struct command *command, unsigned long number, const char *why);

#endif
