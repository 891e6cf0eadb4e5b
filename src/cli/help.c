/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --help and --version. What is listed comes from options.def, the method table and
 * outcome.def; only layout, the lines around the lists and the examples are written here.
 */
#include <config.h>

#include "cli/options.h"

#include <string.h>

#include "cli/list.h"

#define WIDTH  79 /* the last column is left free: some terminals wrap behind it */
#define INDENT 26 /* column of the texts */

/* Writes `text` at INDENT, wrapped at blanks; the cursor stands in `column`. */
static void
print_wrapped(FILE *out, size_t column, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (column > INDENT && column + 1 + len > WIDTH) {
            fputc('\n', out);
            column = 0;
        } else if (column > INDENT) {
            fputc(' ', out);
            column++;
        }
        if (column < INDENT) {
            fprintf(out, "%*s", (int)(INDENT - column), "");
            column = INDENT;
        }
        fwrite(text, 1, len, out);
        column += len;
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

/* A head and its text beside it, or below it where the head is long. */
static void
print_entry(FILE *out, const char *head, const char *text)
{
    size_t column = strlen(head);

    fputs(head, out);
    if (column + 2 > INDENT) {
        fputc('\n', out);
        column = 0;
    }
    print_wrapped(out, column, text);
}

static void
print_option(FILE *out, char letter, const char *name, const char *argument, const char *text)
{
    char head[128];
    char short_name[] = {'-', letter, '\0'};

    snprintf(head, sizeof(head), "  %s%s%s%s%s%s", letter != 0 ? short_name : "  ",
             name == NULL  ? ""
             : letter != 0 ? ", "
                           : "  ",
             name == NULL ? "" : "--", name == NULL ? "" : name, argument == NULL ? "" : "=",
             argument == NULL ? "" : argument);
    print_entry(out, head, text);
}

static void
print_options(FILE *out)
{
    static const struct {
        char letter;
        const char *name, *argument, *section, *text;
    } rows[] = {
#define OPTION(symbol, letter, name, argument, section, text)                                  \
    {letter, name, argument, section, text},
#include "cli/options.def"
#undef OPTION
    };
    const char *section = "";

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].section, section) != 0) {
            section = rows[i].section;
            fprintf(out, "\n%s:\n", section);
        }
        print_option(out, rows[i].letter, rows[i].name, rows[i].argument, rows[i].text);
    }
}

static void
print_outcomes(FILE *out)
{
    char head[64];

    fputs("\nExit status and outcome:\n", out);
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        enum outcome outcome = (enum outcome)i;
        snprintf(head, sizeof(head), "  %3d  %s", outcome_status(outcome),
                 outcome_word(outcome));
        print_entry(out, head, outcome_meaning(outcome));
    }
    fputs("Of several chains and targets, the first that is not 0 counts, in input order.\n",
          out);
}

static void
print_help(FILE *out)
{
    char methods[512];

    fputs("Usage: " PACKAGE_NAME " [OPTION]... [USER@]HOST[:PORT]...\n"
          "  or:  " PACKAGE_NAME " [OPTION]... -f FILE\n"
          "Test what an SSH server does when a user tries to authenticate.\n"
          "\n"
          "A target can also be [IPv6]:PORT, a bare IPv6 address, or ssh://USER@HOST:PORT.\n",
          out);
    print_entry(out, "Methods known:", list_known_methods(methods, sizeof(methods)));
    print_options(out);
    print_outcomes(out);
    fputs("\n"
          "Examples:\n"
          "  What does the server offer to alice?\n"
          "    " PACKAGE_NAME " alice@bastion\n"
          "  Does a Kerberos ticket alone let her in? It should not:\n"
          "    " PACKAGE_NAME " -m gssapi-with-mic -e partial-success alice@bastion\n"
          "  Can she log in by ticket and a code? Asks for the code at the terminal:\n"
          "    " PACKAGE_NAME " -m gssapi-with-mic,keyboard-interactive alice@bastion\n"
          "\n"
          "The manual page " PACKAGE_NAME "(1) tells more.\n",
          out);
}

static void
print_version(FILE *out)
{
    fputs(PACKAGE_STRING
          "\nBuilt with " LIBRARIES ".\n"
          "License GPLv3+: GNU GPL version 3 or later <https://gnu.org/licenses/gpl.html>.\n"
          "This is free software: you are free to change and redistribute it.\n"
          "There is NO WARRANTY, to the extent permitted by law.\n",
          out);
}

void
options_print(enum command_action action, FILE *out)
{
    if (action == COMMAND_HELP)
        print_help(out);
    else if (action == COMMAND_VERSION)
        print_version(out);
}
