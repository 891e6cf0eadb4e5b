/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report for people: where a target was named, and one that has no chain to be told of.
 */
#include <config.h>

#include "report/place.h"
#include "report/text.h"

void
text_place(const struct report *report, const struct result *result)
{
    if (!result->place.file)
        return;
    fputs("from      ", report->out);
    place_put(report->out, &result->place);
    putc('\n', report->out);
}

void
text_unrun(const struct report *report, const struct result *result)
{
    const struct failure *failure = &result->failure;
    FILE *out = report->out;

    place_target(out, result);
    putc('\n', out);
    if (*place_label(result)) /* else the place is what it is called */
        text_place(report, result);
    putc('\n', out);
    text_outcome(report, failure->outcome, 0);
    fprintf(out, ": %s\n", result->failure.message);
    if (*failure->hint)
        fprintf(out, "hint: %s\n", failure->hint);
    if (result->expected && result->exit_status == 0) {
        fputs("as expected: ", out);
        text_outcomes(out, result->expected);
        putc('\n', out);
    }
    if (report->verbose && result->request && result->request->note)
        fprintf(out, "note: %s\n", result->request->note);
}
