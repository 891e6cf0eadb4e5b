/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of the pool: a list of tasks, what is told of them, and a plan for both.
 */
#ifndef POOL_FIXTURE_H
#define POOL_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/pool.h"
#include "util/thread.h"

struct pool_test_task {
    struct task task; /* first */
    size_t index;
    unsigned runs; /* how often the plan's run() was called */
};

struct pool_test {
    struct pool_plan plan; /* its context is this struct */
    size_t count;          /* of tasks to be given */
    size_t given, reported, released;
    size_t most_ahead; /* given and not yet reported, at most */
    size_t hold_at;    /* TASK_WAIT there, until `input` is readable; 0: never */
    int input[2];      /* a pipe; -1 */
    uint16_t port;     /* of 127.0.0.1, for result_run() */
    size_t interrupted, failed;
    enum outcome first_outcome;
    unsigned outcomes[64]; /* how often each came */
    unsigned progresses;
    struct pool_state last;
    void (*made)(struct pool_test *test, struct pool_test_task *made);
    void (*seen)(struct pool_test *test, struct pool_test_task *seen);
    struct settings settings;
};

/* A plan's run(), called `name`, which may not need all of its arguments. */
#define RUN(name)                                                                              \
    static enum result_state name(void *context, struct task *task, bool alone,                \
                                  struct slots_wait *wait, const struct result_watch *watch)

#define UNUSED() (void)context, (void)alone, (void)wait, (void)watch

static inline struct pool_test_task *
pool_test_of(struct task *task)
{
    return (struct pool_test_task *)(void *)task;
}

/* `count` tasks of one chain that lists what is offered. run: NULL is result_run(). */
void pool_test_init(struct pool_test *test, size_t count, unsigned jobs,
                    enum result_state (*run)(void *context, struct task *task, bool alone,
                                             struct slots_wait *wait,
                                             const struct result_watch *watch));

/* Runs it; every task that was given is reported once, in order, and released. */
void pool_test_run(struct pool_test *test);

/* Ends a task of a run() of the test's own. */
enum result_state pool_test_end(struct task *task, enum outcome outcome);

/* A server on loopback that holds each connection for some milliseconds and hangs up. */
struct pool_server {
    uint16_t port;
    _Atomic unsigned accepted, most; /* most: at once */
    _Atomic bool ending;
    unsigned hold_ms;
    int listener;
    struct thread thread;
};
void pool_server_start(struct pool_server *server, unsigned hold_ms);
void pool_server_stop(struct pool_server *server);

/* Threads of this process. */
unsigned pool_test_threads(void);

#endif
