/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which expressions regcomp(3) is not given: too large with what is repeated, or too deep.
 */
#include <config.h>

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ask/pattern.h"

#define LARGE "it is larger than 2000 characters, with what it repeats"
#define DEEP  "more than 100 parentheses within each other"
#define BACK  "POSIX extended regular expressions have no back references"

/* NULL: good, and regcomp(3) takes it as well. */
static void
test_patterns(void **state)
{
    static const struct {
        const char *pattern, *why;
    } rows[] = {
        {"", NULL},
        {"^Password: $", NULL},
        {"(one|two)+ [0-9]{6}", NULL},
        {"x{2000}", NULL},
        {"x{2001}", LARGE},
        {"x{2,2001}", LARGE},
        {"x{99999999999999999999}", LARGE},
        {"(x{19}){99}", NULL}, /* 99 times 19, and of the group one more each */
        {"(x{19}yz){99}", LARGE},
        {"((x{19}){99}){2}", LARGE},
        {"x++++++++++", NULL},   /* 1024 */
        {"x+++++++++++", LARGE}, /* 2048 */
        {"(((((((((((((x+)+)+)+)+)+)+)+)+)+)+)+)+)+", LARGE},
        {"x**************************", NULL}, /* nothing is copied */
        {"x??????????????????????????", NULL},
        {"x+++++++*?*+++++++", LARGE},
        /* what is not repeated */
        {"[+{99999}]+", NULL},
        {"[]+++++++++++++++++++++]", NULL},
        {"[^]+++++++++++++++++++++]", NULL},
        {"[[:alpha:]+++++++++++++++++++++]", NULL},
        {"[[.].]+++++++++++++++++++++]", NULL},
        {"\\+\\+\\+\\{\\{\\(\\)", NULL},
        {"x[+]++", NULL},
        {"x[a]++++++++++++++", LARGE},
        {"x\\]++++++++++++++", LARGE},
        {"(a)\\1", BACK},
        {"(a)\\\\1", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *why = pattern_unfit(rows[i].pattern);
        regex_t regex;
        if (!why != !rows[i].why)
            fail_msg("%s: %s", rows[i].pattern, why ? why : "taken");
        if (why) {
            assert_string_equal(why, rows[i].why);
            continue;
        }
        if (regcomp(&regex, rows[i].pattern, REG_EXTENDED | REG_NOSUB) != 0)
            fail_msg("%s: regcomp() has something against it", rows[i].pattern);
        regfree(&regex);
    }
}

/* These are for regcomp(3) to refuse: nothing is read beyond their end. */
static void
test_unfinished(void **state)
{
    static const char *const rows[] = {"\\",  "[",   "[^", "[^]", "[]",  "[[:", "[[:a",
                                       "[[.", "x{",  "(",  ")",   "x{1", "x{,", "[a\\]",
                                       "x[",  "[[=", "{",  "{9",  "+",   "*"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char exact[8];
        size_t len = strlen(rows[i]);
        memset(exact, '(', sizeof exact);
        memcpy(exact, rows[i], len + 1);
        assert_null(pattern_unfit(exact));
    }
}

static void
test_depth(void **state)
{
    char pattern[2 * (PATTERN_MAX_DEPTH + 1) + 2];
    const size_t depth = PATTERN_MAX_DEPTH;
    regex_t regex;

    (void)state;
    memset(pattern, '(', depth + 1);
    pattern[depth + 1] = 'x';
    memset(pattern + depth + 2, ')', depth);
    pattern[2 * depth + 2] = '\0';
    assert_string_equal(pattern_unfit(pattern), DEEP);
    assert_null(pattern_unfit(pattern + 1));
    assert_int_equal(regcomp(&regex, pattern + 1, REG_EXTENDED | REG_NOSUB), 0);
    regfree(&regex);
    /* one after the other they are not deep, and their end closes what is open, no more */
    assert_null(pattern_unfit("()()()()()()()()()()()()))))))((()))"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_unfinished),
        cmocka_unit_test(test_depth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
