/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every decision is made by next_job() and settle(), under the lock.
 */
#include <config.h>

#include "probe/pool_crew.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/descriptor.h"
#include "util/signals.h"
#include "util/thread.h"

/* 72 KiB are the most that a method was seen to use, with 64 that util/wipe.c may overwrite. */
#define STACK_SIZE ((size_t)256 * 1024)

enum { FAILED_MAX = 3 }; /* times without room, before a task has to wait for the others */

struct crew_member {
    struct crew *crew;
    struct thread thread;
    struct crew_member *next;
};

static void
ring(const struct crew *crew)
{
    (void)eventfd_write(crew->finished, 1);
}

/* ---- which one is next, and what becomes of it: with the lock held ---- */

/* The last resort, when nobody runs: threads are room, too, so all of them end, and the main
 * one does it. */
static struct job *
next_alone(struct crew *crew)
{
    struct job_queue *queue = crew->again.first ? &crew->again : &crew->late;

    if (!queue->first)
        return NULL;
    if (crew->threads > 0) {
        crew->leaving = true;
        pthread_cond_broadcast(&crew->changed);
        return NULL;
    }
    crew->alone = true;
    return job_queue_take(queue);
}

static struct job *
next_job(struct crew *crew)
{
    struct job *job;

    /* a signal may be known here before the main thread has stopped the crew */
    if (crew->stopped || signals_caught() || crew->alone || crew->running >= crew->limit)
        return NULL;
    if (crew->again.first && crew->room > 0) {
        crew->room--;
        job = job_queue_take(&crew->again);
    } else if (crew->granted.first) {
        job = job_queue_take(&crew->granted);
    } else if (crew->ready.first) {
        job = job_queue_take(&crew->ready);
    } else {
        job = crew->running == 0 ? next_alone(crew) : NULL;
    }
    if (job) {
        job->state = JOB_RUNNING;
        job->turn_came = false;
        job->era = crew->era;
        crew->running++;
    }
    return job;
}

/* Those that began before the limit was lowered do not lower it once more. */
static void
lower_limit(struct crew *crew, const struct job *job)
{
    if (job->era != crew->era)
        return;
    crew->era++;
    crew->grown = 0;
    crew->safe = crew->running > 0 ? crew->running : 1;
    if (crew->limit > crew->safe)
        crew->limit = crew->safe;
    pthread_cond_broadcast(&crew->changed); /* threads beyond it end */
}

/* At once up to where all went well; from there with each round of targets. */
static void
raise_limit(struct crew *crew)
{
    crew->grown++;
    if (crew->limit < crew->plan->jobs &&
        (crew->limit < crew->safe || crew->grown >= crew->limit)) {
        crew->limit++;
        crew->grown = 0;
    }
}

/* Once it was stopped, nobody takes from the queues, nor may they hold what is freed. */
static void
put(struct crew *crew, struct job_queue *queue, struct job *job)
{
    job->state = JOB_READY;
    if (!crew->stopped)
        job_queue_add(queue, job);
}

static void
settle(struct crew *crew, struct job *job, enum result_state state)
{
    crew->running--;
    crew->alone = false;
    if (state == RESULT_DONE) {
        job->state = JOB_DONE;
        crew->done++;
        crew->not_well += job->task->result.exit_status != 0;
        crew->room++;
        raise_limit(crew);
    } else if (state == RESULT_NO_SLOT) {
        job->state = JOB_WANTS_SLOT;
        if (job->turn_came)
            put(crew, &crew->granted, job);
    } else {
        job->failed++;
        put(crew, job->failed < FAILED_MAX ? &crew->again : &crew->late, job);
        crew->room = 0;
        lower_limit(crew, job);
    }
    pthread_cond_signal(&crew->changed);
    ring(crew);
}

/* ---- running one ---- */

enum result_state
crew_prepare(struct task *task, bool alone)
{
    struct failure failure = FAILURE_INIT;

    if (task->result.request)
        return RESULT_DONE;
    if (!task->prepare || task->prepare(task, &failure)) {
        task->result.request = &task->request;
        return RESULT_DONE;
    }
    if (failure.outcome == OUTCOME_INTERNAL && !alone && !signals_caught())
        return RESULT_NO_ROOM;
    result_fail(&task->result, &failure);
    return RESULT_DONE;
}

static enum result_state
work(struct job *job, bool alone)
{
    const struct pool_plan *plan = job->crew->plan;
    enum result_state state = crew_prepare(job->task, alone);

    if (job->task->result.request)
        state = plan->run(plan->context, job->task, alone, &job->wait, &job->watch);
    if (state != RESULT_NO_SLOT)
        slots_forget(&job->wait);
    return state;
}

/* ---- threads ---- */

/* Takes the lock; the list is taken over. */
static void
join_left(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    struct crew_member *left = crew->left;
    crew->left = NULL;
    pthread_mutex_unlock(&crew->lock);
    while (left) {
        struct crew_member *next = left->next;
        thread_join(&left->thread);
        free(left);
        left = next;
    }
}

/* With the lock held, as it is on return; not while it works. False: there was nothing to do.
 */
static bool
work_once(struct crew *crew)
{
    struct job *job = next_job(crew);
    bool alone = crew->alone;

    if (!job)
        return false;
    pthread_mutex_unlock(&crew->lock);
    enum result_state state = work(job, alone);
    pthread_mutex_lock(&crew->lock);
    settle(crew, job, state);
    return true;
}

