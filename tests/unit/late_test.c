/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Libraries that are loaded late: one that is there, one that is not, one that lacks a
 * function.
 */
#include <config.h>

#include "util/late.h"

#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* zlib, which libssh2 needs anyway: it would be there. */
const char *zlibVersion(void);
unsigned long zlibCompileFlags(void);
int late_test_nobody_has_this(void);

/* clang-format off */
#define GOOD_LIBRARY(ROW)    ROW(zlibVersion) ROW(zlibCompileFlags)
#define ABSENT_LIBRARY(ROW)  ROW(zlibVersion)
#define LACKING_LIBRARY(ROW) ROW(zlibVersion) ROW(late_test_nobody_has_this)
/* clang-format on */

bool good_library_load(struct failure *failure);
bool absent_library_load(struct failure *failure);
bool lacking_library_load(struct failure *failure);
bool linked_library_load(struct failure *failure);

LATE_TABLE(good, GOOD_LIBRARY);
LATE_TABLE(absent, ABSENT_LIBRARY);
LATE_TABLE(lacking, LACKING_LIBRARY);

LATE_LIBRARY(good, "libz.so.1", "a test", GOOD_LIBRARY);
LATE_LIBRARY(absent, "libnothere.so.9", "a purpose", ABSENT_LIBRARY);
LATE_LIBRARY(lacking, "libz.so.1", "another purpose", LACKING_LIBRARY);
LATE_LINKED(linked);

/* The kernel's letters for the page that `address` is in, "rw-p". */
static void
find_rights(const void *address, char rights[5])
{
    FILE *maps = fopen("/proc/self/maps", "r");
    uintptr_t begin, end;
    char line[1024];

    assert_non_null(maps);
    *rights = '\0';
    while (*rights == '\0' && fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &begin, &end, rights) != 3 ||
            (uintptr_t)address < begin || (uintptr_t)address >= end)
            *rights = '\0';
    }
    fclose(maps);
}

static void
says_which_is_not_there(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) { /* no failure is kept */
        struct failure failure = FAILURE_INIT;
        assert_false(absent_library_load(&failure));
        assert_int_equal(failure.outcome, OUTCOME_INTERNAL);
        assert_string_equal(failure.message,
                            "a purpose: libnothere.so.9: cannot open shared object file: "
                            "No such file or directory");
    }
    assert_null(absent_library.addresses[0]);
}

static void
says_what_it_lacks(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct failure failure = FAILURE_INIT;
        assert_false(lacking_library_load(&failure));
        assert_int_equal(failure.outcome, OUTCOME_INTERNAL);
        assert_string_equal(failure.message,
                            "another purpose: libz.so.1: it has no late_test_nobody_has_this");
    }
    assert_null(lacking_library.of.late_test_nobody_has_this);
}

enum { THREADS = 32 };
static pthread_barrier_t barrier;

static void *
load_and_call(void *argument)
{
    struct failure failure = FAILURE_INIT;

    (void)argument;
    pthread_barrier_wait(&barrier);
    if (!good_library_load(&failure) || failure_is_set(&failure))
        return NULL;
    return (void *)(uintptr_t)good_library.of.zlibVersion();
}

static void
loads_for_all_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    void *version;

    assert_int_equal(pthread_barrier_init(&barrier, NULL, THREADS), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, load_and_call, NULL), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &version), 0);
        assert_non_null(version);
        assert_int_equal(*(const char *)version, '1');
    }
    assert_int_equal(pthread_barrier_destroy(&barrier), 0);
    assert_true(good_library.of.zlibCompileFlags() != 0);
}

static void
addresses_are_read_only_then(void **state)
{
    struct failure failure = FAILURE_INIT;
    bool whole = sysconf(_SC_PAGESIZE) == LATE_PAGE;
    char rights[5];

    (void)state;
    assert_true(good_library_load(&failure));
    find_rights(&good_library, rights);
    assert_string_equal(rights, whole ? "r--p" : "rw-p");
    assert_int_equal((uintptr_t)&good_library % LATE_PAGE, 0);
    assert_int_equal(sizeof good_library % LATE_PAGE, 0);
    /* those of others, and what comes behind it, can be written still */
    find_rights(&absent_library, rights);
    assert_string_equal(rights, "rw-p");
    find_rights(&good_late, rights);
    assert_string_equal(rights, "rw-p");
}

static void
linked_ones_are_there(void **state)
{
    struct failure failure = FAILURE_INIT;

    (void)state;
    assert_true(linked_library_load(&failure));
    assert_false(failure_is_set(&failure));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_which_is_not_there),
        cmocka_unit_test(says_what_it_lacks),
        cmocka_unit_test(loads_for_all_threads),
        cmocka_unit_test(addresses_are_read_only_then),
        cmocka_unit_test(linked_ones_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
