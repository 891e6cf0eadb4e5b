/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * escape_into() and escape_dup(): a table of bytes and what they become, all bytes, all code
 * points against a list made independently of the code's, and every size of buffer.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/escape.h"

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
    const char *text;
    size_t len;
    const char *line, *block; /* as ESCAPE_LINE, as ESCAPE_TEXT; block NULL: the same */
} table[] = {
    {BYTES(""), "", NULL},
    {BYTES("plain ~text!"), "plain ~text!", NULL},
    {BYTES("a\\b\\x41"), "a\\b\\x41", NULL},
    {BYTES("one\ntwo\tthree"), "one\\ntwo\\tthree", "one\ntwo\tthree"},
    {BYTES("one\r\ntwo"), "one\\x0D\\ntwo", "one\ntwo"},
    {BYTES("one\rtwo\r"), "one\\x0Dtwo\\x0D", NULL},
    {BYTES("\r\r\n"), "\\x0D\\x0D\\n", "\\x0D\n"},
    {BYTES("nul\0nul"), "nul\\x00nul", NULL},
    {BYTES("\x1b[31mred\x1b[0m\a"), "\\x1B[31mred\\x1B[0m\\x07", NULL},
    {BYTES("\x7f"), "\\x7F", NULL},
    {BYTES("\x9b"), "\\x9B", NULL},
    {BYTES("\xc2\x9b"), "\\u{9B}", NULL},
    {BYTES("\xc2\x85"), "\\u{85}", NULL},
    {BYTES("\xc3\xbc \xe2\x82\xac \xf0\x9f\x94\x91"), "\xc3\xbc \xe2\x82\xac \xf0\x9f\x94\x91",
     NULL},
    {BYTES("\xe2\x9a\xa0\xef\xb8\x8f"), "\xe2\x9a\xa0\xef\xb8\x8f", NULL},
    /* hidden characters */
    {BYTES("\xc2\xad"), "\\u{AD}", NULL},
    {BYTES("\xd8\x9c"), "\\u{61C}", NULL},
    {BYTES("\xe2\x80\xae"
           "abc"),
     "\\u{202E}abc", NULL},
    {BYTES("\xe2\x81\xa6\xe2\x81\xa9"), "\\u{2066}\\u{2069}", NULL},
    {BYTES("\xe2\x80\xa8\xe2\x80\xa9"), "\\u{2028}\\u{2029}", NULL},
    {BYTES("\xe2\x80\x8b\xe2\x80\x8d\xef\xbb\xbf"), "\\u{200B}\\u{200D}\\u{FEFF}", NULL},
    {BYTES("\xf3\xa0\x81\x81"), "\\u{E0041}", NULL},
    {BYTES("\xef\xbf\xbf\xf4\x8f\xbf\xbf"), "\\u{FFFF}\\u{10FFFF}", NULL},
    {BYTES("\xef\xb7\x90"), "\\u{FDD0}", NULL},
    /* not UTF-8 */
    {BYTES("\x80"), "\\x80", NULL},
    {BYTES("a\xff\xfe"
           "b"),
     "a\\xFF\\xFE"
     "b",
     NULL},
    {BYTES("\xc0\x80"), "\\xC0\\x80", NULL},
    {BYTES("\xc1\xbf"), "\\xC1\\xBF", NULL},
    {BYTES("\xe0\x9f\xbf"), "\\xE0\\x9F\\xBF", NULL},
    {BYTES("\xf0\x8f\xbf\xbf"), "\\xF0\\x8F\\xBF\\xBF", NULL},
    {BYTES("\xed\xa0\x80"), "\\xED\\xA0\\x80", NULL},
    {BYTES("\xed\xbf\xbf"), "\\xED\\xBF\\xBF", NULL},
    {BYTES("\xf4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80", NULL},
    {BYTES("\xf8\x88\x80\x80\x80"), "\\xF8\\x88\\x80\\x80\\x80", NULL},
    {BYTES("\xe2\x82"), "\\xE2\\x82", NULL},
    {BYTES("\xe2\x82z"), "\\xE2\\x82z", NULL},
    {BYTES("\xe2\xc3\xbc"), "\\xE2\xc3\xbc", NULL},
    {BYTES("\xf0\x9f\x94\n"), "\\xF0\\x9F\\x94\\n", "\\xF0\\x9F\\x94\n"},
};

static void
test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char *line = escape_dup(table[i].text, table[i].len, ESCAPE_LINE);
        char *block = escape_dup(table[i].text, table[i].len, ESCAPE_TEXT);
        assert_string_equal(line, table[i].line);
        assert_string_equal(block, table[i].block != NULL ? table[i].block : table[i].line);
        free(line);
        free(block);
    }
}

