/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What of bytes XML may hold.
 */
#include <config.h>

#include "report/xml_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define R "\xef\xbf\xbd"

static void
expect_text(const char *text, size_t len, const char *wanted)
{
    char *exact = malloc(len ? len : 1); /* a byte too far is the sanitizer's to find */
    char *written = NULL;
    size_t size;
    FILE *out = open_memstream(&written, &size);

    assert_non_null(exact);
    assert_non_null(out);
    memcpy(exact, text, len);
    xml_text_write(out, exact, len);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(written, wanted);
    free(written);
    free(exact);
}

#define EXPECT(text, wanted) expect_text(text, sizeof(text) - 1, wanted)

static void
test_good(void **state)
{
    (void)state;
    EXPECT("", "");
    EXPECT("a <b> & \"c\"\n\td", "a <b> & \"c\"\n\td");
    EXPECT("a\r\nb", "a\nb");
    EXPECT("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x94\x91", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x94\x91");
    EXPECT("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf",
           "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf");
    EXPECT(R, R);
}

static void
test_forbidden(void **state)
{
    (void)state;
    EXPECT("a\0b", "a" R "b");
    EXPECT("\x01\x08\x0b\x0c\x1b\x1f\x7f", R R R R R R R);
    EXPECT("a\rb\r", "a" R "b" R);
    EXPECT("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", R R R "\xc2\xa0");
    EXPECT("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbc", R R "\xef\xbf\xbc");
}

static void
test_no_utf8(void **state)
{
    (void)state;
    EXPECT("\xff\xfe\x80", R R R);
    EXPECT("\xc0\xaf\xc1\xbf", R R R R);
    EXPECT("\xe0\x80\xaf\xe0\x9f\xbf", R R R R R R);
    EXPECT("\xf0\x80\x80\x80", R R R R);
    EXPECT("\xed\xa0\x80\xed\xbf\xbf", R R R R R R);
    EXPECT("\xf4\x90\x80\x80\xf5\x80", R R R R R R);
    EXPECT("\xc3", R);
    EXPECT("\xe2\x82", R R);
    EXPECT("\xf0\x9f\x94", R R R);
    EXPECT("\xc3(\xe2\x82(", R "(" R R "(");
}

static void
test_dup(void **state)
{
    char *copy = xml_text_dup("a\x1b\xff");

    (void)state;
    assert_string_equal(copy, "a" R R);
    free(copy);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_forbidden),
        cmocka_unit_test(test_no_utf8),
        cmocka_unit_test(test_dup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
