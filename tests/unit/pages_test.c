/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pages that are given back: only whole ones, only what may be lost, and that they are gone.
 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/pages.h"

enum { PAGES = 6 };

static size_t page;

/* Pages that are all there, and hold 'x'. */
static int
map(void **state)
{
    page = (size_t)sysconf(_SC_PAGESIZE);
    *state =
        mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (*state == MAP_FAILED)
        return -1;
    memset(*state, 'x', PAGES * page);
    return 0;
}

static int
unmap(void **state)
{
    return munmap(*state, PAGES * page);
}

/* Which pages there are, '-' and '+' for each; before anybody looks into them. */
static const char *
present(char *pages)
{
    static char text[PAGES + 1];
    unsigned char are[PAGES];

    assert_int_equal(mincore(pages, PAGES * page, are), 0);
    for (size_t i = 0; i < PAGES; i++)
        text[i] = are[i] & 1 ? '+' : '-';
    return text;
}

/* Pages are taken and given back for a crowd alone. */
static void
test_not_scarce(void **state)
{
    char *pages = *state;

    memset(pages + page, 0, page);
    pages_give_back(pages, 3 * page);
    pages_give_back_zeros(pages, PAGES * page);
    assert_string_equal(present(pages), "++++++");
    assert_int_equal(pages[0], 'x');
    pages_wipe(pages + 1, PAGES * page - 2);
    assert_int_equal(pages[0], 'x');
    assert_int_equal(pages[PAGES * page - 1], 'x');
    for (size_t i = 1; i < PAGES * page - 1; i++)
        assert_int_equal(pages[i], 0);
    pages_are_scarce();
}

static void
test_wipe(void **state)
{
    char *pages = *state;

    pages_give_back(pages + 2 * page, 2 * page);
    pages_wipe(pages + 1, PAGES * page - 2);
    assert_string_equal(present(pages), "++--++");
    assert_int_equal(pages[0], 'x');
    assert_int_equal(pages[PAGES * page - 1], 'x');
    for (size_t i = 1; i < PAGES * page - 1; i++)
        assert_int_equal(pages[i], 0);
}

static void
test_give_back(void **state)
{
    char *pages = *state;

    errno = ENOTTY;
    pages_give_back(pages + page - 1,
                    3 * page); /* two pages, and a byte or all but one beside */
    assert_int_equal(errno, ENOTTY);
    assert_string_equal(present(pages), "+--+++");
    assert_int_equal(pages[page - 1], 'x');
    assert_int_equal(pages[page], 0);
    assert_int_equal(pages[3 * page - 1], 0);
    assert_int_equal(pages[3 * page], 'x');
    pages[page] = 'y'; /* and it is ours as before */
    assert_int_equal(pages[page], 'y');
}

static void
test_no_whole_page(void **state)
{
    char *pages = *state;

    pages_give_back(pages + 1, page - 1);
    pages_give_back(pages + 1, 2 * page - 2);
    pages_give_back(pages + page, page - 1);
    pages_give_back(pages + page, 0);
    pages_give_back_zeros(pages + 1, page - 1);
    assert_string_equal(present(pages), "++++++");
}

static void
test_zeros(void **state)
{
    char *pages = *state;

    memset(pages + page, 0, 2 * page);
    memset(pages + 4 * page, 0, 2 * page);
    pages[3 * page - 1] = 'y'; /* its last byte is none */
    pages_give_back_zeros(pages, PAGES * page);
    assert_string_equal(present(pages), "+-++--");
    assert_int_equal(pages[0], 'x');
    assert_int_equal(pages[page], 0);
    assert_int_equal(pages[3 * page - 1], 'y');
}

static void
test_zeros_at_the_ends(void **state)
{
    char *pages = *state;

    memset(pages, 0, PAGES * page);
    pages_give_back_zeros(pages + 1, PAGES * page - 2); /* neither the first nor the last */
    assert_string_equal(present(pages), "+----+");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_not_scarce, map, unmap),
        cmocka_unit_test_setup_teardown(test_give_back, map, unmap),
        cmocka_unit_test_setup_teardown(test_wipe, map, unmap),
        cmocka_unit_test_setup_teardown(test_no_whole_page, map, unmap),
        cmocka_unit_test_setup_teardown(test_zeros, map, unmap),
        cmocka_unit_test_setup_teardown(test_zeros_at_the_ends, map, unmap),
    };

    return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
