/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What -v traces of many targets at once: kept apart for each, told in order, and bounded.
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

#include "report/notes.h"
#include "report_fixture.h"
#include "report_many_fixture.h"

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

/* Side by side, in any order; told in theirs. */
static void
test_notes(void **state)
{
    struct report report;
    struct job jobs[TARGETS];
    pthread_t threads[TARGETS];
    char *text, *log;

    (void)state;
    report_open(&report,
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
    report_close(&report);
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
    report_open(&report, &(struct report_style){.format = "tap", .verbose = true, .many = true},
                &text, &log);
    struct result_watch watch = report_watch(&report, &results[0]);
    watch.begin(watch.context);
    report_result(&report, &results[0]);
    results[1].notes = NULL; /* no memory for any */
    report_result(&report, &results[1]);
    report_close(&report);
    assert_string_equal(log, "trace of user1@h port 22: out of memory\n");
    assert_non_null(strstr(text, "ok 2 - alice@bastion:22: list"));
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_notes, make_results),
        cmocka_unit_test_setup(test_no_notes, make_results),
        cmocka_unit_test_setup(test_bounded, make_results),
        cmocka_unit_test(test_notes_of_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
