/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all formats share: where output goes, and errors.
 */
#include <config.h>

#include "report/report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/format.h"
#include "report/text.h"
#include "util/deadline.h"

static bool
terminal_takes_colour(FILE *out)
{
    const char *term = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");

    return isatty(fileno(out)) && term && strcmp(term, "dumb") != 0 && !(no_color && *no_color);
}

/* In the order of options.def; the first one is the default. */
static const struct format *const formats[] = {&format_text, &format_json, &format_tap,
                                               &format_junit};

void
report_init(struct report *report, const char *format, bool always, bool never, bool quiet,
            bool verbose)
{
    *report = (struct report){.format = formats[0], .quiet = quiet, .verbose = verbose};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i]->name, format) == 0)
            report->format = formats[i];
    }
    report->out = stdout;
    report->log = stderr;
    report->color = always || (!never && terminal_takes_colour(report->out));
    /* what a person reads there need not be said twice */
    report->same_eyes = report->format == &format_text && isatty(fileno(report->out)) &&
                        isatty(fileno(report->log));
}

static bool
is_silent(const struct report *report)
{
    return report->quiet && report->format == &format_text;
}

void
report_start(struct report *report)
{
    report->begun = true;
    if (report->format->begin && !is_silent(report))
        report->format->begin(report);
    fflush(report->out);
}

/* For the times of the trace. */
static void
begin_connection(void *context)
{
    struct report *report = context;

    report->started = clock_now();
}

struct result_watch
report_watch(struct report *report, struct result *result)
{
    (void)result;
    return (struct result_watch){.begin = begin_connection,
                                 .observer = report->verbose ? report_trace : NULL,
                                 .end = report_verdict,
                                 .context = report};
}

/* "ssh-authtest: what: why", and the remedy on a line of its own. */
static void
put_failure(FILE *log, const char *label, const struct failure *failure,
            const struct verdict *verdict)
{
    fprintf(log, PACKAGE_NAME ": %s%s%s", label, *label ? ": " : "", failure->message);
    if (verdict)
        text_stage(log, verdict);
    putc('\n', log);
    if (*failure->hint)
        fprintf(log, "  %s\n", failure->hint);
}

void
report_verdict(void *context, const struct verdict *verdict)
{
    struct report *report = context;

    if (report->format->chain && !is_silent(report))
        report->format->chain(report, verdict);
    report->chains++;
    fflush(report->out);
    if (!report->quiet && report->same_eyes)
        return;
    if (!outcome_answered(verdict->outcome) && failure_is_set(&verdict->failure))
        put_failure(report->log, verdict->request->label, &verdict->failure, verdict);
    for (size_t i = 0; i < verdict->unmet_count; i++)
        fprintf(report->log, PACKAGE_NAME ": %s: %s\n", verdict->request->label,
                verdict->unmet[i]);
}

void
report_result(struct report *report, struct result *result)
{
    if (report->format->target && !is_silent(report))
        report->format->target(report, result);
    report->targets++;
    report->status = report->status ? report->status : result->exit_status;
    fflush(report->out);
}

static struct result_watch
sink_watch(void *context, struct task *task)
{
    return report_watch(context, &task->result);
}

static void
sink_done(void *context, struct task *task)
{
    report_result(context, &task->result);
}

struct pool_sink
report_sink(struct report *report)
{
    return (struct pool_sink){.watch = sink_watch, .done = sink_done, .context = report};
}

int
report_finish(struct report *report, const struct failure *failure, outcome_set expected)
{
    int status = report->status;

    report->failure = failure_is_set(failure) ? failure : NULL;
    if (report->begun && report->format->end && !is_silent(report))
        report->format->end(report);
    if (failure_is_set(failure)) {
        put_failure(report->log, "", failure, NULL);
        status = outcome_exit(failure->outcome, expected);
    }
    struct failure unwritten = FAILURE_INIT;
    bool written = fflush(report->out) == 0 && !ferror(report->out);
    if (written && !report->incomplete)
        return status;
    failure_set(&unwritten, OUTCOME_INTERNAL, "standard output: %s",
                written ? "out of memory, a result is missing" : "it could not be written");
    put_failure(report->log, "", &unwritten, NULL);
    return outcome_status(OUTCOME_INTERNAL);
}
