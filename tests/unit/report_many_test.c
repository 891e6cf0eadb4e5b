/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many targets at once: what -v traces is kept apart for each and told in order; the summary;
 * and an output that takes no more.
 */
#include <config.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json_fixture.h"
#include "report/notes.h"
#include "report_fixture.h"

#define TARGETS 8

static const struct chain listing = {.count = 0};
static struct request requests[TARGETS];
static char labels[TARGETS][16];
static struct verdict verdicts[TARGETS];
static struct result results[TARGETS];

/* Targets "user0@h" and so on, all with a list. */
static int
make_results(void **state)
{
    json_reset(state);
    for (int i = 0; i < TARGETS; i++) {
        snprintf(labels[i], sizeof labels[i], "user%d@h", i);
        requests[i] = json_request;
        requests[i].label = labels[i];
        verdicts[i] = (struct verdict){.request = &requests[i],
                                       .chain = &listing,
                                       .outcome = OUTCOME_LISTED,
                                       .stage = STAGE_AUTH,
                                       .offered = (char *)"password",
                                       .met = true};
        results[i] = (struct result){
            .request = &requests[i], .verdicts = &verdicts[i], .count = 1, .met = true};
    }
    return 0;
}

/* One message, a request for the method. */
static struct userauth_msg
request_for(const char *method)
{
    return (struct userauth_msg){
        .type = MSG_USERAUTH_REQUEST,
        .direction = USERAUTH_SENT,
        .u.request = {
            .user = {.bytes = (const unsigned char *)"alice", .len = 5},
            .method = {.bytes = (const unsigned char *)method, .len = strlen(method)}}};
}

struct job {
    struct result_watch watch;
    int number;
};

/* A target as the pool's thread runs it. */
static void *
run_target(void *context)
{
    const struct job *job = context;
    char method[32];

    job->watch.begin(job->watch.context);
    for (int i = 0; i < 50; i++) {
        snprintf(method, sizeof method, "method-%d-%d.", job->number, i);
        const struct userauth_msg msg = request_for(method);
        job->watch.observer(job->watch.context, &msg);
    }
    return NULL;
}

/* A report whose output is in memory. */
static void
open_report(struct report *report, const struct report_style *style, char **text, char **log)
{
    static size_t size, log_size;

    report_init(report, style);
    report->out = open_memstream(text, &size);
    report->log = open_memstream(log, &log_size);
    report->out_shown = report->log_shown = report->color = false;
    assert_non_null(report->out);
    assert_non_null(report->log);
}

static void
close_report(struct report *report)
{
    assert_int_equal(fclose(report->out), 0);
    assert_int_equal(fclose(report->log), 0);
}

