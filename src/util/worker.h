/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A blocking call that cannot be interrupted (a name lookup, a KDC exchange), run in a thread
 * of its own so that the caller keeps its deadline. What the call works on belongs to the
 * worker while it runs: at the deadline the caller abandons it and never touches it again. What
 * it leaves on its stack is wiped.
 */
#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>

struct worker;

/*
 * Starts run(job) with all signals blocked. `drop` frees the job if it is abandoned. NULL, with
 * the job still the caller's, where no thread could be made.
 */
struct worker *worker_start(void (*run)(void *job), void (*drop)(void *job), void *job);

/* A descriptor that becomes readable when run() has returned; for poll(2) only. */
int worker_fd(const struct worker *worker);

/* True when run() has returned: worker_finish() will not wait. */
bool worker_done(const struct worker *worker);

/* Waits for run(), frees the worker and leaves the job to the caller. */
void worker_finish(struct worker *worker);

/* Leaves the job to the thread, which drops it when run() returns. */
void worker_abandon(struct worker *worker);

/*
 * True where an abandoned worker may still run. A process that ends then must use _exit(2):
 * exit(3) would unload libraries under the thread.
 */
bool worker_any_abandoned(void);

#endif
