/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The targets of a run, in input order: those of the command line, then the lines of -f. Lines
 * are read as they are needed, so that a list may be a pipe that is still being written.
 *
 * A line is a list of words as a POSIX shell has them (cli/words.h), nothing being expanded:
 * options and one target, in any order. A # at the beginning of a word begins a comment. Lines
 * without words do not count. A carriage return before the newline and a byte order mark at the
 * beginning are dropped; the last line needs no newline. At a line that begins a private key
 * the list ends, with that line as a bad one.
 */
#ifndef FEED_H
#define FEED_H

#include "cli/options.h"
#include "probe/task.h"

#define FEED_LINE_MAX ((size_t)64 * 1024) /* bytes; a longer line is a bad one */

struct feed;

/*
 * NULL with the reason in `failure`: USAGE (the list cannot be opened, or is a directory),
 * INTERNAL (memory). `command` must stay as it is until feed_close().
 */
struct feed *feed_open(const struct command *command, struct failure *failure);
void feed_close(struct feed *feed);

/* To be waited for where feed_next() said TASK_WAIT; a file always is readable. -1: no list. */
int feed_fd(const struct feed *feed);

/*
 * The next target as a task, to be released by its own function, before feed_close(). A line
 * that is no good is a task with a failure (USAGE, with "FILE:LINE: what: why"; CREDENTIAL and
 * others come from its prepare()). Once a signal of util/signals.h was caught a list that is no
 * regular file is at its end. WAIT also comes of 1 MiB without a target, so that the caller can
 * look at what else there is to do, signals before all.
 */
enum task_next feed_next(struct feed *feed, struct task **task);

/*
 * How many there will be, those that feed_next() gave included. Of a list it is about so many,
 * and not *exact: from what part of it was read; 0: it is no regular file, or nothing was read
 * yet.
 */
unsigned long feed_total(const struct feed *feed, bool *exact);

/* All of that as the pool wants it; valid until feed_close(). */
struct task_source feed_source(struct feed *feed);

/* At the end of a run: did the list have no target at all (USAGE), or end before its end
 * (USAGE: a read error; INTERNAL: memory)? Not known, and false, where it was not read up to
 * TASK_END. */
bool feed_failed(const struct feed *feed, struct failure *failure);

#endif
