/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes the manual page: copies the mdoc source to standard output, with @OPTIONS@,
 * @EXIT_STATUS@, @ANSWERED@ and @NOT_EXPECTABLE@, each on a line of its own, replaced by what
 * options.def and outcome.def say, and @VERSION@ and @DATE@ by the arguments. Run while
 * building, perhaps by another machine's compiler: plain C and its library, and no config.h,
 * may be used here, and nothing else of the program.
 *
 *     fragments SOURCE VERSION YYYY-MM-DD >PAGE
 */
#include "template.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH   80 /* of a line of the page's source */
#define ESCAPES 12 /* what escapes may add to a word */

struct option_row {
    char letter;
    const char *name, *argument, *section, *text;
};

static const struct option_row options[] = {
#define OPTION(symbol, letter, name, argument, section, text)                                  \
    {letter, name, argument, section, text},
#include "cli/options.def"
#undef OPTION
};

enum { ANSWERED = 1, EXPECTABLE = 2 };

static const struct {
    const char *word;
    int status;
    unsigned flags;
    const char *meaning;
} outcomes[] = {
#define OUTCOME(symbol, word, status, flags, meaning) {word, status, flags, meaning},
#include "util/outcome.def"
#undef OUTCOME
};

static const char *version, *date; /* the arguments */

/* Plain text as roff shows it unchanged: a hyphen that can be copied, no escapes. Returns how
 * many bytes that took. */
static size_t
put_escaped(const char *text, size_t len)
{
    static const char *const escapes[] = {"\\e", "--", "'(aq", "~(ti", "^(ha", "`(ga"};
    size_t written = len;

    for (size_t i = 0; i < len; i++) {
        const char *escape = NULL;
        for (size_t k = 0; k < sizeof(escapes) / sizeof(escapes[0]); k++) {
            if (escapes[k][0] == text[i])
                escape = escapes[k] + 1;
        }
        if (escape == NULL)
            putchar(text[i]);
        else
            written += (size_t)printf("\\%s", escape) - 1;
    }
    return written;
}

static bool
ends_sentence(const char *word, size_t len)
{
    return word[len - 1] == '.' && (len < 2 || word[len - 2] != '.');
}

/* The part of a word without the punctuation at its end. */
static size_t
bare_length(const char *word, size_t len)
{
    while (len > 0 && strchr(".,:;)", word[len - 1]) != NULL)
        len--;
    return len;
}

/* True where the word is one of those that make up an argument's name: PATTERN in
 * PATTERN=SOURCE. */
static bool
is_argument(const char *word, size_t len, const char *argument)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    while (argument != NULL && *argument != '\0') {
        size_t span = strspn(argument, capitals);
        if (span == len && span > 1 && memcmp(word, argument, len) == 0)
            return true;
        argument += span > 0 ? span : 1;
    }
    return false;
}

/* A name that a line's end must not divide: GSSAPI, LIBSSH2_ERROR, AuthenticationMethods. */
static bool
is_name(const char *word, size_t len)
{
    for (size_t i = 1; i < len; i++) {
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ_/:@", word[i]) != NULL)
            return true;
    }
    return false;
}

/*
 * One word: options bold, as mdoc's Fl makes them, and the names of arguments in Ar's italics.
 * Returns how many bytes that took.
 */
static size_t
put_word(const char *word, size_t len, const char *argument)
{
    size_t bare = bare_length(word, len);
    const char *font = bare > 1 && word[0] == '-'          ? "\\fB"
                       : is_argument(word, bare, argument) ? "\\fI"
                                                           : "";
    size_t written = (size_t)printf("%s%s", is_name(word, bare) ? "\\%" : "", font);

    written += put_escaped(word, bare);
    written += (size_t)printf("%s", *font == '\0' ? "" : "\\fP");
    return written + put_escaped(word + bare, len - bare);
}

/* A text, each sentence on a line of its own, and wrapped. */
static void
put_text(const char *text, const char *argument)
{
    size_t column = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (column > 0 && column + 1 + len + ESCAPES > WIDTH) {
            putchar('\n');
            column = 0;
        } else if (column > 0) {
            putchar(' ');
            column++;
        }
        if (column == 0 && *text == '.')
            fputs("\\&", stdout);
        column += put_word(text, len, argument);
        if (ends_sentence(text, len) && text[len] != '\0') {
            putchar('\n');
            column = 0;
        }
        text += len;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void
put_option(const struct option_row *row)
{
    fputs(".It", stdout);
    if (row->letter != 0)
        printf(" Fl %c", row->letter);
    if (row->letter != 0 && row->name != NULL)
        fputs(" ,", stdout);
    if (row->name != NULL) {
        fputs(" Fl \\-", stdout);
        put_escaped(row->name, strlen(row->name));
    }
    if (row->argument != NULL) {
        fputs(row->name != NULL ? " Ns = Ns Ar " : " Ar ", stdout);
        put_escaped(row->argument, strlen(row->argument));
    }
    putchar('\n');
    put_text(row->text, row->argument);
}

static void
put_options(void)
{
    const char *section = NULL;

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (section == NULL || strcmp(section, options[i].section) != 0) {
            printf("%s.Ss %s\n.Bl -tag -width Ds\n", section == NULL ? "" : ".El\n",
                   options[i].section);
            section = options[i].section;
        }
        put_option(&options[i]);
    }
    puts(".El");
}

static void
put_outcomes(void)
{
    puts(".Bl -tag -width \"130 password-expired\" -compact");
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        int status = outcomes[i].status;
        printf(".It %s%d Cm ", status < 10 ? "\\0\\0" : status < 100 ? "\\0" : "", status);
        put_escaped(outcomes[i].word, strlen(outcomes[i].word));
        putchar('\n');
        put_text(outcomes[i].meaning, NULL);
    }
    puts(".El");
}

/* The outcomes whose flag is set, or is not: "a, b". */
static void
put_words(unsigned flag, bool set)
{
    bool first = true;

    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (((outcomes[i].flags & flag) != 0) != set)
            continue;
        fputs(first ? ".Cm " : " ,\n.Cm ", stdout);
        put_escaped(outcomes[i].word, strlen(outcomes[i].word));
        first = false;
    }
    putchar('\n');
}

static void
put_answered(void)
{
    put_words(ANSWERED, true);
}

static void
put_not_expectable(void)
{
    put_words(EXPECTABLE, false);
}

static void
put_version(void)
{
    fputs(version, stdout);
}

/* "2026-08-05" as mdoc's Dd wants it: "August 5, 2026". */
static void
put_date(void)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    int year, month, day;

    if (sscanf(date, "%4d-%2d-%2d", &year, &month, &day) != 3 || month < 1 || month > 12) {
        fprintf(stderr, "fragments: %s: not YYYY-MM-DD\n", date);
        exit(1);
    }
    printf("%s %d, %d", months[month - 1], day, year);
}

static const struct template_place places[] = {
    {"@OPTIONS@\n", put_options},   {"@EXIT_STATUS@\n", put_outcomes},
    {"@ANSWERED@\n", put_answered}, {"@NOT_EXPECTABLE@\n", put_not_expectable},
    {"@VERSION@", put_version},     {"@DATE@", put_date},
};

int
main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: fragments SOURCE VERSION YYYY-MM-DD\n", stderr);
        return 2;
    }
    version = argv[2];
    date = argv[3];
    return template_copy(argv[1], places, sizeof(places) / sizeof(places[0]));
}
