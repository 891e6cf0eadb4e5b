/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The threads of the pool, and which task is begun next.
 *
 * One that finds no room (RESULT_NO_ROOM) says so of all: fewer are run at once from then on,
 * and slowly more again. It is tried again when another one has ended, some times, and at last
 * when nothing else can be done, by the main thread when there is no other: what comes of it
 * then is the truth.
 */
#ifndef POOL_CREW_H
#define POOL_CREW_H

#include <pthread.h>

#include "probe/pool.h"
#include "probe/pool_queue.h"
#include "probe/pool_room.h"

struct crew_member;

/* All but the first three under the lock, which is taken after that of slots.c. */
struct crew {
    const struct pool_plan *plan;
    int finished; /* an eventfd: something changed that the main thread wants to know */
    struct pool_room room_at_start;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job_queue ready;   /* to be begun */
    struct job_queue granted; /* have a slot now, which others wait for: before those */
    struct job_queue again;   /* found no room: once another one has ended */
    struct job_queue late;    /* the same too often: when there is nothing else */
    unsigned running;
    unsigned limit; /* how many may run at once, for now */
    unsigned safe;  /* how many did when one last found no room */
    unsigned grown; /* ended since the limit last rose */
    unsigned era;   /* how often it was lowered */
    unsigned room;  /* ended since one of `again` was begun */
    bool alone;     /* one runs that nothing else is begun beside */
    bool leaving;   /* threads end, for one that is to be alone */
    bool stopped;   /* nothing is begun any more */
    bool ending;    /* threads end */
    unsigned threads;
    unsigned ceiling;             /* so many threads could be made, or may be */
    struct crew_member *left;     /* have ended, or will at once; to be joined */
    unsigned long added;          /* jobs, ever */
    unsigned long done, not_well; /* as in struct pool_state */
};

/* False with errno. No thread is made yet. */
bool crew_open(struct crew *crew, const struct pool_plan *plan);

/* Takes the job, to be run as soon as may be. */
void crew_add(struct crew *crew, struct job *job);

/* How many more could be begun than are there. */
unsigned crew_wants(struct crew *crew);

/*
 * Makes threads, where there is work for them. Where not even one can be made, or one is to be
 * alone, a job is run in the calling thread; to be called after each change.
 */
void crew_staff(struct crew *crew);

/* Nothing more is begun. Every job that does not run is JOB_DROPPED when its time comes: see
 * crew_is_done(). */
void crew_stop(struct crew *crew);

/* True once the result of the job is there, for good. Where the crew was stopped, and the job
 * will not be run, it is failed. */
bool crew_is_done(struct crew *crew, struct job *job);

/* Makes the request of the task, unless that was done. DONE: it is there, and the task is to be
 * run, or there is none, and its result is. NO_ROOM: later, not where it is `alone`. */
enum result_state crew_prepare(struct task *task, bool alone);

/* One that was not run at all is done. */
void crew_count(struct crew *crew, const struct task *task);

/* Waits for the threads, which have nothing to do any more. */
void crew_close(struct crew *crew);

#endif
