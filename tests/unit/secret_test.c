/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * secret.c, and hidden.c: what a line of keys becomes.
 */
#include <config.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "ask/hidden.h"
#include "util/secret.h"

static void
appends_up_to_the_limit(void **state)
{
    (void)state;
    struct secret secret;
    char full[SECRET_MAX];
    memset(full, 'x', sizeof full);
    assert_true(secret_init(&secret));
    assert_int_equal(secret.len, 0);
    assert_string_equal(secret.text, "");
    assert_true(secret_append(&secret, NULL, 0));
    assert_true(secret_append(&secret, full, SECRET_MAX - 1));
    assert_false(secret_append(&secret, "ab", 2));
    assert_false(secret_append(&secret, "ab", SIZE_MAX));
    assert_int_equal(secret.len, SECRET_MAX - 1);
    assert_true(secret_append(&secret, "a", 1));
    assert_false(secret_append(&secret, "b", 1));
    assert_true(secret_append(&secret, "", 0));
    assert_int_equal(secret.len, SECRET_MAX);
    assert_int_equal(strlen(secret.text), SECRET_MAX);
    secret_free(&secret);
}

static void
wipes(void **state)
{
    (void)state;
    struct secret secret;
    static const char zero[SECRET_MAX + 1];
    assert_true(secret_init(&secret));
    assert_true(secret_append(&secret, "hunter2", 7));
    secret_truncate(&secret, 9);
    assert_int_equal(secret.len, 7);
    secret_truncate(&secret, 3);
    assert_int_equal(secret.len, 3);
    assert_memory_equal(secret.text, "hun\0\0\0\0\0", 8);
    char *where = secret.text;
    secret_clear(&secret);
    assert_ptr_equal(secret.text, where);
    assert_int_equal(secret.len, 0);
    assert_memory_equal(secret.text, zero, sizeof zero);
    assert_true(secret_append(&secret, "again", 5));
    assert_string_equal(secret.text, "again");
    secret_free(&secret);
    assert_null(secret.text);
    secret_free(&secret);
    struct secret none = {NULL, 0, 0};
    secret_free(&none);
    secret_clear(&none);
    secret_truncate(&none, 0);
    assert_false(secret_append(&none, "x", 1));
}

/* Keys, the answer they make, and the result of the last one. */
static const struct {
    const char *name, *keys;
    size_t len; /* 0: strlen */
    const char *answer;
    enum hidden_result result;
} lines[] = {
    {"plain", "secret\r", 0, "secret", HIDDEN_LINE},
    {"newline", "secret\n", 0, "secret", HIDDEN_LINE},
    {"empty", "\r", 0, "", HIDDEN_LINE},
    {"ctrl-d when empty", "\x04", 0, "", HIDDEN_END},
    {"ctrl-d within", "ab\x04", 0, "ab", HIDDEN_MORE},
    {"ctrl-d after erasing", "a\x7f\x04", 0, "", HIDDEN_END},
    {"del", "ab\x7f\x7f\x7fx", 0, "x", HIDDEN_MORE},
    {"ctrl-h", "ab\x08x", 0, "ax", HIDDEN_MORE},
    {"ctrl-u", "abc\x15x", 0, "x", HIDDEN_MORE},
    {"ctrl-w", "one two \x17x", 0, "one x", HIDDEN_MORE},
    {"ctrl-w on blanks", "  \x17", 0, "", HIDDEN_MORE},
    {"tab is a character", "a\tb", 0, "a\tb", HIDDEN_MORE},
    {"erases two bytes", "a\xc3\xa9\x7f", 0, "a", HIDDEN_MORE},
    {"erases three", "a\xe2\x82\xac\x7f", 0, "a", HIDDEN_MORE},
    {"erases four", "a\xf0\x9f\x98\x80\x7f", 0, "a", HIDDEN_MORE},
    {"latin-1: one byte", "a\xe9\x7f", 0, "a", HIDDEN_MORE},
    {"stray continuation", "a\x80\x80\x7f", 0, "a\x80", HIDDEN_MORE},
    {"lead too short for it", "\xc3\xa9\xa9\x7f", 0, "\xc3\xa9", HIDDEN_MORE},
    {"five continuations", "\xf0\x80\x80\x80\x80\x80\x7f", 0, "\xf0\x80\x80\x80\x80",
     HIDDEN_MORE},
    {"nul is dropped", "a\0b", 3, "ab", HIDDEN_MORE},
    {"quoted nul too", "a\x16\0b", 4, "ab", HIDDEN_MORE},
    {"quoted control",
     "a\x16\x15"
     "b",
     0,
     "a\x15"
     "b",
     HIDDEN_MORE},
    {"quoted newline", "a\x16\nb", 0, "a\nb", HIDDEN_MORE},
    {"other controls are dropped",
     "\x01\x02"
     "a\x05\x10\x12\x19\x1f",
     0, "a", HIDDEN_MORE},
    {"arrows", "a\x1b[A\x1b[Bb\x1bOCc", 0, "abc", HIDDEN_MORE},
    {"function keys", "a\x1b[15~b\x1b[1;5Cc\x1b[[Ad", 0, "abcd", HIDDEN_MORE},
    {"esc alone",
     "\x1b"
     "abc",
     0, "abc", HIDDEN_MORE},
    {"esc and enter", "ab\x1b\r", 0, "ab", HIDDEN_LINE},
    {"enter within a sequence", "ab\x1b[1\r", 0, "ab", HIDDEN_LINE},
};

static void
edits(void **state)
{
    (void)state;
    struct secret secret;
    assert_true(secret_init(&secret));
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct hidden hidden = {.answer = &secret};
        hidden_reset(&hidden);
        size_t len = lines[i].len != 0 ? lines[i].len : strlen(lines[i].keys);
        enum hidden_result result = HIDDEN_MORE;
        for (size_t k = 0; k < len; k++) {
            assert_int_equal(result, HIDDEN_MORE);
            result = hidden_key(&hidden, (unsigned char)lines[i].keys[k]);
        }
        if (result != lines[i].result || secret.len != strlen(lines[i].answer) ||
            strcmp(secret.text, lines[i].answer) != 0) {
            fail_msg("%s: result %d, answer \"%s\"", lines[i].name, (int)result, secret.text);
        }
    }
    secret_free(&secret);
}

static void
tells_a_line_too_long(void **state)
{
    (void)state;
    struct secret secret;
    assert_true(secret_init(&secret));
    struct hidden hidden = {.answer = &secret};
    for (size_t i = 0; i < SECRET_MAX; i++) {
        hidden_key(&hidden, 'x');
    }
    assert_false(hidden.too_long);
    assert_int_equal(secret.len, SECRET_MAX);
    hidden_key(&hidden, 'y');
    assert_true(hidden.too_long);
    hidden_key(&hidden, 0x7f); /* what is missing cannot be told: only starting over helps */
    hidden_key(&hidden, 'z');
    assert_true(hidden.too_long);
    hidden_key(&hidden, 0x15);
    assert_false(hidden.too_long);
    assert_int_equal(secret.len, 0);
    secret_free(&secret);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_up_to_the_limit),
        cmocka_unit_test(wipes),
        cmocka_unit_test(edits),
        cmocka_unit_test(tells_a_line_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
