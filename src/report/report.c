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
#include "report/notes.h"
#include "report/place.h"
#include "report/text.h"
#include "report/trace.h"
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
report_init(struct report *report, const struct report_style *style)
{
    *report = (struct report){.format = formats[0],
                              .out = stdout,
                              .log = stderr,
                              .quiet = style->quiet,
                              .verbose = style->verbose,
                              .many = style->many,
                              .summary = style->summary};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i]->name, style->format) == 0)
            report->format = formats[i];
    }
    if (report->format->ready && !report->format->ready(&report->unready))
        report->format = formats[0];
    report->color = style->color == COLOR_ALWAYS ||
                    (style->color == COLOR_AUTO && terminal_takes_colour(report->out));
    /* others may write there too: each line at once */
    setvbuf(report->log, NULL, _IOLBF, 0);
    report->out_shown = isatty(fileno(report->out));
    report->log_shown = isatty(fileno(report->log));
    progress_init(&report->progress, report->out, report->log, style->quiet);
}

bool
report_ready(const struct report *report, struct failure *failure)
{
    if (!failure_is_set(&report->unready))
        return true;
    *failure = report->unready;
    return false;
}

static bool
is_silent(const struct report *report)
{
    return report->quiet && report->format == &format_text;
}

/* What a person reads at one terminal need not be said twice. */
static bool
is_same_eyes(const struct report *report)
{
    return !report->quiet && report->format == &format_text && report->out_shown &&
           report->log_shown;
}

/* The line on progress is not to be in between. */
static void
make_way(struct report *report, FILE *file)
{
    if (file == report->log || report->out_shown)
        progress_away(&report->progress, report->log);
}

void
report_start(struct report *report)
{
    report->begun = true;
    if (report->format->begin && !is_silent(report))
        report->format->begin(report);
    fflush(report->out);
}

/* A message on standard error, up to what it is about. */
static FILE *
begin_message(struct report *report)
{
    make_way(report, report->log);
    fputs(PACKAGE_NAME ": ", report->log);
    return report->log;
}

/* The rest of it: why, and the remedy on a line of its own. */
static void
put_failure(FILE *log, const struct failure *failure, const struct verdict *verdict)
{
    fputs(failure->message, log);
    if (verdict)
        text_stage(log, verdict);
    putc('\n', log);
    if (*failure->hint)
        fprintf(log, "  %s\n", failure->hint);
}

/* `verdict`: NULL where the target has no chain. */
static void
put_chain(struct report *report, const struct result *result, const struct verdict *verdict)
{
    make_way(report, report->out);
    if (report->format->chain && !is_silent(report))
        report->format->chain(report, result, verdict);
    report->chains++;
    fflush(report->out);
}

/* What is to be said of a chain besides the report. */
static void
tell_chain(struct report *report, const struct verdict *verdict)
{
    const char *label = verdict->request->label;

    /* of what was ended since nobody takes it, report_finish() tells the reason */
    if (is_same_eyes(report) ||
        (report_broken(report) && verdict->outcome == OUTCOME_INTERRUPTED))
        return;
    if (!outcome_answered(verdict->outcome) && failure_is_set(&verdict->failure)) {
        fprintf(begin_message(report), "%s: ", label);
        put_failure(report->log, &verdict->failure, verdict);
    }
    for (size_t i = 0; i < verdict->unmet_count; i++)
        fprintf(begin_message(report), "%s: %s\n", label, verdict->unmet[i]);
}

/* Of a target that has no chain. That a signal came is said by the program's end. */
static void
put_unrun(struct report *report, const struct result *result)
{
    if (!place_is_unbegun(result) || report->format != &format_text)
        put_chain(report, result, NULL);
    if (!place_is_unbegun(result) && !is_same_eyes(report)) {
        place_prefix(begin_message(report), result);
        put_failure(report->log, &result->failure, NULL);
    }
}

/* ------------------------------------------------------- while chains run */

static void
begin_connection(void *context)
{
    struct report *report = context;

    report->started = clock_now();
}

