/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verdicts to output: the only room that writes to standard output. It knows the verdict and
 * nothing of how it came about.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include "probe/verdict.h"
#include "ssh2/userauth_msg.h"

struct report {
    FILE *out;       /* the report */
    FILE *log;       /* errors, and the trace of -v */
    bool color;      /* whether `out` takes colours */
    bool quiet;      /* -q */
    bool verbose;    /* -v */
    bool same_eyes;  /* out and log are both terminals: an error is said once */
    unsigned chains; /* reported so far */
    int64_t started; /* clock_now() of the connection being traced */
};

/* Decides on colour: `always` and `never` as told, else by the terminal, TERM and NO_COLOR. */
void report_init(struct report *report, bool always, bool never, bool quiet, bool verbose);

/* Marks the beginning of a connection, for the times of the trace. */
void report_begin(struct report *report);

/* A packet_observer, with the report as context: one line to `log` for a userauth message. */
void report_trace(void *report, const struct userauth_msg *msg);

/* The report on one chain; and to `log` why there is no answer, where there is none, and what
 * was not as expected. */
void report_verdict(struct report *report, const struct verdict *verdict);

/*
 * Says what kept the program from running at all, where `failure` is set: "ssh-authtest: what:
 * why" to `log`, with the remedy. Flushes `out`; a full disk is noticed. Returns the exit
 * status: `status`, or that of the failure where `expected` is applied to it, or that of
 * OUTCOME_INTERNAL.
 */
int report_finish(struct report *report, const struct failure *failure, outcome_set expected,
                  int status);

/* text.c: the text format. */
void report_text(struct report *report, const struct verdict *verdict);

#endif
