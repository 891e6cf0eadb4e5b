/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many targets at once: threads with small stacks, each of which runs one target at a time.
 * The thread that calls pool_run(), the main one, reads the targets, hands the results on in
 * input order, and does what only it can do (util/errand.h: prompts).
 */
#ifndef POOL_H
#define POOL_H

#include "probe/pool_state.h"
#include "probe/task.h"

/* Who wants to know what comes of it; only done() must be there. */
struct pool_sink {
    /* How the task is to be watched; called before it is run. The functions of the watch are
     * called in the thread that runs the task. */
    struct result_watch (*watch)(void *context, struct task *task);
    /* The next result in input order. The task is released after it. */
    void (*done)(void *context, struct task *task);
    /* Is there nobody left to run targets for? As after a signal, none is begun then, and those
     * running end (signals_give_up()); what is not read yet is not told of. */
    bool (*broken)(void *context);
    /* Called after every change and some times a second. */
    void (*progress)(void *context, const struct pool_state *state);
    /* Before and after a person is asked something at the terminal. */
    void (*prompting)(void *context, bool begins);
    void *context;
};

/* The functions of source and sink are called in the thread of pool_run(), and never while
 * another one is. */
struct pool_plan {
    unsigned jobs;        /* targets at once, at least 1; 1: no thread is made */
    unsigned per_address; /* connections at once to one address and port, at least 1 */
    struct task_source source;
    struct pool_sink sink;
    /* For tests: what result_run() does for the task, see there, in the thread that runs it.
     * NULL, as it should be: result_run() itself. */
    enum result_state (*run)(void *context, struct task *task, bool alone,
                             struct slots_wait *wait, const struct result_watch *watch);
    void *context; /* of run() */
};

/* Results that may wait for an earlier one: behind that nothing is read or begun. */
#define POOL_WINDOW 4096

/*
 * Runs all targets. Each has its own deadline, from when it is begun; one that cannot be begun
 * for want of descriptors, memory or threads, or because per_address connections are open to
 * its address, waits until others have ended. The soft limit of descriptors is raised as far as
 * needed and allowed. After a signal of util/signals.h none is begun: those running end
 * INTERRUPTED, and so do, without a verdict, those that next() still gives until TASK_END,
 * or TASK_WAIT, or for some seconds: a list may have no end.
 * False, with INTERNAL in the failure, where not even the pool itself could be made.
 */
bool pool_run(const struct pool_plan *plan, struct failure *failure);

#endif