static void
observe_message(void *context, const struct userauth_msg *msg)
{
    struct report *report = context;

    make_way(report, report->log);
    trace_message(report->log, report->started, msg);
}

static void
end_connection(void *context, const struct verdict *verdict)
{
    struct report *report = context;

    put_chain(report, report->result, verdict);
    tell_chain(report, verdict);
}

struct result_watch
report_watch(struct report *report, struct result *result)
{
    if (!report->many) {
        report->result = result;
        return (struct result_watch){.begin = begin_connection,
                                     .observer = report->verbose ? observe_message : NULL,
                                     .end = end_connection,
                                     .context = report};
    }
    if (report->verbose && !result->notes)
        result->notes = notes_new();
    if (!result->notes)
        return (struct result_watch){.begin = NULL};
    return (struct result_watch){
        .begin = notes_begin, .observer = notes_observe, .context = result->notes};
}

/* "trace of alice@h2 port 22, hosts line 7:", and what was kept. */
static void
put_notes(struct report *report, const struct result *result)
{
    FILE *log = report->log;
    bool empty = result->notes && notes_are_empty(result->notes);

    if (!report->verbose || result->count == 0 || empty)
        return;
    make_way(report, log);
    fputs("trace of ", log);
    place_target(log, result);
    if (result->place.file) {
        fputs(", ", log);
        place_put(log, &result->place);
    }
    fputs(result->notes ? ":\n" : ": out of memory\n", log);
    if (result->notes)
        notes_put(log, result->notes);
}

/* What was not written while they ran. */
static void
put_kept(struct report *report, const struct result *result)
{
    put_notes(report, result);
    for (size_t i = 0; i < result->count; i++) {
        put_chain(report, result, &result->verdicts[i]);
        tell_chain(report, &result->verdicts[i]);
    }
}

void
report_result(struct report *report, struct result *result)
{
    if (report->many)
        put_kept(report, result);
    if (result->count == 0)
        put_unrun(report, result);
    make_way(report, report->out);
    if (report->format->target && !is_silent(report))
        report->format->target(report, result);
    tally_add(&report->tally, result);
    notes_free(result->notes);
    result->notes = NULL;
    report->result = NULL;
    fflush(report->out);
}

bool
report_broken(const struct report *report)
{
    return ferror(report->out);
}

void
report_progress(struct report *report, const struct pool_state *state)
{
    progress_show(&report->progress, report->log, state);
}

void
report_prompting(struct report *report, bool begins)
{
    report->progress.asking = begins;
    progress_away(&report->progress, report->log);
}

/* ------------------------------------------------------------ at the end */

static void
put_summary(struct report *report)
{
    if (!report->summary || report->quiet || report->tally.targets == 0)
        return;
    if (report->format == &format_text) {
        fputs(report->chains ? "\n" : "", report->out);
        tally_put(report->out, &report->tally);
    } else if (report->log_shown) {
        tally_put(report->log, &report->tally);
    }
}

/* Did all of it get to where it should be? */
static bool
is_whole(struct report *report)
{
    struct failure failure = FAILURE_INIT;
    bool written = fflush(report->out) == 0 && !ferror(report->out);

    if (written && !report->incomplete)
        return true;
    failure_set(&failure, OUTCOME_INTERNAL, "standard output: %s",
                written ? "out of memory, a result is missing" : "it could not be written");
    put_failure(begin_message(report), &failure, NULL);
    return false;
}

int
report_finish(struct report *report, const struct failure *failure, outcome_set expected)
{
    int status = report->tally.status;

    progress_away(&report->progress, report->log);
    report->failure = failure_is_set(failure) ? failure : NULL;
    if (report->begun && report->format->end && !is_silent(report))
        report->format->end(report);
    if (failure_is_set(failure)) {
        put_failure(begin_message(report), failure, NULL);
        status = outcome_exit(failure->outcome, expected);
    }
    fflush(report->out);
    put_summary(report);
    return is_whole(report) ? status : outcome_status(OUTCOME_INTERNAL);
}
