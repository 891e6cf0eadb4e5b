/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all formats share: where output goes, and errors.
 */
#include <config.h>

#include "report/report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/text.h"
#include "util/deadline.h"

static bool
terminal_takes_colour(FILE *out)
{
    const char *term = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");

    return isatty(fileno(out)) && term && strcmp(term, "dumb") != 0 && !(no_color && *no_color);
}

void
report_init(struct report *report, bool always, bool never, bool quiet, bool verbose)
{
    *report = (struct report){.quiet = quiet, .verbose = verbose};
    report->out = stdout;
    report->log = stderr;
    report->color = always || (!never && terminal_takes_colour(report->out));
    report->same_eyes = isatty(fileno(report->out)) && isatty(fileno(report->log));
}

void
report_begin(struct report *report)
{
    report->started = clock_now();
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
report_verdict(struct report *report, const struct verdict *verdict)
{
    if (!report->quiet)
        report_text(report, verdict);
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

int
report_finish(struct report *report, const struct failure *failure, outcome_set expected,
              int status)
{
    if (failure_is_set(failure)) {
        put_failure(report->log, "", failure, NULL);
        status = outcome_exit(failure->outcome, expected);
    }
    if (fflush(report->out) == 0 && !ferror(report->out))
        return status;
    struct failure unwritten = FAILURE_INIT;
    failure_set(&unwritten, OUTCOME_INTERNAL, "standard output: it could not be written");
    put_failure(report->log, "", &unwritten, NULL);
    return outcome_status(OUTCOME_INTERNAL);
}
