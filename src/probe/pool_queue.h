/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the pool knows of a task, and queues of them. No locks: see pool_crew.h.
 */
#ifndef POOL_QUEUE_H
#define POOL_QUEUE_H

#include "probe/slots.h"
#include "probe/task.h"

enum job_state {
    JOB_READY, /* in one of the crew's queues */
    JOB_RUNNING,
    JOB_WANTS_SLOT, /* in a queue of probe/slots.h */
    JOB_DROPPED,    /* it will not be run any more: the main thread ends it */
    JOB_DONE
};

struct job {
    struct task *task; /* whose `pool` this is */
    struct crew *crew;
    struct result_watch watch;
    struct slots_wait wait;
    enum job_state state;
    bool turn_came;  /* for a slot, before the task had been put aside */
    unsigned failed; /* how often there was no room for it */
    unsigned era;    /* the crew's when it began */
    struct job *next;
};

/* In the order in which they came; all zero: empty. */
struct job_queue {
    struct job *first, *last;
    size_t count;
};

void job_queue_add(struct job_queue *queue, struct job *job);
struct job *job_queue_take(struct job_queue *queue); /* NULL: it is empty */

/* The same for tasks, in input order, by their `next`. */
struct task_queue {
    struct task *first, *last;
    size_t count;
};

void task_queue_add(struct task_queue *queue, struct task *task);
struct task *task_queue_take(struct task_queue *queue);

#endif
