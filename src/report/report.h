/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results to output: the only room that writes to standard output. It knows the verdicts and
 * nothing of how they came about.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include "probe/pool.h"
#include "report/progress.h"
#include "report/style.h"
#include "report/tally.h"

struct format; /* format.h */

struct report {
    const struct format *format;
    FILE *out;                          /* the report */
    FILE *log;                          /* errors, and the trace of -v */
    bool color;                         /* whether `out` takes colours */
    bool quiet, verbose, many, summary; /* as the style has them */
    bool out_shown, log_shown;          /* is it a terminal? */
    unsigned chains;                    /* reported so far, and targets without one */
    struct tally tally;                 /* of the targets reported so far */
    struct progress progress;
    const struct result *result; /* whose chains are running, where those are not many */
    int64_t started;             /* clock_now() of its connection */
    bool begun;                  /* report_start() was called */
    bool incomplete;             /* memory was short for a result: it is not in `out` */
    void *state;                 /* the format's own, from begin() to end() */
    /* For end(): what kept the run from getting through; NULL: nothing did. */
    const struct failure *failure;
    struct failure unready; /* why the format cannot be used */
};

/* Colours, where that is left open: by the terminal, TERM and NO_COLOR. */
void report_init(struct report *report, const struct report_style *style);

/* False, with the reason in `failure`, where what the format needs is not there: the report is
 * then that for people. */
bool report_ready(const struct report *report, struct failure *failure);

/* The head of the format, where it has one: before the first result. */
void report_start(struct report *report);

/*
 * What the report wants to be told while the chains of a target run. Where many run at once
 * (report->many) nothing is written meanwhile: what -v traces is kept in result->notes,
 * bounded, and written by report_result(), with what is to be said of each chain; else it is
 * written as it happens, and *result must stay where it is. May be called again for the same
 * result.
 */
struct result_watch report_watch(struct report *report, struct result *result);

/*
 * All chains of a target have ended, or it has none, because of its failure; in input order. To
 * `log` goes why there is no answer, where there is none, and what was not as expected. Frees
 * result->notes.
 */
void report_result(struct report *report, struct result *result);

/* `out` takes no more, a full disk or a closed pipe: there is nobody to run more targets for.
 * report_finish() says so. */
bool report_broken(const struct report *report);

/*
 * How far the run is: a line on `log` that is written anew, where that is a terminal, there is
 * more than one target, and -q was not given (progress.h); it is taken away before anything
 * else is written to a terminal, and at the end. `begins`: a person is about to be asked; it is
 * away until that is over.
 */
void report_progress(struct report *report, const struct pool_state *state);
void report_prompting(struct report *report, bool begins);

/* All of that as the pool wants it (sink.c); valid as long as the report. */
struct pool_sink report_sink(struct report *report);

/*
 * Says what kept the program from running at all, where `failure` is set: "ssh-authtest: what:
 * why" to `log`, with the remedy. Ends the format where it was started, with the summary, which
 * is the last part of a text report, and for people at `log` where another format has the
 * output. Flushes `out`; a full disk is noticed, and so is a result that is missing. Returns
 * the exit status: of OUTCOME_INTERNAL where output is missing, else of the failure, `expected`
 * being applied to it, else of the first result whose own is not 0.
 */
int report_finish(struct report *report, const struct failure *failure, outcome_set expected);

#endif
