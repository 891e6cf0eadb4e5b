/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The text of the line on progress, by state, clock and width; and that a report takes it away
 * before it writes. What a terminal gets is tests/tty/progress_test.py's.
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
#include "util/deadline.h"

#define S DEADLINE_SECOND

static void
expect_text(const struct progress *progress, struct pool_state state, int64_t now, size_t size,
            const char *wanted)
{
    char *text = malloc(size); /* a byte too far is the sanitizer's to find */

    assert_non_null(text);
    progress_text(text, size, progress, &state, now);
    assert_string_equal(text, wanted);
    free(text);
}

static void
test_text(void **state)
{
    struct progress progress = {.able = true};

    (void)state;
    expect_text(&progress, (struct pool_state){.read = 2}, S, 80,
                "0 done, 0 running, 0 failed");
    progress_sample(&progress, 0, 5 * S);
    expect_text(&progress, (struct pool_state){.read = 70, .done = 6, .running = 64}, 5 * S, 80,
                "6 done, 64 running, 0 failed");
    /* a rate once there is a time to have one of */
    expect_text(&progress, (struct pool_state){.read = 70, .done = 6, .running = 64},
                5 * S + S / 2, 80, "6 done, 64 running, 0 failed");
    expect_text(&progress, (struct pool_state){.read = 70, .done = 6, .running = 64}, 7 * S, 80,
                "6 done, 64 running, 0 failed, 3.0/s");
    /* the total and the time left, once something is known of them */
    expect_text(&progress,
                (struct pool_state){.read = 70, .total = 96, .done = 6, .running = 64}, 7 * S,
                80, "6 of about 96 done, 64 running, 0 failed, 3.0/s, 0:30 left");
    expect_text(&progress,
                (struct pool_state){.read = 70, .total = 5, .done = 6, .running = 64}, 7 * S,
                80, "6 of about 70 done, 64 running, 0 failed, 3.0/s, 0:21 left");
    const struct pool_state all = {
        .read = 2000, .total = 2000, .exact = true, .done = 123, .failed = 3, .running = 64};
    expect_text(&progress, all, 8 * S, 80,
                "123 of 2000 done, 64 running, 3 failed, 41.0/s, 0:46 left");
    expect_text(&progress, all, 55 * S, 80,
                "123 of 2000 done, 64 running, 3 failed, 2.5/s, 12:43 left");
    expect_text(&progress, all, 365 * S, 80,
                "123 of 2000 done, 64 running, 3 failed, 0.3/s, 1:31:34 left");
    /* cut to fit */
    expect_text(&progress, all, 8 * S, 21, "123 of 2000 done, 64");
    expect_text(&progress, all, 8 * S, 1, "");
    /* at a standstill, and at the end, there is no time to tell */
    expect_text(
        &progress,
        (struct pool_state){.read = 2, .total = 2, .exact = true, .done = 0, .running = 2},
        8 * S, 80, "0 of 2 done, 2 running, 0 failed, 0.0/s");
    expect_text(
        &progress,
        (struct pool_state){.read = 30, .total = 30, .exact = true, .done = 30, .failed = 30},
        8 * S, 80, "30 of 30 done, 0 running, 30 failed, 10.0/s");
    expect_text(&progress,
                (struct pool_state){
                    .read = ~0UL, .total = ~0UL, .exact = true, .done = 1, .running = 1},
                100000 * S, 200,
                "1 of 18446744073709551615 done, 1 running, 0 failed, 0.0/s, 27777:46:40 left");
}

