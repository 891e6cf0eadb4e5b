/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each row of options.def, in the parser and in --help; --version.
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

#include "cli/options.h"
#include "options_fixture.h"

/* Each row of options.def is one of the parser's, too. */
static void
test_rows(void **state)
{
    static const struct {
        char letter;
        const char *name, *argument;
    } rows[] = {
#define OPTION(symbol, letter, name, argument, section, text) {letter, name, argument},
#include "cli/options.def"
#undef OPTION
    };
    struct command command;
    struct failure failure;
    char word[64];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(word, sizeof(word), "-%c", rows[i].letter);
        if (rows[i].name != NULL)
            snprintf(word, sizeof(word), "--%s%s", rows[i].name,
                     rows[i].argument != NULL ? "=" : "");
        if (!PARSE(&command, &failure, word, "u@h"))
            assert_int_equal(failure.outcome, OUTCOME_USAGE);
        options_free(&command);
    }
}

/* No option of its own, and none of the lines, is too wide; each row and each outcome is there.
 */
static void
test_help(void **state)
{
    static const struct {
        char letter;
        const char *name;
    } rows[] = {
#define OPTION(symbol, letter, name, argument, section, text) {letter, name},
#include "cli/options.def"
#undef OPTION
    };
    char *help = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&help, &size);
    char word[64];

    (void)state;
    assert_non_null(out);
    options_print(COMMAND_HELP, out);
    assert_int_equal(fclose(out), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(word, sizeof(word), rows[i].name == NULL ? "\n  -%c " : "\n  -%c, --%s",
                 rows[i].letter, rows[i].name);
        if (rows[i].letter == 0)
            snprintf(word, sizeof(word), "\n      --%s", rows[i].name);
        print_message("# %s\n", word + 1);
        assert_non_null(strstr(help, word));
    }
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        snprintf(word, sizeof(word), "\n  %3d  %s ", outcome_status((enum outcome)i),
                 outcome_word((enum outcome)i));
        assert_non_null(strstr(help, word));
    }
    for (char *line = strtok(help, "\n"); line != NULL; line = strtok(NULL, "\n"))
        assert_true(strlen(line) < 80 && line[strlen(line) - 1] != ' ');
    free(help);
}

static void
test_version(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_non_null(out);
    options_print(COMMAND_VERSION, out);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(strncmp(text, PACKAGE_STRING "\n", sizeof(PACKAGE_STRING)), 0);
    assert_non_null(strstr(text, "GPLv3+"));
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_version),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
