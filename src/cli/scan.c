/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * getopt_long(3) on the rows of options.def, with messages of our own. The only file that knows
 * of getopt and its globals; what options mean may not enter.
 */
#include <config.h>

#include "cli/scan.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "util/escape.h"

#define SHOWN_MAX 80 /* bytes of an option in a message */
#define RETURN_BASE                                                                            \
    0x100 /* getopt_long() returns this + enum option_id; letters are below it */

static const struct {
    char letter;
    const char *name, *argument;
} rows[] = {
#define OPTION(symbol, letter, name, argument, section, text) {letter, name, argument},
#include "cli/options.def"
#undef OPTION
};

/* What getopt_long() reads: its two tables, made from the rows. */
struct tables {
    char letters[2 * OPTION_COUNT + 2];
    struct option names[OPTION_COUNT + 1];
};

static struct spelling
spell(enum option_id id, bool by_letter)
{
    struct spelling spelling;

    if (by_letter || rows[id].name == NULL)
        snprintf(spelling.text, sizeof(spelling.text), "-%c", rows[id].letter);
    else
        snprintf(spelling.text, sizeof(spelling.text), "--%s", rows[id].name);
    return spelling;
}

struct spelling
scan_spelling(enum option_id id)
{
    return spell(id, false);
}

const char *
scan_argument(enum option_id id)
{
    return rows[id].argument;
}

static void
make_tables(struct tables *tables)
{
    char *letter = tables->letters;
    struct option *name = tables->names;

    memset(tables, 0, sizeof(*tables));
    *letter++ = ':'; /* getopt_long() then tells a missing argument from an unknown option */
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (rows[i].letter != 0) {
            *letter++ = rows[i].letter;
            if (rows[i].argument != NULL)
                *letter++ = ':';
        }
        if (rows[i].name != NULL) {
            name->name = rows[i].name;
            name->has_arg = rows[i].argument == NULL ? no_argument : required_argument;
            name->val = RETURN_BASE + i;
            name++;
        }
    }
}

/* The option for what getopt_long() returned, or put into optopt; OPTION_COUNT: none. */
static enum option_id
find_option(int value)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (value == RETURN_BASE + i || (rows[i].letter != 0 && value == rows[i].letter))
            return (enum option_id)i;
    }
    return OPTION_COUNT;
}

/* True where more than one long name begins with the `len` bytes at `prefix`. */
static bool
is_ambiguous(const char *prefix, size_t len)
{
    int count = 0;

    for (int i = 0; i < OPTION_COUNT; i++)
        count += rows[i].name != NULL && strncmp(rows[i].name, prefix, len) == 0;
    return count > 1;
}

/* Says what getopt_long() found wrong, in `word` where it is a long option. */
static void
complain(int result, const char *word, struct failure *failure)
{
    enum option_id id = find_option(optopt);
    char letter[] = {'-', (char)optopt};
    char shown[SHOWN_MAX];

    if (id != OPTION_COUNT) {
        struct spelling option = spell(id, optopt < RETURN_BASE);
        if (result == ':')
            failure_set(failure, OUTCOME_USAGE, "%s: its argument is missing: %s", option.text,
                        rows[id].argument);
        else
            failure_set(failure, OUTCOME_USAGE, "%s: it takes no argument", option.text);
    } else if (optopt != 0) {
        escape_into(shown, sizeof(shown), letter, sizeof(letter), ESCAPE_LINE);
        failure_set(failure, OUTCOME_USAGE, "%s: no such option", shown);
    } else {
        size_t len = strcspn(word, "=");
        bool ambiguous = len > 2 && is_ambiguous(word + 2, len - 2);
        escape_into(shown, sizeof(shown), word, len, ESCAPE_LINE);
        failure_set(failure, OUTCOME_USAGE, "%s: %s", shown,
                    ambiguous ? "more than one option begins so" : "no such option");
    }
    failure_hint(failure, "'" PACKAGE_NAME " %s' lists the options",
                 spell(OPTION_HELP, false).text);
}

int
scan_options(int argc, char **argv, scan_taker *take, void *context, struct failure *failure)
{
    enum scan_result result = SCAN_GO_ON;
    struct tables tables;
    int value;

    make_tables(&tables);
    opterr = 0;
    optind = 0; /* glibc: start anew, whatever was parsed before */
    while (result == SCAN_GO_ON &&
           (value = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
        enum option_id id = find_option(value);
        if (id == OPTION_COUNT) {
            complain(value, argv[optind - 1], failure);
            return -1;
        }
        result = take(context, id, spell(id, value < RETURN_BASE).text, optarg);
    }
    return result == SCAN_BAD ? -1 : optind;
}
