/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * source_fd.c: a descriptor that threads read at the same time.
 */
#include <config.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "ask/source.h"
#include "ask_fixture.h"

enum { READERS = 8, LINES = 25 };

static struct {
    char text[32];
    unsigned seen[READERS * LINES];
} shared;

static void *
read_lines(void *argument)
{
    struct source source;
    struct secret secret;
    struct failure failure = FAILURE_INIT;
    const char *why;
    (void)argument;
    if (!source_init(&source, shared.text, &why) || !secret_init(&secret)) {
        abort();
    }
    for (int i = 0; i < LINES; i++) {
        unsigned number = 0;
        secret_clear(&secret);
        if (source_read(&source, LOGIN, FAR, &secret, &failure) &&
            sscanf(secret.text, "the line %u of many", &number) == 1 && secret.len == 20) {
            shared.seen[number % (READERS * LINES)]++;
        }
    }
    secret_free(&secret);
    source_free(&source);
    return NULL;
}

/* Each has whole lines, and no line is lost. */
static void
answers_threads_from_a_descriptor(void **state)
{
    (void)state;
    int ends[2];
    pthread_t readers[READERS];
    assert_int_equal(pipe(ends), 0);
    snprintf(shared.text, sizeof shared.text, "fd:%d", ends[0]);
    for (unsigned i = 0; i < READERS * LINES; i++) {
        assert_int_equal(dprintf(ends[1], "the line %03u of many\n", i), 21);
    }
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&readers[i], NULL, read_lines, NULL), 0);
    }
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(readers[i], NULL);
    }
    for (size_t i = 0; i < READERS * LINES; i++) {
        assert_int_equal(shared.seen[i], 1);
    }
    close(ends[0]);
    close(ends[1]);
}

/* One reads, and no line comes: who waits for the turn gives up at its own deadline. */
static void *
read_one(void *argument)
{
    struct source source;
    struct secret secret;
    struct failure *failure = argument;
    const char *why;
    if (!source_init(&source, shared.text, &why) || !secret_init(&secret)) {
        abort();
    }
    source_read(&source, LOGIN, deadline_after(DEADLINE_SECOND / 5), &secret, failure);
    secret_free(&secret);
    source_free(&source);
    return NULL;
}

static void
waits_no_longer_than_its_deadline(void **state)
{
    (void)state;
    int ends[2];
    pthread_t readers[2];
    struct failure failures[2] = {FAILURE_INIT, FAILURE_INIT};
    assert_int_equal(pipe(ends), 0);
    snprintf(shared.text, sizeof shared.text, "fd:%d", ends[0]);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&readers[i], NULL, read_one, &failures[i]), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        pthread_join(readers[i], NULL);
        assert_int_equal(failures[i].outcome, OUTCOME_TIMEOUT);
    }
    close(ends[0]);
    close(ends[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_threads_from_a_descriptor),
        cmocka_unit_test(waits_no_longer_than_its_deadline),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
