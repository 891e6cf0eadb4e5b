/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Points in time on the monotonic clock. All durations are nanoseconds in int64_t.
 */
#ifndef DEADLINE_H
#define DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define DEADLINE_SECOND 1000000000LL

struct deadline {
    int64_t at; /* clock_now() when it passes */
};

/* Nanoseconds on CLOCK_MONOTONIC. */
int64_t clock_now(void);

/* Milliseconds from `since` (a clock_now()) to now. */
double clock_ms_since(int64_t since);

/* The point `duration` from now; a huge duration saturates. */
struct deadline deadline_after(int64_t duration);

/* The earlier of two. */
struct deadline deadline_earlier(struct deadline a, struct deadline b);

/* Moves it later: the time a person took to type does not count. */
void deadline_extend(struct deadline *deadline, int64_t duration);

bool deadline_passed(struct deadline deadline);

/* What is left, for ppoll(2); zero where it has passed. */
struct timespec deadline_left(struct deadline deadline);

#endif
