/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * environ.c: what is taken out, what is pretended, what children get, and that who reads
 * meanwhile misses nothing.
 */
#include <config.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/environ.h"
#include "util/process.h"

/* The value in an array; NULL: it is not there. */
static const char *
value_in(char *const *entries, const char *name)
{
    size_t len = strlen(name);
    for (; *entries != NULL; entries++) {
        if (strncmp(*entries, name, len) == 0 && (*entries)[len] == '=') {
            return *entries + len + 1;
        }
    }
    return NULL;
}

static void
drops_variables(void **state)
{
    (void)state;
    setenv("ET_A", "a", 1);
    setenv("ET_AB", "ab", 1);
    char **before = environ_now();
    assert_ptr_equal(before, environ);
    assert_true(environ_drop("ET_A"));
    assert_null(getenv("ET_A"));
    assert_string_equal(getenv("ET_AB"), "ab");
    assert_string_equal(value_in(before, "ET_A"), "a"); /* who walks it is not disturbed */
    assert_ptr_equal(environ_now(), environ);
    char **now = environ;
    assert_true(environ_drop("ET_A"));
    assert_true(environ_drop("ET"));
    assert_ptr_equal(environ, now); /* nothing to do: no array */

    char twice[] = "ET_AB=again", path[] = "PATH=/bin", *entries[] = {twice, path, twice, NULL};
    environ = entries;
    assert_true(environ_drop("ET_AB"));
    assert_string_equal(environ[0], path);
    assert_null(environ[1]);
    environ = NULL;
    assert_null(environ_now()[0]);
    assert_true(environ_drop("ET_AB"));
    environ = now;
}

static char first[] = "ET_P=pretended", second[] = "ET_Q=too";
static char *const pretence[] = {first, second};

static void
pretends_for_a_while(void **state)
{
    (void)state;
    static const char *const none[] = {"ET_NONE="};
    setenv("ET_P", "real", 1);
    setenv("ET_R", "other", 1);
    char **real = environ;
    environ_stop_pretending();
    assert_ptr_equal(environ, real);
    for (int i = 0; i < 3; i++) {
        assert_true(environ_pretend(pretence, 2));
        char **pretended = environ;
        assert_string_equal(getenv("ET_P"), "pretended");
        assert_string_equal(getenv("ET_Q"), "too");
        assert_string_equal(getenv("ET_R"), "other");
        assert_true(environ_pretend(pretence, 2));
        assert_ptr_equal(environ, pretended); /* not one more */

        char **variables = process_variables(none, 1, NULL); /* for a child */
        assert_non_null(variables);
        assert_string_equal(value_in(variables, "ET_P"), "real");
        assert_null(value_in(variables, "ET_Q"));
        free(variables);
        assert_ptr_equal(environ_now(), real);
        environ_stop_pretending();
        environ_stop_pretending();
        assert_ptr_equal(environ, real);
    }
    assert_true(environ_pretend(pretence, 2));
    assert_true(environ_drop("ET_R"));
    assert_null(value_in(environ_now(), "ET_R"));
    assert_string_equal(getenv("ET_P"), "pretended");
    environ_stop_pretending();
    assert_null(getenv("ET_R"));
    assert_string_equal(getenv("ET_P"), "real");
    assert_true(environ_pretend(pretence, 2));
    assert_null(getenv("ET_R"));
    environ_stop_pretending();
}

/* ---- threads ---- */

enum { READERS = 4, VARIABLES = 500 };

static _Atomic bool done;
static _Atomic unsigned missed, walked;

static void *
read_on(void *argument)
{
    (void)argument;
    while (!done) {
        const char *last = getenv("ET_LAST");
        missed += last == NULL || strcmp(last, "here") != 0;
        missed += value_in(environ_now(), "ET_LAST") == NULL;
        missed += value_in(environ_now(), "ET_Q") != NULL;
        walked++;
    }
    return NULL;
}

static void
hides_nothing_from_others(void **state)
{
    (void)state;
    pthread_t readers[READERS];
    char name[32];
    for (int i = 0; i < VARIABLES; i++) {
        snprintf(name, sizeof name, "ET_%d", i);
        setenv(name, "x", 1);
    }
    setenv("ET_LAST", "here", 1);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, NULL), 0);
    }
    while (walked < READERS) {
        usleep(1000);
    }
    for (int i = 0; i < VARIABLES; i++) {
        snprintf(name, sizeof name, "ET_%d", i);
        assert_true(environ_pretend(pretence, 2));
        assert_true(environ_drop(name));
        environ_stop_pretending();
        assert_null(getenv(name));
    }
    done = true;
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(readers[i], NULL);
    }
    assert_int_equal(missed, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drops_variables),
        cmocka_unit_test(pretends_for_a_while),
        cmocka_unit_test(hides_nothing_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
