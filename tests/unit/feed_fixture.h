/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of lists: a list in a folder of its own, and its targets one after the other.
 */
#ifndef FEED_FIXTURE_H
#define FEED_FIXTURE_H

#include "cli/feed.h"

extern struct command feed_command;
extern struct failure feed_failure;
extern struct feed *feed;

/* A new folder that is the working directory, and is removed with these files in it: "hosts",
 * "key", "rules", "ssh". */
int feed_enter(void **state);
int feed_leave(void **state);

void feed_write(const char *name, const void *bytes, size_t len);

/* Parses the words behind "-F none", up to a NULL, and opens the list: what feed_open() said.
 */
bool feed_begin(const char *const *args);
#define FEED_BEGIN(...) feed_begin((const char *const[]){__VA_ARGS__, NULL})

/* Closes it, and frees the command: after all tasks. */
void feed_finish(void);

/* The next one, which must be there at once. */
struct task *feed_take(void);

/* True where there is none. */
bool feed_at_end(void);

/* Its prepare(), where it has one and is good: false with feed_failure. */
bool feed_prepare(struct task *task);

/* ---- in one call ---- */

void feed_write_list(const char *text); /* "hosts" */

/* The next one is this host, from this line, and can be run; or is a bad line. Released. */
void feed_expect_host(const char *host, unsigned long line);
void feed_expect_bad(const char *message, unsigned long line);

/* There are no more, and this, or NULL, is what feed_failed() says. */
void feed_expect_end(const char *failure);

#endif
