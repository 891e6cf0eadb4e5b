/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes the completion for a shell: copies its template to standard output, with @OPTIONS@, on
 * a line of its own, replaced by what options.def says in that shell's words, @SPELLINGS@ by
 * its options in a row, and @METHODS@ and
 * @OUTCOMES@ by the words of method.def and outcome.def. Run while building, perhaps by another
 * machine's compiler: plain C and its library, and no config.h, may be used here, and nothing
 * else of the program.
 *
 *     fragments bash|zsh|fish TEMPLATE >COMPLETION
 */
#include "../man/template.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The files are in the tarball, so they are the same whatever configure found. */
#define HAVE_GSSAPI 1

struct option_row {
    char letter;
    const char *name, *argument, *text;
};

static const struct option_row options[] = {
#define OPTION(symbol, letter, name, argument, section, text) {letter, name, argument, text},
#include "cli/options.def"
#undef OPTION
};

static const char *const methods[] = {
#define METHOD(name, alias, kind, attempt, answers_prompts, needs_list) name,
#include "auth/method.def"
#undef METHOD
};

enum { ANSWERED = 1, EXPECTABLE = 2 };

static const struct {
    const char *word;
    unsigned flags;
} outcomes[] = {
#define OUTCOME(symbol, word, status, flags, meaning) {word, flags},
#include "util/outcome.def"
#undef OUTCOME
};

/* What an argument completes to. */
enum kind {
    KIND_NONE,
    KIND_WORDS,
    KIND_FILE,
    KIND_METHODS,
    KIND_OUTCOMES,
    KIND_USER,
    KIND_HOST
};

static const struct {
    const char *argument; /* as options.def has it */
    enum kind kind;
} kinds[] = {
    {"FILE", KIND_FILE}, {"LIST", KIND_METHODS},        {"OUTCOME[,OUTCOME]...", KIND_OUTCOMES},
    {"USER", KIND_USER}, {"DEST[,DEST]...", KIND_HOST},
};

static enum kind
kind_of(const char *argument)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(argument, kinds[i].argument) == 0)
            return kinds[i].kind;
    }
    /* "a|b|c": the words themselves */
    return strchr(argument, '|') != NULL ? KIND_WORDS : KIND_NONE;
}

static void
put_choice(const char *argument)
{
    for (; *argument != '\0'; argument++)
        putchar(*argument == '|' ? ' ' : *argument);
}

/* Where the text's first statement ends: a list has no room for more. */
static size_t
summary_length(const char *text)
{
    size_t len = 0;

    while (text[len] != '\0' && !(strchr(".:;", text[len]) != NULL &&
                                  (text[len + 1] == ' ' || text[len + 1] == '\0')))
        len++;
    return len;
}

/* The text's summary between a shell's quotes: a byte that one of `escapes` (up to NULL) begins
 * with becomes the rest of it. */
static void
put_summary(const char *text, const char *const *escapes)
{
    size_t len = summary_length(text);

    for (size_t i = 0; i < len; i++) {
        const char *const *escape = escapes;
        while (*escape != NULL && (*escape)[0] != text[i])
            escape++;
        if (*escape != NULL)
            fputs(*escape + 1, stdout);
        else
            putchar(text[i]);
    }
}

/* One branch of a `case` that sets kind and words; none for an option without an argument. */
static void
put_bash(const struct option_row *row)
{
    static const char *const names[] = {"none",     "words", "file", "methods",
                                        "outcomes", "user",  "host"};

    if (row->argument == NULL)
        return;
    fputs("    ", stdout);
    if (row->letter != 0)
        printf("-%c%s", row->letter, row->name != NULL ? " | " : "");
    if (row->name != NULL)
        printf("--%s", row->name);
    enum kind kind = kind_of(row->argument);
    printf(") kind='%s'", names[kind]);
    if (kind == KIND_WORDS) {
        fputs(" words='", stdout);
        put_choice(row->argument);
        putchar('\'');
    }
    puts(" ;;");
}

/* All that is offered for a -: the long names, with = where an argument follows, and the
 * letters without a long name. */
static void
put_bash_spellings(void)
{
    const char *separator = "";

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const struct option_row *row = &options[i];
        if (row->name != NULL)
            printf("%s--%s%s", separator, row->name, row->argument != NULL ? "=" : "");
        else
            printf("%s-%c", separator, row->letter);
        separator = " ";
    }
}

