/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One target on its way through the pool: what is asked of it, and what came of it. Made by
 * cli/, run by probe/pool.c, reported, and released by its maker's function.
 */
#ifndef TASK_H
#define TASK_H

#include "probe/request.h"
#include "probe/result.h"

struct task {
    struct request request; /* valid where prepare is NULL, or once that returned true */
    const struct chain *chains;
    size_t chain_count;
    /*
     * What takes time and must be done before the first connection: ssh is asked for its
     * configuration, credentials are looked at. Called in the thread that runs the task, which
     * need not be the main one; false, with the failure set, where the target cannot be run,
     * and after INTERNAL it may be called again. NULL: there is nothing to do.
     */
    bool (*prepare)(struct task *task, struct failure *failure);
    /* Frees the task and all behind it, but not result.notes; in the thread of pool_run(). */
    void (*release)(struct task *task);
    /* `place` and `expected` are set by the maker; `failure` too where the task is not to be
     * run at all, a bad line; the rest is the pool's. `request` points to the one above once it
     * is valid. */
    struct result result;
    struct task *next; /* the pool's own */
    void *pool;        /* likewise */
};

enum task_next {
    TASK_READY, /* *task is the next one, and the caller's from here on */
    TASK_WAIT,  /* none is there yet: again once input() is readable */
    TASK_END    /* there will be none */
};

/* Where tasks come from, in input order. */
struct task_source {
    enum task_next (*next)(void *context, struct task **task);
    /* The descriptor that is readable once next() has something; -1, or no function: next()
     * never waits. */
    int (*input)(void *context);
    /* How many there will be, those that next() gave included: *exact, or about so many; 0, or
     * no function: nobody knows. */
    unsigned long (*total)(void *context, bool *exact);
    void *context;
};

#endif
