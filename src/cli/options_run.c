/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Options of the whole run, which no line of a list can have.
 */
#include <config.h>

#include "cli/options_take.h"

#include "cli/value.h"

#define COUNT_MAX 10000 /* of targets, or connections, at once */

bool
take_file(struct parser *parser, const struct given *given)
{
    struct command *command = parser->command;

    if (*given->value == '\0')
        return take_refused(parser, given, "no file is named");
    if (command->file != NULL) {
        failure_set(parser->failure, OUTCOME_USAGE,
                    "%s: given twice, but only one list is read", given->option);
        return false;
    }
    command->file = given->value;
    return true;
}

static bool
take_count(struct parser *parser, const struct given *given, unsigned *count)
{
    return value_count(given->value, COUNT_MAX, count) ||
           take_refused(parser, given, "a number from 1 to 10000 is meant");
}

bool
take_jobs(struct parser *parser, const struct given *given)
{
    return take_count(parser, given, &parser->command->jobs);
}

bool
take_per_address(struct parser *parser, const struct given *given)
{
    return take_count(parser, given, &parser->command->per_address);
}

bool
take_verbose(struct parser *parser, const struct given *given)
{
    (void)given;
    parser->command->style.verbose++;
    return true;
}

bool
take_quiet(struct parser *parser, const struct given *given)
{
    (void)given;
    parser->command->style.quiet = true;
    return true;
}

bool
take_format(struct parser *parser, const struct given *given)
{
    if (take_choice(parser, given) < 0)
        return false;
    parser->command->style.format = given->value;
    return true;
}

bool
take_color(struct parser *parser, const struct given *given)
{
    static const enum color_mode modes[] = {COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER};
    int choice = take_choice(parser, given);

    if (choice < 0)
        return false;
    parser->command->style.color = modes[choice];
    return true;
}

bool
take_help(struct parser *parser, const struct given *given)
{
    (void)given;
    parser->command->action = COMMAND_HELP;
    return true;
}

bool
take_version(struct parser *parser, const struct given *given)
{
    (void)given;
    parser->command->action = COMMAND_VERSION;
    return true;
}
