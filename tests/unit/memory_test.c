/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libssh2's memory: bounded, wiped when it is given back, and given back once, also where
 * libssh2 takes free(3) for the session's own.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ssh2/memory.h"

static size_t
count(const struct memory *memory)
{
    struct memory copy = *memory;
    size_t n = 0;

    /* the header's first member leads to the next */
    for (void **at = (void **)copy.live; at; at = *at)
        n++;
    return n;
}

static void
test_allocate(void **state)
{
    struct memory memory = {NULL, false, false};
    (void)state;
    char *empty = memory_allocate(&memory, 0), *block = memory_allocate(&memory, 100);
    assert_non_null(empty);
    assert_non_null(block);
    memset(block, 'x', 100);
    block = memory_resize(&memory, block, 200);
    assert_int_equal(block[99], 'x');
    block = memory_resize(&memory, block, 10);
    assert_int_equal(block[9], 'x');
    assert_int_equal(count(&memory), 2);
    memory_release(block);
    memory_release(NULL);
    assert_int_equal(count(&memory), 1);
    memory_release_all(&memory);
    assert_int_equal(count(&memory), 0);
}

/* What libssh2 releases too early, and perhaps twice, is there until all is released. */
static void
test_keep(void **state)
{
    struct memory memory = {NULL, false, false};
    (void)state;
    char *block = memory_allocate(&memory, 5), *other = memory_allocate(&memory, 5);
    memcpy(block, "keep", 5);
    memory_keep(block);
    memory_release(block);
    memory_release(block);
    assert_string_equal(block, "keep");
    memory_release(other);
    assert_int_equal(count(&memory), 1);
    memory_release_all(&memory);
    assert_int_equal(count(&memory), 0);
}

static void
test_capped(void **state)
{
    struct memory memory = {NULL, false, false};
    (void)state;
    char *block = memory_allocate(&memory, MEMORY_MAX_BLOCK);
    assert_non_null(block);
    assert_false(memory.capped);
    assert_null(memory_allocate(&memory, MEMORY_MAX_BLOCK + 1));
    assert_true(memory.capped);
    assert_null(memory_resize(&memory, block, SIZE_MAX)); /* the old one stays */
    block[MEMORY_MAX_BLOCK - 1] = 'x';
    memory_release_all(&memory);
}

/* What nothing but zeros was written to is as it was. */
static void
test_zeros(void **state)
{
    enum { SIZE = 64 * 1024 };
    struct memory memory = {NULL, false, false};
    (void)state;
    char *small = memory_allocate(&memory, 10), *block = memory_allocate(&memory, SIZE);
    memset(small, 0, 10);
    memset(block, 0, SIZE);
    block[0] = block[SIZE / 2] = block[SIZE - 1] = 'x';
    memory_give_back_zeros(&memory);
    assert_int_equal(count(&memory), 2);
    for (size_t i = 0; i < SIZE; i++)
        assert_int_equal(block[i], i == 0 || i == SIZE / 2 || i == SIZE - 1 ? 'x' : 0);
    block = memory_resize(&memory, block, SIZE * 2);
    assert_int_equal(block[SIZE / 2], 'x');
    memory_release(block);
    memory_release(small);
    assert_int_equal(count(&memory), 0);
}

/* A call that the compiler does not see through: what it does to other blocks is the test. */
static void (*volatile give_back)(void *block) = NULL;

static void
call_free(void *block)
{
    free(block);
}

static void
test_given_back(void **state)
{
    struct memory memory = {NULL, false, false};
    (void)state;
    give_back = call_free;
    void *first = memory_allocate(&memory, 10), *second = memory_allocate(&memory, 20),
         *other = malloc(30);
    assert_non_null(first);
    assert_non_null(second);
    memory_lend(&memory);
    give_back(second);
    give_back(other); /* not of that memory */
    give_back(NULL);
    assert_int_equal(count(&memory), 1);
    give_back(first);
    assert_int_equal(count(&memory), 0);
    memory_lend(NULL);
    give_back(malloc(40));
    assert_false(memory_take_back(&memory));
    memory_release_all(&memory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocate),   cmocka_unit_test(test_keep),
        cmocka_unit_test(test_capped),     cmocka_unit_test(test_zeros),
        cmocka_unit_test(test_given_back),
    };

    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