static void
test_every_byte(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned char text = (unsigned char)byte;
        char out[16], expected[16];
        if (byte >= 0x20 && byte < 0x7F)
            snprintf(expected, sizeof(expected), "%c", (int)byte);
        else
            snprintf(expected, sizeof(expected), "\\x%02X", byte);
        bool kept = byte == '\n' || byte == '\t';
        if (kept)
            snprintf(expected, sizeof(expected), "%c", (int)byte);
        assert_string_equal(escape_into(out, sizeof(out), &text, 1, ESCAPE_TEXT), expected);
        if (kept)
            snprintf(expected, sizeof(expected), "%s", byte == '\n' ? "\\n" : "\\t");
        assert_string_equal(escape_into(out, sizeof(out), &text, 1, ESCAPE_LINE), expected);
    }
}

/*
 * Cc, Cf, Zl and Zp as Python's unicodedata 14.0.0 lists them, and the other characters that
 * escape.h names.
 */
static const struct {
    uint32_t first, last;
} must_hide[] = {
    {0x0, 0x1F},        {0x7F, 0x9F},       {0xAD, 0xAD},       {0x600, 0x605},
    {0x61C, 0x61C},     {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},
    {0x8E2, 0x8E2},     {0x180E, 0x180E},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x2064},   {0x2066, 0x206F},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},
    {0xFDD0, 0xFDEF},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE007F},
};

/* Blank letters, marks and reserved places that may be hidden too. Nothing else may. */
static const struct {
    uint32_t first, last;
} may_hide[] = {
    {0x34F, 0x34F},   {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F},   {0x2065, 0x2065},
    {0x3164, 0x3164}, {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFF8}, {0xE0080, 0xE0FFF},
};

static size_t
encode(unsigned char *out, uint32_t character)
{
    if (character < 0x80) {
        out[0] = (unsigned char)character;
        return 1;
    }
    size_t len = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; character >>= 6)
        out[i] = (unsigned char)(0x80 | (character & 0x3F));
    out[0] = (unsigned char)((0xF00 >> len & 0xFF) | character);
    return len;
}

static void
test_every_character(void **state)
{
    (void)state;
    for (uint32_t character = 0; character <= 0x10FFFF; character++) {
        unsigned char text[4];
        size_t len = encode(text, character);
        bool hide = (character & 0xFFFE) == 0xFFFE, free_to = false;
        for (size_t i = 0; i < sizeof(must_hide) / sizeof(must_hide[0]); i++)
            hide |= character >= must_hide[i].first && character <= must_hide[i].last;
        for (size_t i = 0; i < sizeof(may_hide) / sizeof(may_hide[0]); i++)
            free_to |= character >= may_hide[i].first && character <= may_hide[i].last;
        char out[32], expected[32];
        escape_into(out, sizeof(out), text, len, ESCAPE_LINE);
        if (free_to)
            hide = out[0] == '\\';
        if (character == '\n')
            snprintf(expected, sizeof(expected), "\\n");
        else if (character == '\t')
            snprintf(expected, sizeof(expected), "\\t");
        else if (character >= 0xD800 && character <= 0xDFFF)
            snprintf(expected, sizeof(expected), "\\x%02X\\x%02X\\x%02X", text[0], text[1],
                     text[2]);
        else if (hide && character < 0x80)
            snprintf(expected, sizeof(expected), "\\x%02X", character);
        else if (hide)
            snprintf(expected, sizeof(expected), "\\u{%X}", character);
        else
            snprintf(expected, sizeof(expected), "%.*s", (int)len, (const char *)text);
        assert_string_equal(out, expected);
    }
}

