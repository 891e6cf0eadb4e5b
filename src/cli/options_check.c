/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What cannot go together on a command line.
 */
#include <config.h>

#include "cli/options_parser.h"

/*
 * Without -m nobody is logged in. Whoever says how to answer or what to delegate all the same
 * forgot it, and would take the exit status of a listing for that of a login.
 */
static bool
check_listing(struct parser *parser)
{
    static const enum option_id useless[] = {OPTION_RESPOND, OPTION_DELEGATE,
                                             OPTION_GSSAPI_HOST};

    for (size_t i = 0; i < sizeof(useless) / sizeof(useless[0]); i++) {
        if (parser->seen[useless[i]]) {
            failure_set(parser->failure, OUTCOME_USAGE,
                        "%s: of no use without %s, since only the methods are then listed",
                        scan_spelling(useless[i]).text, scan_spelling(OPTION_METHODS).text);
            return false;
        }
    }
    return list_add_listing(&parser->owned->chains) || options_no_memory(parser);
}

bool
options_check(struct parser *parser)
{
    return parser->owned->chains.count > 0 || check_listing(parser);
}