/* The rate is that of the last seconds, not of all of them. */
static void
test_window(void **state)
{
    struct progress progress = {.able = true};
    unsigned long done = 0;
    int64_t now = S;

    (void)state;
    for (int i = 0; i < 1000; i++, now += S / 10)
        progress_sample(&progress, done += 10, now);
    expect_text(&progress, (struct pool_state){.read = 20000, .done = done}, now - S / 10, 80,
                "10000 done, 0 running, 0 failed, 100.0/s");
    for (int i = 0; i < 120; i++, now += S / 10)
        progress_sample(&progress, done += 1, now);
    expect_text(&progress, (struct pool_state){.read = 20000, .done = done}, now - S / 10, 80,
                "10120 done, 0 running, 0 failed, 10.0/s");
    for (int i = 0; i < 40; i++, now += S)
        progress_sample(&progress, done, now);
    expect_text(&progress, (struct pool_state){.read = 20000, .done = done}, now - S / 10, 80,
                "10120 done, 0 running, 0 failed, 0.0/s");
}

/* All that a terminal would get, and what of it is the line's. */
static char *log_text;
static size_t log_size;

static void
open_log(struct report *report, struct report_style style)
{
    report_init(report, &style);
    report->log = open_memstream(&log_text, &log_size);
    assert_non_null(report->log);
    report->out = fopen("/dev/null", "w");
    assert_non_null(report->out);
    report->log_shown = true;
    report->progress.able = true;
}

static void
close_log(struct report *report, const char *wanted)
{
    fclose(report->out);
    assert_int_equal(fclose(report->log), 0);
    assert_string_equal(log_text, wanted);
    free(log_text);
}

#define LINE "\r0 of 2 done, 1 running, 0 failed\033[K"
#define AWAY "\r\033[K"

static const struct pool_state one_of_two = {
    .read = 2, .total = 2, .exact = true, .running = 1};

static void
test_line(void **state)
{
    const struct failure none = FAILURE_INIT;
    struct report report;

    (void)state;
    open_log(&report, (struct report_style){.format = "json"});
    report_progress(&report, &one_of_two);
    report_progress(&report, &one_of_two); /* too early for another one */
    report_finish(&report, &none, 0);
    close_log(&report, LINE AWAY);

    /* a single target needs none */
    open_log(&report, (struct report_style){.format = "json"});
    report_progress(&report,
                    &(struct pool_state){.read = 1, .total = 1, .exact = true, .running = 1});
    report_finish(&report, &none, 0);
    close_log(&report, "");

    open_log(&report, (struct report_style){.format = "json"});
    report.progress.able = false;
    report_progress(&report, &one_of_two);
    close_log(&report, "");
}

/* The terminal is a person's until the question is answered. */
static void
test_prompting(void **state)
{
    struct report report;

    (void)state;
    open_log(&report, (struct report_style){.format = "json"});
    report_progress(&report, &one_of_two);
    report_prompting(&report, true);
    report.progress.painted = 0;
    report_progress(&report, &one_of_two);
    report_prompting(&report, false);
    report_progress(&report, &one_of_two);
    close_log(&report, LINE AWAY LINE);
}

/* Away before an error, and before a result where those have a terminal as well. */
static void
test_away(void **state)
{
    struct report report;
    struct failure failure = FAILURE_INIT;

    (void)state;
    failure_set(&failure, OUTCOME_CREDENTIAL, "no key");
    for (int out_shown = 0; out_shown < 2; out_shown++) {
        struct result good = {.request = &json_request};
        struct result bad = {.request = &json_request};
        open_log(&report, (struct report_style){.format = "json"});
        report.out_shown = out_shown;
        result_fail(&bad, &failure);
        result_fail(&good, &failure);
        good.failure.outcome = OUTCOME_INTERRUPTED; /* of which nothing is said */
        report_progress(&report, &one_of_two);
        report_result(&report, &good);
        report.progress.painted = 0;
        report_progress(&report, &one_of_two);
        report_result(&report, &bad);
        close_log(&report, out_shown ? LINE AWAY LINE AWAY "ssh-authtest: alice@bastion: no "
                                                           "key\n"
                                     : LINE LINE AWAY "ssh-authtest: alice@bastion: no key\n");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_window),
        cmocka_unit_test_setup(test_line, json_reset),
        cmocka_unit_test_setup(test_prompting, json_reset),
        cmocka_unit_test_setup(test_away, json_reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
