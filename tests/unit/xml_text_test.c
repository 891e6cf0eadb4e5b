/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes to characters, and what of them XML may hold.
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

/* Every character there is, by what RFC 3629 says of its length. */
static void
test_every_character(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char text[4];
        size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
        for (size_t i = len; i-- > 1;)
            text[i] = (char)(0x80 | ((c >> (6 * (len - 1 - i))) & 0x3f));
        text[0] = (char)(first[len] | (c >> (6 * (len - 1))));
        const char *at = text;
        uint32_t got = xml_text_next(&at, text + len);
        if (c >= 0xd800 && c <= 0xdfff) {
            assert_int_equal(got, XML_TEXT_REPLACEMENT);
            assert_ptr_equal(at, text + 1);
        } else {
            assert_int_equal(got, c);
            assert_ptr_equal(at, text + len);
        }
    }
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
        cmocka_unit_test(test_good),    cmocka_unit_test(test_forbidden),
        cmocka_unit_test(test_no_utf8), cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_dup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
