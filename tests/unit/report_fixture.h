/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of reports: what is written of a verdict that was made by hand, by the whole of
 * report.c.
 */
#ifndef REPORT_FIXTURE_H
#define REPORT_FIXTURE_H

#include <stdbool.h>

#include "report/report.h"

extern bool report_verbose; /* as by -v */

/* A report in that style, neither of whose outputs is a terminal; one at a time. What goes to
 * them is in *text and *log once report_close() was called, and is to be freed. */
void report_open(struct report *report, const struct report_style *style, char **text,
                 char **log);
void report_close(struct report *report);

/* What goes to standard output, and to standard error's place, `log`; both are to be freed. */
char *report_render(const struct verdict *verdict, bool quiet, bool same_eyes, char **log);

/* What goes to standard output of a result without its chains, in report->format; to be freed.
 */
char *report_render_result(struct report *report, const struct result *result);

/* What goes there, and to `log`, of a whole run of these results, neither a terminal; both are
 * to be freed. */
char *report_render_run(const struct report_style *style, struct result *results, size_t count,
                        char **log);

/* Is `line` a whole line of the text? */
bool report_has_line(const char *text, const char *line);

/* The lines are in the report, and nobody else's line poses as one of it. */
void report_expect_lines(const struct verdict *verdict, const char *const *lines);
#define EXPECT_LINES(verdict, ...)                                                             \
    report_expect_lines(verdict, (const char *const[]){__VA_ARGS__, NULL})

#endif