/* Each input of the table, cut short at each length: as one of its parts, and whole bytes. */
static void
test_every_truncation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        for (size_t len = 0; len <= table[i].len; len++) {
            char *copy = malloc(len > 0 ? len : 1); /* exactly so long: ASan sees a byte more */
            assert_non_null(copy);
            memcpy(copy, table[i].text, len);
            char *out = escape_dup(copy, len, ESCAPE_LINE);
            assert_non_null(out);
            for (const char *c = out; *c != '\0'; c++)
                assert_true((unsigned char)*c >= 0x20 && *c != 0x7F);
            free(out);
            free(copy);
        }
    }
}

/* Pieces of text, each with the one character or escape that it becomes. */
static const struct {
    const char *text, *shown;
} pieces[] = {
    {"a", "a"},
    {"b", "b"},
    {"\x1b", "\\x1B"},
    {"\xc3\xbc", "\xc3\xbc"},
    {"\xe2\x80\xae", "\\u{202E}"},
    {"\xff", "\\xFF"},
    {"\n", "\\n"},
    {"\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91"},
    {"\xe2", "\\xE2"},
    {"x", "x"},
    {"\xf3\xa0\x81\x81", "\\u{E0041}"},
    {"\\", "\\"},
    {"\xe2\x82\xac", "\xe2\x82\xac"},
};

static bool
is_boundary(size_t head)
{
    size_t at = 0;
    for (size_t i = 0; at < head; i++)
        at += strlen(pieces[i].shown);
    return at == head;
}

static void
test_every_size(void **state)
{
    (void)state;
    char text[128] = "", whole[128] = "";
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        strcat(text, pieces[i].text);
        strcat(whole, pieces[i].shown);
    }
    for (size_t size = 4; size < strlen(whole) + 8; size++) {
        char *out = malloc(size);
        assert_non_null(out);
        memset(out, 'Z', size);
        assert_ptr_equal(escape_into(out, size, text, strlen(text), ESCAPE_LINE), out);
        assert_non_null(memchr(out, '\0', size));
        if (size > strlen(whole)) {
            assert_string_equal(out, whole);
        } else {
            size_t head = strlen(out) - 3;
            assert_string_equal(out + head, "...");
            assert_memory_equal(out, whole, head);
            assert_true(is_boundary(head));
            assert_true(head + 4 + strlen("\\u{10FFFF}") > size); /* no shorter than need be */
        }
        free(out);
    }
}

/* Text of full width at the edge: what fits exactly is not cut. */
static void
test_exact_fit(void **state)
{
    (void)state;
    char out[8];
    assert_string_equal(escape_into(out, 4, "abc", 3, ESCAPE_LINE), "abc");
    assert_string_equal(escape_into(out, 4, "abcd", 4, ESCAPE_LINE), "...");
    assert_string_equal(escape_into(out, 5, "abcd", 4, ESCAPE_LINE), "abcd");
    assert_string_equal(escape_into(out, 5, "abcde", 5, ESCAPE_LINE), "a...");
    assert_string_equal(escape_into(out, 5, "\x1b", 1, ESCAPE_LINE), "\\x1B");
    assert_string_equal(escape_into(out, 4, "\x1b", 1, ESCAPE_LINE), "...");
    assert_string_equal(escape_into(out, 4, NULL, 0, ESCAPE_LINE), "");
}

static void
test_large(void **state)
{
    (void)state;
    size_t len = 1 << 20;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, 0xFF, len);
    char *out = escape_dup(text, len, ESCAPE_TEXT);
    assert_non_null(out);
    assert_int_equal(strlen(out), 4 * len);
    free(out);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),           cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_every_character), cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_every_size),      cmocka_unit_test(test_exact_fit),
        cmocka_unit_test(test_large),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