/* A specification of _arguments: one that may not be repeated excludes itself. */
static void
put_zsh(const struct option_row *row)
{
    static const char *const escapes[] = {"''\\''", "[\\[", "]\\]", "\\\\\\", NULL};
    static const char *const actions[] = {" ",
                                          NULL,
                                          "_files",
                                          "_ssh_authtest_methods",
                                          "_ssh_authtest_outcomes",
                                          "_users",
                                          "_ssh_authtest_hosts"};
    const char *letter_end = row->argument != NULL ? "+" : "";
    const char *name_end = row->argument != NULL ? "=" : "";
    char letter[] = {'-', row->letter, '\0'};
    bool both = row->letter != 0 && row->name != NULL;

    fputs("        ", stdout);
    if (strstr(row->text, "May be repeated") != NULL)
        fputs("'*'", stdout);
    else if (both)
        printf("'(%s --%s)'", letter, row->name);
    if (both)
        printf("{%s%s,--%s%s}", letter, letter_end, row->name, name_end);
    else if (row->name != NULL)
        printf("--%s%s", row->name, name_end);
    else
        printf("%s%s", letter, letter_end);
    fputs("'[", stdout);
    put_summary(row->text, escapes);
    fputs("]", stdout);
    if (row->argument != NULL) {
        enum kind kind = kind_of(row->argument);
        if (kind == KIND_WORDS) {
            fputs(":choice:(", stdout);
            put_choice(row->argument);
            putchar(')');
        } else {
            /* a colon would end the message */
            printf(":%.*s:%s", (int)strcspn(row->argument, ":["), row->argument, actions[kind]);
        }
    }
    puts("'");
}

static void
put_fish(const struct option_row *row)
{
    static const char *const escapes[] = {"'\\'", "\\\\\\", NULL};
    static const char *const arguments[] = {
        " -x",
        NULL,
        " -r -F",
        " -x -a '(__ssh_authtest_list $__ssh_authtest_methods)'",
        " -x -a '(__ssh_authtest_list $__ssh_authtest_outcomes)'",
        " -x -a '(__fish_complete_users)'",
        " -x -a '(__fish_complete_user_at_hosts)'"};

    fputs("complete -c ssh-authtest", stdout);
    if (row->letter != 0)
        printf(" -s %c", row->letter);
    if (row->name != NULL)
        printf(" -l %s", row->name);
    if (row->argument != NULL && kind_of(row->argument) == KIND_WORDS) {
        fputs(" -x -a '", stdout);
        put_choice(row->argument);
        putchar('\'');
    } else if (row->argument != NULL) {
        fputs(arguments[kind_of(row->argument)], stdout);
    }
    fputs(" -d '", stdout);
    put_summary(row->text, escapes);
    puts("'");
}

static const struct {
    const char *name;
    void (*put)(const struct option_row *);
} shells[] = {{"bash", put_bash}, {"zsh", put_zsh}, {"fish", put_fish}};

static size_t shell; /* the argument's */

static void
put_options(void)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        shells[shell].put(&options[i]);
}

static void
put_methods(void)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        printf("%s%s", i > 0 ? " " : "", methods[i]);
}

/* Those that -e takes. */
static void
put_outcomes(void)
{
    const char *separator = "";

    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if ((outcomes[i].flags & EXPECTABLE) == 0)
            continue;
        printf("%s%s", separator, outcomes[i].word);
        separator = " ";
    }
}

static const struct template_place places[] = {
    {"@OPTIONS@\n", put_options},
    {"@SPELLINGS@", put_bash_spellings},
    {"@METHODS@", put_methods},
    {"@OUTCOMES@", put_outcomes},
};

int
main(int argc, char **argv)
{
    const size_t count = sizeof(shells) / sizeof(shells[0]);

    while (argc == 3 && shell < count && strcmp(shells[shell].name, argv[1]) != 0)
        shell++;
    if (argc != 3 || shell == count) {
        fputs("usage: fragments bash|zsh|fish TEMPLATE\n", stderr);
        return 2;
    }
    return template_copy(argv[2], places, sizeof(places) / sizeof(places[0]));
}
