/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What proxy_test.c and proxy_end_test.c share: a proxy that is a command of the shell.
 */
#ifndef PROXY_FIXTURE_H
#define PROXY_FIXTURE_H

#include "probe/proxy.h"

#define FAR deadline_after(60 * DEADLINE_SECOND)

/* The shell's `$$` and that of a grandchild, in the test's folder. */
#define PIDS "echo $$ >pid; sleep 1000 & echo $! >pid2; "

/* The one of a test. */
struct proxy_run {
    struct settings settings;
    struct request request;
    struct proxy *proxy;
    int fd;
    struct failure failure;
};

extern struct proxy_run run;

struct deadline in_ms(int milliseconds);

/* The request: nobody is asked. One of the two is NULL. */
void prepare(const char *command, const char *jump);

/* proxy_start() with it. */
enum outcome start_within(struct deadline deadline, struct deadline patient);

/* All of it, to success; to a failure, of the request that is prepared. */
void start(const char *command);
void assert_fails(enum outcome outcome, const char *message);

/* What comes up to the end of file, or `len` bytes. */
const char *received(size_t len);

/* Closes the descriptor and ends the proxy. */
void stop(void);

/* The group's setup; and a test that nothing was left since. */
int proxy_begin(void **state);
void test_nothing_left(void **state);

#endif
