/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tests of rules and sources share: a folder for files, and one question to one
 * source.
 */
#ifndef ASK_FIXTURE_H
#define ASK_FIXTURE_H

#include <stddef.h>
#include <sys/types.h>

#include "util/deadline.h"
#include "util/outcome.h"

#define FAR   deadline_after(100 * DEADLINE_SECOND)
#define LOGIN "alice@host:22"

/* The group's setup and teardown: the folder, and no variable taken is left. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* A path in the folder; the last four stay valid. */
const char *fixture_path(const char *name);

/* The same of a new file that its owner alone can read. */
const char *fixture_file(const char *name, const void *bytes, size_t len);

/* "PREFIX" and the path of such a file, with a string in it; the last one stays valid. */
const char *fixture_source(const char *prefix, const char *name, const char *text);

/* Reads the source `text` and compares. `answer` NULL: it fails with `outcome`, and `words` are
 * in the message. */
void expect_source(const char *text, const char *answer, size_t len);
void expect_failure(const char *text, enum outcome outcome, const char *words);

/* A child that has slept, in which 0 is returned. */
pid_t fork_to_sleep(int milliseconds);

#endif
