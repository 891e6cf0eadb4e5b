/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The main thread's part: reading, reporting in order, and waiting for whatever comes first.
 */
#include <config.h>

#include "probe/pool.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "probe/pool_crew.h"
#include "util/errand.h"
#include "util/pages.h"
#include "util/signals.h"

enum {
    CROWD = 256,   /* so many at once, or less, are not worth the time to save their memory */
    STEP_MS = 200, /* between two looks at how far it is */
    REST_SECONDS = 5, /* for what is still read after a signal */
    ARENAS = 1        /* of malloc(3): one for each thread would be address space for nothing */
};

struct pool {
    struct pool_plan plan;
    struct crew crew;         /* not with one job */
    struct task_queue window; /* read, and not yet reported */
    unsigned long read;
    bool read_all;
    bool starving;        /* next() said TASK_WAIT: to be asked again once there is input */
    bool stopped;         /* a signal came, or the sink is broken */
    struct deadline rest; /* of reading, then */
};

static enum result_state
run_result(void *context, struct task *task, bool alone, struct slots_wait *wait,
           const struct result_watch *watch)
{
    (void)context;
    return result_run(&task->result, task->chains, task->chain_count, alone, wait, watch);
}

static struct result_watch
watch_of(struct pool *pool, struct task *task)
{
    return pool->plan.sink.watch ? pool->plan.sink.watch(pool->plan.sink.context, task)
                                 : (struct result_watch){.begin = NULL};
}

/* ---- reading ---- */

/* NULL: there is none now. */
static struct task *
read_task(struct pool *pool)
{
    struct task *task = NULL;
    enum task_next feed = pool->plan.source.next(pool->plan.source.context, &task);

    pool->read_all = feed == TASK_END || (feed == TASK_WAIT && pool->stopped);
    pool->starving = feed == TASK_WAIT;
    if (feed != TASK_READY)
        return NULL;
    pool->read++;
    task->pool = NULL;
    if (failure_is_set(&task->result.failure)) {
        const struct failure failure = task->result.failure;
        result_fail(&task->result, &failure);
    }
    return task;
}

/* True where the task has its result already, or gets it now, because it cannot be run. */
static bool
is_over(struct pool *pool, struct task *task)
{
    struct failure failure = FAILURE_INIT;

    if (failure_is_set(&task->result.failure))
        return true;
    if (pool->stopped)
        failure_set(&failure, OUTCOME_INTERRUPTED, "not begun: interrupted by a signal");
    else if (!task->pool)
        failure_no_memory(&failure);
    else
        return false;
    result_fail(&task->result, &failure);
    return true;
}

static void
admit(struct pool *pool, struct task *task)
{
    struct job *job = calloc(1, sizeof *job);

    task->pool = job;
    task_queue_add(&pool->window, task);
    if (is_over(pool, task)) {
        free(job);
        task->pool = NULL;
        crew_count(&pool->crew, task);
        return;
    }
    job->task = task;
    job->watch = watch_of(pool, task);
    crew_add(&pool->crew, job);
}

/* As many as may be begun now; `ahead`: nobody will read for a while, so all that may be. */
static void
read_some(struct pool *pool, bool ahead)
{
    while (!pool->read_all && !pool->starving && pool->window.count < POOL_WINDOW &&
           (ahead || pool->stopped || crew_wants(&pool->crew) > 0)) {
        if (pool->stopped && deadline_passed(pool->rest)) {
            pool->read_all = true;
            return;
        }
        struct task *task = read_task(pool);
        if (task)
            admit(pool, task);
    }
}

/* ---- reporting ---- */

static void
report(struct pool *pool, struct task *task)
{
    struct job *job = task->pool;

    pool->plan.sink.done(pool->plan.sink.context, task);
    result_free(&task->result);
    task->release(task);
    free(job);
}

/* True where there was one. */
static bool
report_finished(struct pool *pool)
{
    struct task *task = pool->window.first;
    bool any = false;

    while (task && (!task->pool || crew_is_done(&pool->crew, task->pool))) {
        task_queue_take(&pool->window);
        report(pool, task);
        task = pool->window.first;
        any = true;
    }
    return any;
}

static void
count_all(const struct pool *pool, struct pool_state *state)
{
    const struct task_source *source = &pool->plan.source;

    state->read = state->total = pool->read;
    state->exact = pool->read_all;
    if (!pool->read_all)
        state->total = source->total ? source->total(source->context, &state->exact) : 0;
}

static void
tell_progress(struct pool *pool)
{
    struct pool_state state;

    if (!pool->plan.sink.progress)
        return;
    count_all(pool, &state);
    pthread_mutex_lock(&pool->crew.lock);
    state.done = pool->crew.done;
    state.failed = pool->crew.not_well;
    state.running = pool->crew.running;
    pthread_mutex_unlock(&pool->crew.lock);
    pool->plan.sink.progress(pool->plan.sink.context, &state);
}

