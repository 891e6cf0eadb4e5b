/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Points in time on CLOCK_MONOTONIC, which no clock setting moves. Sums saturate: a limit of
 * 300 years is one that never passes, not one that wrapped round.
 */
#include <config.h>

#include "util/deadline.h"

static int64_t
add_saturating(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        return b < 0 ? INT64_MIN : INT64_MAX;
    }
    return sum;
}

int64_t
clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail: the clock exists and `now` is ours */
    return (int64_t)now.tv_sec * DEADLINE_SECOND + now.tv_nsec;
}

double
clock_ms_since(int64_t since)
{
    return (double)(clock_now() - since) / 1e6;
}

struct deadline
deadline_after(int64_t duration)
{
    return (struct deadline){.at = add_saturating(clock_now(), duration)};
}

struct deadline
deadline_earlier(struct deadline a, struct deadline b)
{
    return a.at <= b.at ? a : b;
}

void
deadline_extend(struct deadline *deadline, int64_t duration)
{
    deadline->at = add_saturating(deadline->at, duration);
}

bool
deadline_passed(struct deadline deadline)
{
    return clock_now() >= deadline.at;
}

struct timespec
deadline_left(struct deadline deadline)
{
    int64_t now = clock_now();
    if (now >= deadline.at) {
        return (struct timespec){0, 0};
    }
    int64_t left = deadline.at - now; /* `now` is positive and earlier: no overflow */
    return (struct timespec){.tv_sec = (time_t)(left / DEADLINE_SECOND),
                             .tv_nsec = (long)(left % DEADLINE_SECOND)};
}
