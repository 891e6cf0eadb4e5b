/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run of many targets: errors, the summary, and an output that takes no more.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json_fixture.h"
#include "report_fixture.h"
#include "report_many_fixture.h"

/* Errors come behind the trace; without -v there is neither trace nor anything to keep. */
static void
test_errors(void **state)
{
    struct report report;
    char *text, *log;

    (void)state;
    report_open(&report, &(struct report_style){.format = "json", .many = true}, &text, &log);
    verdicts[0].outcome = OUTCOME_UNREACHABLE;
    verdicts[0].stage = STAGE_CONNECT;
    failure_set(&verdicts[0].failure, OUTCOME_UNREACHABLE, "nobody is there");
    struct result_watch watch = report_watch(&report, &results[0]);
    assert_null(watch.begin);
    assert_null(watch.observer);
    assert_null(watch.end);
    assert_null(results[0].notes);
    report_result(&report, &results[0]);
    report_close(&report);
    assert_string_equal(log, "ssh-authtest: user0@h: nobody is there (stage connect)\n");
    assert_non_null(strstr(text, "\"outcome\":\"unreachable\""));
    free(text);
    free(log);
}

/* -------------------------------------------------------------- the summary */

static void
expect_summary(struct report_style style, size_t count, const char *tail)
{
    char *log;
    char *text = report_render_run(&style, results, count, &log);
    size_t len = strlen(text);

    assert_true(len >= strlen(tail));
    assert_string_equal(text + len - strlen(tail), tail);
    assert_null(strstr(log, "target"));
    free(text);
    free(log);
}

static void
test_summary(void **state)
{
    struct report_style style = {.format = "text", .summary = true};
    struct failure failure = FAILURE_INIT;

    (void)state;
    verdicts[1].outcome = verdicts[5].outcome = OUTCOME_UNREACHABLE;
    verdicts[1].exit_status = verdicts[5].exit_status = 7;
    verdicts[2].outcome = OUTCOME_TIMEOUT;
    failure_set(&failure, OUTCOME_INTERRUPTED, "interrupted by a signal");
    results[7].count = 0;
    result_fail(&results[7], &failure);
    expect_summary(style, 1, "password\n\n1 target: 1 listed\n");
    expect_summary(style, TARGETS,
                   "password\n\n8 targets: 4 listed, 2 unreachable, 1 timeout, "
                   "1 interrupted\n");
    style.many = true;
    expect_summary(style, TARGETS,
                   "password\n\n8 targets: 4 listed, 2 unreachable, 1 timeout, "
                   "1 interrupted\n");
    json_settings.forbid_offered = "x";
    expect_summary(style, 2, "\n\n2 targets: 1 listed, 1 unreachable, 0 not as expected\n");
    results[0].met = false;
    expect_summary(style, 2, "\n\n2 targets: 1 listed, 1 unreachable, 1 not as expected\n");
    json_settings.forbid_offered = NULL;
    results[0] = results[7];
    expect_summary(style, 1, "1 target: 1 interrupted\n");
    expect_summary(style, 0, "");
    style.quiet = true;
    expect_summary(style, 2, "");
    results[0] = results[6];
    style = (struct report_style){.format = "text"};
    expect_summary(style, 1, "password\n");
    style = (struct report_style){.format = "tap", .summary = true};
    expect_summary(style, 2, "\n1..2\n");
}

/* Another format has the output: people are told at their terminal, if there is one. */
static void
test_summary_aside(void **state)
{
    static const char *const formats[] = {"json", "tap", "junit"};
    const struct failure none = FAILURE_INIT;

    (void)state;
    for (size_t i = 0; i < 2 * sizeof formats / sizeof formats[0]; i++) {
        struct report report;
        char *text, *log;
        report_open(
            &report,
            &(struct report_style){.format = formats[i / 2], .summary = true, .quiet = i % 2},
            &text, &log);
        report.log_shown = true;
        report_start(&report);
        report_result(&report, &results[0]);
        assert_int_equal(report_finish(&report, &none, 0), 0);
        report_close(&report);
        assert_string_equal(log, i % 2 ? "" : "1 target: 1 listed\n");
        assert_null(strstr(text, "1 target"));
        free(text);
        free(log);
    }
}

/* --------------------------------------------------- output that goes nowhere */

static void
test_broken(void **state)
{
    static const char *const formats[] = {"text", "json", "tap", "junit"};
    const struct failure none = FAILURE_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct report report;
        char *text, *log;
        report_open(&report,
                    &(struct report_style){.format = formats[i], .many = true, .summary = true},
                    &text, &log);
        fclose(report.out);
        report.out = fopen("/dev/full", "w");
        assert_non_null(report.out);
        assert_false(report_broken(&report));
        report_start(&report);
        report_result(&report, &results[0]);
        /* a document is written at the end */
        assert_int_equal(report_broken(&report), strcmp(formats[i], "junit") != 0);
        assert_int_equal(report_finish(&report, &none, 0), 17);
        assert_true(report_broken(&report));
        fclose(report.out);
        assert_int_equal(fclose(report.log), 0);
        assert_string_equal(log, "ssh-authtest: standard output: it could not be written\n");
        free(text);
        free(log);
    }
}

/* The summary is part of what has to arrive. */
static void
test_broken_summary(void **state)
{
    const struct failure none = FAILURE_INIT;
    struct report report;
    char *text, *log;

    (void)state;
    report_open(&report, &(struct report_style){.format = "text", .summary = true}, &text,
                &log);
    report_result(&report, &results[0]);
    fclose(report.out);
    report.out = fopen("/dev/full", "w");
    assert_non_null(report.out);
    assert_int_equal(report_finish(&report, &none, 0), 17);
    fclose(report.out);
    fclose(report.log);
    free(text);
    free(log);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_errors, make_results),
        cmocka_unit_test_setup(test_summary, make_results),
        cmocka_unit_test_setup(test_summary_aside, make_results),
        cmocka_unit_test_setup(test_broken, make_results),
        cmocka_unit_test_setup(test_broken_summary, make_results),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
