/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Options of the whole run.
 */
#include <config.h>

#include "cli/options_take.h"

bool
take_verbose(struct parser *parser, const struct given *given)
{
    (void)given;
    parser->command->verbose++;
    return true;
}

bool
take_quiet(struct parser *parser, const struct given *given)
{
    (void)given;
    parser->command->quiet = true;
    return true;
}

bool
take_format(struct parser *parser, const struct given *given)
{
    if (take_choice(parser, given) < 0)
        return false;
    parser->command->format = given->value;
    return true;
}

bool
take_color(struct parser *parser, const struct given *given)
{
    static const enum color_mode modes[] = {COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER};
    int choice = take_choice(parser, given);

    if (choice < 0)
        return false;
    parser->command->color = modes[choice];
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
