/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libcrypto without memory: it crashes at places, so that it gets a reserve, and others are
 * told.
 */
#include <config.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "util/wipe.h"

enum { BLOCK = 4096, BLOCKS = 64 * 1024 };

/* Takes what there is, until the reserve was needed; it holds some more. */
static void
keeps_a_reserve(void **state)
{
    static void *blocks[BLOCKS];
    struct rlimit before, none = {0, 0};
    size_t count = 0, more = 0;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    assert_int_equal(wipe_memory_shortages(), 0);
    none.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
    while (count < BLOCKS && wipe_memory_shortages() == 0)
        blocks[count++] = CRYPTO_malloc(BLOCK, __FILE__, __LINE__);
    while (more < 16 && count < BLOCKS && (blocks[count] = CRYPTO_malloc(BLOCK, "", 0)))
        more++, count++;
    setrlimit(RLIMIT_AS, &before);
    assert_int_equal(wipe_memory_shortages(), 1);
    assert_int_equal(more, 16);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(blocks[i]);
        CRYPTO_free(blocks[i], __FILE__, __LINE__);
    }
    assert_true(wipe_keep_reserve()); /* there is memory again */
}

static void *
count_mine(void *count)
{
    *(unsigned long *)count = wipe_memory_shortages();
    return NULL;
}

/* One shortage is not every connection's. */
static void
counts_for_each_thread(void **state)
{
    unsigned long count = 99;
    pthread_t thread;

    (void)state;
    assert_int_not_equal(wipe_memory_shortages(), 0); /* of the test before */
    assert_int_equal(pthread_create(&thread, NULL, count_mine, &count), 0);
    pthread_join(thread, NULL);
    assert_int_equal(count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_a_reserve),
                                       cmocka_unit_test(counts_for_each_thread)};

    wipe_what_libcrypto_frees();
    return cmocka_run_group_tests_name("wipe", tests, NULL, NULL);
}
