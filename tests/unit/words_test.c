/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines to words, by a table, and the same table by the shell that is installed.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/words.h"

/* Each word as "<word>". */
struct row {
    const char *line, *words;
};

/* Means the same to a shell. */
static const struct row same[] = {
    {"", ""},
    {" \t ", ""},
    {"host", "<host>"},
    {"  a\tb   c ", "<a><b><c>"},
    {"# nothing", ""},
    {"a #b c", "<a>"},
    {"a#b c# d", "<a#b><c#><d>"},
    {"''# a", "<#><a>"},
    {"\\# a", "<#><a>"},
    {"'#' \"#\"", "<#><#>"},
    {"a '#b' #c", "<a><#b>"},
    {"''", "<>"},
    {"\"\" ''", "<><>"},
    {"''\"\"", "<>"},
    {"'a b'", "<a b>"},
    {"a' 'b", "<a b>"},
    {"'a'\"b\"c\\d", "<abcd>"},
    {"'\\a' '\"'", "<\\a><\">"},
    {"'it'\\''s'", "<it's>"},
    {"\"it's\"", "<it's>"},
    {"\"a\\\"b\"", "<a\"b>"},
    {"\"\\\\\" \"\\$x\" \"\\`\"", "<\\><$x><`>"},
    {"\"\\a \\' \\ \\!\"", "<\\a \\' \\ \\!>"},
    {"a\\ b", "<a b>"},
    {"\\a\\'\\\"\\\\\\$\\`\\*", "<a'\"\\$`*>"},
    {"'$x `y` * ~ $(z)'", "<$x `y` * ~ $(z)>"},
    {"-r '^Password: =env:PW' alice@host", "<-r><^Password: =env:PW><alice@host>"},
    {"-o \"ProxyCommand=nc \\\"%h\\\" %p\" h", "<-o><ProxyCommand=nc \"%h\" %p><h>"},
    {"caf\xc3\xa9 \xff\xfe", "<caf\xc3\xa9><\xff\xfe>"},
    {"a\\\tb \\ ", "<a\tb>< >"},
    {"!", "<!>"},
    {"a=b {} ]x", "<a=b><{}><]x>"},
};

/* To a shell it would be more than that. */
static const struct row ours[] = {
    {"a;b & c|d", "<a;b><&><c|d>"},
    {"$HOME `id` $(id)", "<$HOME><`id`><$(id)>"},
    {"\"$HOME `id`\"", "<$HOME `id`>"},
    {"* ? [a-z] ~ ~root", "<*><?><[a-z]><~><~root>"},
    {"<in >out (a) 2>&1", "<<in><>out><(a)><2>&1>"},
    {"a\nb", "<a><b>"},
    {"\r", "<\r>"},
};

static const struct row bad[] = {
    {"'", "a ' in it has no end"},
    {"a 'b # c", "a ' in it has no end"},
    {"\"", "a \" in it has no end"},
    {"\"a\\\"", "a \" in it has no end"},
    {"\"a\\", "a \" in it has no end"},
    {"a\\", "nothing stands behind the backslash at its end"},
    {"\\", "nothing stands behind the backslash at its end"},
};

static void
check(const struct row *row)
{
    char text[256] = "";
    struct words words;
    const char *why;

    print_message("# %s\n", row->line);
    assert_true(words_split(&words, row->line, strlen(row->line), &why));
    assert_null(why);
    for (size_t i = 0; i < words.count; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "<%s>", words.list[i]);
    }
    assert_string_equal(text, row->words);
    assert_null(words.list[words.count]);
    words_free(&words);
    words_free(&words);
}

static void
test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        check(&same[i]);
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        check(&ours[i]);
}

/* What sh makes of it; its exit status. */
static int
ask_sh(const char *line, char *text, size_t size)
{
    char script[512];

    snprintf(script, sizeof(script), "for word in %s\ndo printf '<%%s>' \"$word\"; done", line);
    assert_int_equal(setenv("SCRIPT", script, 1), 0);
    FILE *out = popen("exec sh -c \"$SCRIPT\" 2>/dev/null", "r");
    assert_non_null(out);
    size_t len = fread(text, 1, size - 1, out);
    text[len] = '\0';
    return pclose(out);
}

static void
test_shell(void **state)
{
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        print_message("# %s\n", same[i].line);
        assert_int_equal(ask_sh(same[i].line, text, sizeof(text)), 0);
        assert_string_equal(text, same[i].words);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        /* a shell goes on with the next line where the end of this one is escaped */
        if (bad[i].line[strlen(bad[i].line) - 1] != '\\')
            assert_int_not_equal(ask_sh(bad[i].line, text, sizeof(text)), 0);
    }
}

static void
test_bad(void **state)
{
    struct words words;
    const char *why;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        print_message("# %s\n", bad[i].line);
        assert_false(words_split(&words, bad[i].line, strlen(bad[i].line), &why));
        assert_string_equal(why, bad[i].words);
    }
    assert_false(words_split(&words, "a\0b", 3, &why));
    assert_string_equal(why, "there is a NUL byte in it");
}

/* Nothing behind `len` is looked at, and no word is longer than the line: with sanitizers, from
 * memory that ends there. */
static void
test_length(void **state)
{
    static const char *const lines[] = {"'a", "a b", "\"a", "a\\", "a #", "a b c d e f"};
    struct words words;
    const char *why;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        for (size_t len = 0; len <= strlen(lines[i]); len++) {
            char *copy = malloc(len + (len == 0));
            assert_non_null(copy);
            memcpy(copy, lines[i], len);
            if (words_split(&words, copy, len, &why))
                words_free(&words);
            free(copy);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_shell),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_length),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