/* There may be one too many by now. */
static bool
may_stay(const struct crew *crew)
{
    return !crew->ending && !crew->leaving && crew->threads <= crew->limit &&
           crew->threads <= crew->ceiling;
}

static void *
member_main(void *argument)
{
    struct crew_member *member = argument;
    struct crew *crew = member->crew;

    pthread_mutex_lock(&crew->lock);
    while (may_stay(crew)) {
        if (!work_once(crew) && may_stay(crew))
            pthread_cond_wait(&crew->changed, &crew->lock);
    }
    crew->threads--;
    member->next = crew->left;
    crew->left = member;
    pthread_cond_broadcast(&crew->changed);
    ring(crew);
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* With the lock held: the thread waits for it, so that all of it is known by then. */
static bool
hire(struct crew *crew)
{
    struct crew_member *member = calloc(1, sizeof *member);

    if (!member)
        return false;
    member->crew = crew;
    crew->threads++;
    if (thread_start(&member->thread, STACK_SIZE, member_main, member) == 0)
        return true;
    crew->threads--;
    free(member);
    return false;
}

/* With the lock held: is there work that nobody is there for, or on his way to? */
static bool
wants_thread(const struct crew *crew)
{
    size_t work =
        crew->granted.count + crew->ready.count + (crew->again.first && crew->room > 0);

    return !crew->stopped && !crew->leaving && crew->threads < crew->limit &&
           crew->threads < crew->ceiling && crew->threads - crew->running < work;
}

void
crew_staff(struct crew *crew)
{
    join_left(crew);
    pthread_mutex_lock(&crew->lock);
    if (crew->threads == 0)
        crew->leaving = false;
    while (wants_thread(crew)) {
        if (crew->threads > 0 && !pool_room_for(&crew->room_at_start, crew->threads + 1)) {
            crew->ceiling = crew->threads;
        } else if (!hire(crew)) {
            /* what its targets start in turn needs some, too */
            crew->ceiling = crew->threads > 1 ? crew->threads / 2 : 1;
            pthread_cond_broadcast(&crew->changed);
            break;
        }
    }
    if (crew->threads == 0)
        work_once(crew);
    pthread_mutex_unlock(&crew->lock);
}

/* ---- for the main thread ---- */

bool
crew_open(struct crew *crew, const struct pool_plan *plan)
{
    *crew = (struct crew){.plan = plan,
                          .finished = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                          .limit = plan->jobs,
                          .safe = plan->jobs,
                          .ceiling = plan->jobs};
    if (crew->finished < 0 || !descriptor_move_up(&crew->finished))
        return false;
    crew->room_at_start = pool_room_now();
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->changed, NULL);
    return true;
}

/* A slot became free: see slots.h for who calls this, and with which locks. */
static void
turn_comes(struct slots_wait *wait)
{
    struct job *job = (struct job *)((char *)wait - offsetof(struct job, wait));
    struct crew *crew = job->crew;

    pthread_mutex_lock(&crew->lock);
    if (job->state == JOB_WANTS_SLOT) {
        put(crew, &crew->granted, job);
        pthread_cond_signal(&crew->changed);
        ring(crew);
    }
    job->turn_came = true;
    pthread_mutex_unlock(&crew->lock);
}

void
crew_add(struct crew *crew, struct job *job)
{
    job->crew = crew;
    job->wait.ready = turn_comes;
    pthread_mutex_lock(&crew->lock);
    job->wait.order = crew->added++; /* the first result is wanted first */
    put(crew, &crew->ready, job);
    pthread_cond_signal(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
}

unsigned
crew_wants(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    size_t busy = crew->running + crew->granted.count + crew->ready.count;
    unsigned wants = crew->stopped || crew->limit <= busy ? 0 : crew->limit - (unsigned)busy;
    pthread_mutex_unlock(&crew->lock);
    return wants;
}

void
crew_stop(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->stopped = true;
    crew->ready = crew->granted = crew->again = crew->late = (struct job_queue){.first = NULL};
    pthread_mutex_unlock(&crew->lock);
}

void
crew_count(struct crew *crew, const struct task *task)
{
    pthread_mutex_lock(&crew->lock);
    crew->done++;
    crew->not_well += task->result.exit_status != 0;
    pthread_mutex_unlock(&crew->lock);
}

bool
crew_is_done(struct crew *crew, struct job *job)
{
    struct failure failure = FAILURE_INIT;

    pthread_mutex_lock(&crew->lock);
    if (crew->stopped && (job->state == JOB_READY || job->state == JOB_WANTS_SLOT))
        job->state = JOB_DROPPED;
    enum job_state state = job->state;
    pthread_mutex_unlock(&crew->lock);
    if (state != JOB_DROPPED)
        return state == JOB_DONE;
    slots_forget(&job->wait);
    if (job->task->result.count == 0) {
        failure_set(&failure, OUTCOME_INTERRUPTED, "not begun: interrupted by a signal");
        result_fail(&job->task->result, &failure);
    }
    job->state = JOB_DONE; /* nobody else looks at it any more */
    crew_count(crew, job->task);
    return true;
}

void
crew_close(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->ending = true;
    pthread_cond_broadcast(&crew->changed);
    while (crew->threads > 0)
        pthread_cond_wait(&crew->changed, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
    join_left(crew);
    close(crew->finished);
    pthread_cond_destroy(&crew->changed);
    pthread_mutex_destroy(&crew->lock);
}
