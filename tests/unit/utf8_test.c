/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What of a text is UTF-8; what is not becomes U+FFFD, byte by byte.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/utf8.h"

#define R "\xEF\xBF\xBD"

#define ROW(from, to)                                                                          \
    {                                                                                          \
        from, sizeof(from) - 1, to, sizeof(to) - 1                                             \
    }

static const struct {
    const char *from;
    size_t from_len;
    const char *to;
    size_t to_len;
} rows[] = {
    ROW("", ""),
    ROW("plain", "plain"),
    ROW("a\0b\x1b[2J\r\n\x7f", "a\0b\x1b[2J\r\n\x7f"), /* controls stay */
    ROW("\xC2\x80 \xDF\xBF \xE0\xA0\x80 \xEF\xBF\xBF",
        "\xC2\x80 \xDF\xBF \xE0\xA0\x80 \xEF\xBF\xBF"),
    ROW("\xED\x9F\xBF \xEE\x80\x80", "\xED\x9F\xBF \xEE\x80\x80"), /* beside the surrogates */
    ROW("\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF", "\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF"),
    ROW("\xE2\x80\xAE\xEF\xBF\xBD", "\xE2\x80\xAE" R),
    ROW("\xFF", R),
    ROW("a\x80z", "a" R "z"),
    ROW("\xC0\xAF", R R), /* overlong */
    ROW("\xC1\xBF", R R),
    ROW("\xE0\x9F\xBF", R R R),
    ROW("\xF0\x8F\xBF\xBF", R R R R),
    ROW("\xED\xA0\x80", R R R), /* surrogates */
    ROW("\xED\xBF\xBF", R R R),
    ROW("\xF4\x90\x80\x80", R R R R), /* above U+10FFFF */
    ROW("\xF8\x88\x80\x80\x80", R R R R R),
    ROW("\xC3", R), /* cut off, at the end and before another */
    ROW("\xE2\x82", R R),
    ROW("\xF0\x9F\x98", R R R),
    ROW("\xE2\x82z", R R "z"),
    ROW("\xC3\xC3\xA9", R "\xC3\xA9"),
};

static void
test_clean(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len = 1000;
        /* of just that size, so that a sanitizer sees a byte read behind it */
        char *from = malloc(rows[i].from_len + !rows[i].from_len);
        assert_non_null(from);
        memcpy(from, rows[i].from, rows[i].from_len);
        char *clean = utf8_clean(from, rows[i].from_len, &len);
        assert_non_null(clean);
        assert_int_equal(len, rows[i].to_len);
        assert_memory_equal(clean, rows[i].to, len + 1);
        free(clean);
        free(from);
    }
}

/* Each character there is, by its number. */
static void
test_all(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x120000; c++) {
        unsigned char text[4] = {(unsigned char)(0xF0 | c >> 18)};
        size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        bool good = c < 0x110000 && (c < 0xD800 || c > 0xDFFF);
        uint32_t found = 0;
        if (len == 1)
            text[0] = (unsigned char)c;
        else if (len < 4)
            text[0] = (unsigned char)((len == 2 ? 0xC0 : 0xE0) | c >> (len - 1) * 6);
        for (size_t i = 1; i < len; i++)
            text[i] = (unsigned char)(0x80 | (c >> (len - 1 - i) * 6 & 0x3F));
        size_t taken = utf8_decode(text, len, &found);
        if (taken != (good ? len : 0) || (good && found != c))
            fail_msg("U+%X: %zu bytes, U+%X", (unsigned)c, taken, (unsigned)found);
    }
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
        uint32_t got = utf8_next(&at, text + len);
        if (c >= 0xd800 && c <= 0xdfff) {
            assert_int_equal(got, UTF8_REPLACEMENT);
            assert_ptr_equal(at, text + 1);
        } else {
            assert_int_equal(got, c);
            assert_ptr_equal(at, text + len);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_every_character),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
