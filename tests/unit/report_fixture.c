/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reports for tests.
 */
#include <config.h>

#include "report_fixture.h"

#include "report/format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

bool report_verbose;

/* Of the report that is open. */
static char **shown;
static size_t shown_size, log_size;

static void
into_memory(struct report *report, char **text, char **log)
{
    shown = text;
    report->out = open_memstream(text, &shown_size);
    report->log = open_memstream(log, &log_size);
    assert_non_null(report->out);
    assert_non_null(report->log);
}

void
report_open(struct report *report, const struct report_style *style, char **text, char **log)
{
    report_init(report, style);
    report->out_shown = report->log_shown = report->color = false;
    into_memory(report, text, log);
}

void
report_close(struct report *report)
{
    assert_int_equal(fclose(report->out), 0);
    assert_int_equal(fclose(report->log), 0);
    assert_int_equal(strlen(*shown), shown_size); /* no NUL of somebody else's */
}

char *
report_render(const struct verdict *verdict, bool quiet, bool same_eyes, char **log)
{
    char *text;
    struct result result = {.request = verdict->request};
    struct report report = {.format = &format_text,
                            .quiet = quiet,
                            .out_shown = same_eyes,
                            .log_shown = same_eyes,
                            .verbose = report_verbose};
    const struct result_watch watch = report_watch(&report, &result);

    into_memory(&report, &text, log);
    watch.end(watch.context, verdict);
    assert_int_equal(report.chains, 1);
    report_close(&report);
    for (const char *c = text; *c; c++)
        assert_true(*c == '\n' || (unsigned char)*c >= ' ');
    return text;
}

char *
report_render_result(struct report *report, const struct result *result)
{
    struct result copy = *result;
    char *text = NULL;
    size_t size;

    report->out = open_memstream(&text, &size);
    assert_non_null(report->out);
    report->log = NULL; /* nothing is said there of a result that has chains */
    report_start(report);
    report_result(report, &copy);
    assert_int_equal(report->tally.targets, 1);
    assert_int_equal(fclose(report->out), 0);
    assert_int_equal(strlen(text), size);
    return text;
}

char *
report_render_run(const struct report_style *style, struct result *results, size_t count,
                  char **log)
{
    const struct failure none = FAILURE_INIT;
    struct report report;
    char *text;

    report_open(&report, style, &text, log);
    report_start(&report);
    for (size_t i = 0; i < count; i++) {
        struct result_watch watch = report_watch(&report, &results[i]);
        for (size_t j = 0; watch.end && j < results[i].count; j++)
            watch.end(watch.context, &results[i].verdicts[j]);
        report_result(&report, &results[i]);
        assert_null(results[i].notes);
    }
    report.tally.status = 4;
    assert_int_equal(report_finish(&report, &none, 0), 4);
    report_close(&report);
    return text;
}

bool
report_has_line(const char *text, const char *line)
{
    size_t len = strlen(line);

    for (const char *c = text; c; c = strchr(c, '\n') ? strchr(c, '\n') + 1 : NULL) {
        if (strncmp(c, line, len) == 0 && (c[len] == '\n' || c[len] == '\0'))
            return true;
    }
    return false;
}

void
report_expect_lines(const struct verdict *verdict, const char *const *lines)
{
    char *log;
    char *text = report_render(verdict, false, true, &log);

    assert_string_equal(log, "");
    for (; *lines; lines++) {
        if (!report_has_line(text, *lines))
            print_error("missing: %s\nin:\n%s", *lines, text);
        assert_true(report_has_line(text, *lines));
    }
    assert_false(report_has_line(text, "success: evil"));
    free(text);
    free(log);
}
