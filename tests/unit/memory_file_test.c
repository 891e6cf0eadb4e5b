/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A stream into memory: all of it, or nothing.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/memory_file.h"

void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);

static size_t most; /* bytes that realloc(3) gives */

void *
__wrap_realloc(void *block, size_t size)
{
    return size > most ? NULL : __real_realloc(block, size);
}

static void
test_whole(void **state)
{
    struct memory_file memory;
    size_t len = 1;

    (void)state;
    most = SIZE_MAX;
    assert_true(memory_file_open(&memory));
    char *text = memory_file_close(&memory, &len);
    assert_string_equal(text, "");
    assert_int_equal(len, 0);
    free(text);

    assert_true(memory_file_open(&memory));
    for (int i = 0; i < 10000; i++)
        fprintf(memory.file, "%04d,", i);
    putc('\0', memory.file);
    text = memory_file_close(&memory, &len);
    assert_int_equal(len, 50001);
    assert_memory_equal(text + 4999 * 5, "4999,5000,", 10);
    assert_int_equal(text[len], '\0');
    free(text);
}

/* Wherever the end of memory is met, and whatever would fit afterwards. */
static void
test_short(void **state)
{
    (void)state;
    for (most = 0; most < 4096; most += 255) {
        struct memory_file memory;
        assert_true(memory_file_open(&memory));
        for (int i = 0; i < 1000; i++)
            fprintf(memory.file, "%*s%d\n", i % 100, "", i);
        fflush(memory.file);
        most += 1000000;
        fputs("the rest", memory.file);
        most -= 1000000;
        assert_null(memory_file_close(&memory, NULL));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
