/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far a run of many targets is: one line at the bottom of a terminal, written anew in its
 * place, and taken away before anything else is written there.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdint.h>
#include <stdio.h>

#include "probe/pool_state.h"

#define PROGRESS_SAMPLES 21
#define PROGRESS_STEP    500000000 /* ns between two of them */

struct progress {
    bool able;       /* there is a terminal to show it at, and somebody to see it */
    bool shown;      /* the line is there */
    bool asking;     /* a person has the terminal */
    int64_t painted; /* clock_now() of the last time; 0: never */
    /* How many were done when, a ring: the rate is that since the oldest. */
    struct {
        int64_t at;
        unsigned long done;
    } samples[PROGRESS_SAMPLES];
    unsigned first, count;
};

/*
 * Nothing is shown where `log` is no terminal, or one that cannot erase (TERM); nor where `out`
 * is a pipe, since whoever reads that may write to the same terminal, at any time.
 */
void progress_init(struct progress *progress, FILE *out, FILE *log, bool quiet);

/* Notes how many are done at `now`; pure, as the next one. */
void progress_sample(struct progress *progress, unsigned long done, int64_t now);

/*
 * "123 of 2000 done, 64 running, 3 failed, 40.2/s, 0:46 left", cut to `size` - 1 characters:
 * "about 2000" until all targets are read, no total and no time where nobody knows it, the rate
 * from the second sample on.
 */
void progress_text(char *text, size_t size, const struct progress *progress,
                   const struct pool_state *state, int64_t now);

/* Writes the line, unless it is too early for that: some times a second are enough. */
void progress_show(struct progress *progress, FILE *log, const struct pool_state *state);

/* Takes it away, where it is shown. */
void progress_away(struct progress *progress, FILE *log);

#endif