/* Side by side, in any order; told in theirs. */
static void
test_notes(void **state)
{
    struct report report;
    struct job jobs[TARGETS];
    pthread_t threads[TARGETS];
    char *text, *log;

    (void)state;
    open_report(&report,
                &(struct report_style){.format = "text", .verbose = true, .many = true}, &text,
                &log);
    results[3].place = (struct result_place){.file = "hosts", .line = 4};
    for (int i = 0; i < TARGETS; i++) {
        jobs[i] = (struct job){report_watch(&report, &results[i]), i};
        void *notes = results[i].notes;
        assert_non_null(notes);
        report_watch(&report, &results[i]); /* tried again: nothing is lost of it */
        assert_ptr_equal(results[i].notes, notes);
        assert_null(jobs[i].watch.end);
        assert_int_equal(pthread_create(&threads[i], NULL, run_target, &jobs[i]), 0);
    }
    for (int i = 0; i < TARGETS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    fflush(report.out);
    fflush(report.log);
    assert_string_equal(text, "");
    assert_string_equal(log, "");
    for (int i = 0; i < TARGETS; i++) {
        report_result(&report, &results[i]);
        assert_null(results[i].notes);
    }
    close_report(&report);
    const char *at = log;
    for (int i = 0; i < TARGETS; i++) {
        char line[80];
        snprintf(line, sizeof line, "trace of user%d@h port 22%s:\n", i,
                 i == 3 ? ", hosts line 4" : "");
        assert_memory_equal(at, line, strlen(line));
        for (int j = 0; j < 50; j++) {
            at = strchr(at, '\n') + 1;
            snprintf(line, sizeof line, "method-%d-%d.\"\n", i, j);
            const char *end = strchr(at, '\n') + 1;
            assert_memory_equal(end - strlen(line), line, strlen(line));
        }
        at = strchr(at, '\n') + 1;
    }
    assert_string_equal(at, "");
    assert_non_null(strstr(text, "from      hosts line 4\n"));
    free(text);
    free(log);
}

/* Where there was nothing to trace there is no heading either. */
static void
test_no_notes(void **state)
{
    struct report report;
    char *text, *log;

    (void)state;
    open_report(&report, &(struct report_style){.format = "tap", .verbose = true, .many = true},
                &text, &log);
    struct result_watch watch = report_watch(&report, &results[0]);
    watch.begin(watch.context);
    report_result(&report, &results[0]);
    results[1].notes = NULL; /* no memory for any */
    report_result(&report, &results[1]);
    close_report(&report);
    assert_string_equal(log, "trace of user1@h port 22: out of memory\n");
    assert_non_null(strstr(text, "ok 2 - alice@bastion:22: list"));
    free(text);
    free(log);
}

/* Errors come behind the trace; without -v there is neither trace nor anything to keep. */
static void
test_errors(void **state)
{
    struct report report;
    char *text, *log;

    (void)state;
    open_report(&report, &(struct report_style){.format = "json", .many = true}, &text, &log);
    verdicts[0].outcome = OUTCOME_UNREACHABLE;
    verdicts[0].stage = STAGE_CONNECT;
    failure_set(&verdicts[0].failure, OUTCOME_UNREACHABLE, "nobody is there");
    struct result_watch watch = report_watch(&report, &results[0]);
    assert_null(watch.begin);
    assert_null(watch.observer);
    assert_null(watch.end);
    assert_null(results[0].notes);
    report_result(&report, &results[0]);
    close_report(&report);
    assert_string_equal(log, "ssh-authtest: user0@h: nobody is there (stage connect)\n");
    assert_non_null(strstr(text, "\"outcome\":\"unreachable\""));
    free(text);
    free(log);
}

/* Whatever a server sends, no more than so much is kept, and all of it whole messages. */
static void
test_bounded(void **state)
{
    struct notes *notes = notes_new();
    const struct userauth_msg msg = request_for("keyboard-interactive");
    unsigned long count = 0;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_non_null(notes);
    assert_non_null(out);
    notes_begin(notes);
    while (!notes->dropped && count++ < NOTES_MAX)
        notes_observe(notes, &msg);
    assert_in_range(notes->len, NOTES_MAX - 200, NOTES_MAX);
    assert_int_equal(notes->text[notes->len - 1], '\n');
    for (int i = 0; i < 9; i++)
        notes_observe(notes, &msg);
    assert_in_range(notes->len, NOTES_MAX - 200, NOTES_MAX);
    notes_put(out, notes);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "\"\n  (the trace was cut: 10 more messages)\n"));
    free(text);
    notes_free(notes);
    notes_free(NULL);
}

/* However many wait for their turn. */
static void
test_notes_of_all(void **state)
{
    enum { COUNT = 200 };
    char name[400] = "";
    struct notes *notes[COUNT];

    (void)state;
    memset(name, 'x', sizeof name - 1);
    const struct userauth_msg msg = request_for(name);
    assert_true(COUNT * NOTES_MAX > NOTES_MAX_ALL);
    for (int again = 0; again < 2; again++) {
        size_t all = 0;
        for (int i = 0; i < COUNT; i++) {
            notes[i] = notes_new();
            assert_non_null(notes[i]);
            while (!notes[i]->dropped)
                notes_observe(notes[i], &msg);
            all += notes[i]->len;
        }
        assert_in_range(all, NOTES_MAX_ALL - 1000, NOTES_MAX_ALL);
        for (int i = 0; i < COUNT; i++)
            notes_free(notes[i]);
    }
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
        open_report(
            &report,
            &(struct report_style){.format = formats[i / 2], .summary = true, .quiet = i % 2},
            &text, &log);
        report.log_shown = true;
        report_start(&report);
        report_result(&report, &results[0]);
        assert_int_equal(report_finish(&report, &none, 0), 0);
        close_report(&report);
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
        open_report(&report,
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
    open_report(&report, &(struct report_style){.format = "text", .summary = true}, &text,
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
        cmocka_unit_test_setup(test_notes, make_results),
        cmocka_unit_test_setup(test_no_notes, make_results),
        cmocka_unit_test_setup(test_errors, make_results),
        cmocka_unit_test_setup(test_bounded, make_results),
        cmocka_unit_test(test_notes_of_all),
        cmocka_unit_test_setup(test_summary, make_results),
        cmocka_unit_test_setup(test_summary_aside, make_results),
        cmocka_unit_test_setup(test_broken, make_results),
        cmocka_unit_test_setup(test_broken_summary, make_results),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
