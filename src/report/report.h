/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results to output: the only room that writes to standard output. It knows the verdicts and
 * nothing of how they came about.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include "probe/pool.h"
#include "ssh2/userauth_msg.h"

struct format; /* format.h */

struct report {
    const struct format *format;
    FILE *out;                /* the report */
    FILE *log;                /* errors, and the trace of -v */
    bool color;               /* whether `out` takes colours */
    bool quiet;               /* -q: no report in the text format */
    bool verbose;             /* -v */
    bool many;                /* results come from several threads: see report_watch() */
    bool same_eyes;           /* out and log are both terminals: an error is said once */
    unsigned chains, targets; /* reported so far */
    int64_t started;          /* clock_now() of the connection being traced */
    int status;               /* of the first result whose own is not 0 */
    bool begun;               /* report_start() was called */
    bool incomplete;          /* memory was short for a result: it is not in `out` */
    void *state;              /* the format's own, from begin() to end() */
    /* For end(): what kept the run from getting through; NULL: nothing did. */
    const struct failure *failure;
};

/* In the format of that name, one of those that exist. Decides on colour: `always` and `never`
 * as told, else by the terminal, TERM and NO_COLOR. */
void report_init(struct report *report, const char *format, bool always, bool never, bool quiet,
                 bool verbose);

/* The head of the format, where it has one: before the first result. */
void report_start(struct report *report);

/*
 * What the report wants to be told while the chains of a target run, with the report as
 * context. Where many run at once (report->many) nothing is written meanwhile: what -v traces
 * is kept in result->notes, bounded, and written by report_result(), with what
 * report_verdict() would have written; else it is written as it happens.
 */
struct result_watch report_watch(struct report *report, struct result *result);

/* A packet_observer, with the report as context: one line to `log` for a userauth message. */
void report_trace(void *report, const struct userauth_msg *msg);

/* One chain has ended, with the report as context: to `log` goes why there is no answer, where
 * there is none, and what was not as expected. */
void report_verdict(void *report, const struct verdict *verdict);

/* All chains of a target have ended, or it has none, because of its failure; in input order.
 * Frees result->notes. */
void report_result(struct report *report, struct result *result);

/*
 * How far the run is: a line on `log` that is written anew, where that is a terminal, there is
 * more than one target, and -q was not given; it is taken away before anything else is written
 * to a terminal, and at the end. `begins`: a person is about to be asked; it is away until that
 * is over.
 */
void report_progress(struct report *report, const struct pool_state *state);
void report_prompting(struct report *report, bool begins);

/* All of that as the pool wants it; valid as long as the report. */
struct pool_sink report_sink(struct report *report);

/*
 * Says what kept the program from running at all, where `failure` is set: "ssh-authtest: what:
 * why" to `log`, with the remedy. Ends the format where it was started. Flushes `out`; a full
 * disk is noticed, and so is a result that is missing. Returns the exit status: that of the
 * first result that is not 0, or of the failure where `expected` is applied to it, or of
 * OUTCOME_INTERNAL.
 */
int report_finish(struct report *report, const struct failure *failure, outcome_set expected);

#endif