/* ---- waiting ---- */

static int
input_of(const struct pool *pool)
{
    const struct task_source *source = &pool->plan.source;
    bool wanted = pool->starving && source->input && pool->window.count < POOL_WINDOW;

    return wanted ? source->input(source->context) : -1;
}

static void
wait_for_news(struct pool *pool)
{
    struct pollfd fds[] = {{.fd = pool->crew.finished, .events = POLLIN},
                           {.fd = errand_fd(), .events = POLLIN},
                           {.fd = input_of(pool), .events = POLLIN}};
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
    const struct timespec *limit = pool->plan.sink.progress ? &step : NULL;
    eventfd_t count;

    /* after a signal there is only one thing to wait for: that those running notice it, those
     * with errands included */
    int ready = pool->stopped ? ppoll(fds, 1, limit, NULL) : signals_poll(fds, 3, limit);
    if (ready <= 0)
        return;
    if (fds[0].revents)
        (void)eventfd_read(pool->crew.finished, &count);
    if (fds[2].revents)
        pool->starving = false;
    if (fds[1].revents) {
        /* a person takes his time: the others should not run out of targets */
        read_some(pool, true);
        crew_staff(&pool->crew);
        errand_serve();
    }
}

/* A reason to begin nothing any more. */
static void
look_for_end(struct pool *pool)
{
    bool broken = pool->plan.sink.broken && pool->plan.sink.broken(pool->plan.sink.context);

    if (pool->stopped || (!broken && !signals_check()))
        return;
    if (broken)
        signals_give_up();
    pool->stopped = true;
    pool->read_all = broken;
    pool->starving = false;
    pool->rest = deadline_after(REST_SECONDS * DEADLINE_SECOND);
    crew_stop(&pool->crew);
}

static void
run_many(struct pool *pool)
{
    for (;;) {
        look_for_end(pool);
        read_some(pool, false);
        crew_staff(&pool->crew);
        bool reported = report_finished(pool);
        tell_progress(pool);
        if (pool->read_all && !pool->window.first)
            return;
        if (!reported) /* else there is room for others now */
            wait_for_news(pool);
    }
}

/* ---- one at a time ---- */

static void
run_task(struct pool *pool, struct task *task)
{
    struct slots_wait wait = {.ready = NULL}; /* there is no limit, and no need of one */
    const struct result_watch watch = watch_of(pool, task);

    crew_prepare(task, true);
    if (task->result.request)
        pool->plan.run(pool->plan.context, task, true, &wait, &watch);
}

/* Nothing is read before the one before it is done. */
static void
run_one_by_one(struct pool *pool)
{
    struct pool_state state = {.read = 0};

    while (!pool->read_all) {
        if (pool->plan.sink.broken && pool->plan.sink.broken(pool->plan.sink.context))
            return;
        if (signals_check() && !pool->stopped) {
            pool->stopped = true;
            pool->rest = deadline_after(REST_SECONDS * DEADLINE_SECOND);
        }
        if (pool->stopped && deadline_passed(pool->rest))
            return;
        struct task *task = read_task(pool);
        if (!task && pool->starving && !pool->read_all) {
            struct pollfd fd = {.fd = input_of(pool), .events = POLLIN};
            signals_poll(&fd, 1, NULL);
        }
        if (!task)
            continue;
        task->pool = pool; /* something, see is_over() */
        count_all(pool, &state);
        state.running = 1;
        if (pool->plan.sink.progress)
            pool->plan.sink.progress(pool->plan.sink.context, &state);
        if (!is_over(pool, task))
            run_task(pool, task);
        state.running = 0;
        state.done++;
        state.failed += task->result.exit_status != 0;
        task->pool = NULL;
        report(pool, task);
        if (pool->plan.sink.progress)
            pool->plan.sink.progress(pool->plan.sink.context, &state);
    }
}

bool
pool_run(const struct pool_plan *plan, struct failure *failure)
{
    struct pool pool = {.plan = *plan};

    if (!plan->run)
        pool.plan.run = run_result;
    errand_around(plan->sink.prompting, plan->sink.context);
    if (plan->jobs <= 1) {
        run_one_by_one(&pool);
    } else if (!crew_open(&pool.crew, &pool.plan)) {
        failure_set(failure, OUTCOME_INTERNAL, "many targets at once: %s", strerror(errno));
    } else if (!errand_open()) {
        failure_set(failure, OUTCOME_INTERNAL, "many targets at once: %s", strerror(errno));
        crew_close(&pool.crew);
    } else {
        mallopt(M_ARENA_MAX, ARENAS);
        if (plan->jobs > CROWD)
            pages_are_scarce();
        slots_limit(plan->per_address);
        run_many(&pool);
        crew_close(&pool.crew);
        slots_limit(0);
        errand_close();
    }
    errand_around(NULL, NULL);
    return !failure_is_set(failure);
}
