/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files that read options share: not for anybody else. options.c owns the command line
 * and goes through it, options_take.c reads one option, options_check.c asks at the end whether
 * what was said goes together.
 */
#ifndef OPTIONS_PARSER_H
#define OPTIONS_PARSER_H

#include "cli/options.h"
#include "cli/options_layer.h"
#include "cli/sshconfig.h"
#include "cli/target.h"

/* The memory behind a struct command. */
struct owned {
    struct layer layer;
    struct target *named; /* as many as command->targets */
    char **shown;         /* as typed, printable; likewise */
    char **labels;
    struct sshconfig *configs;
};

struct parser {
    struct command *command; /* NULL: a line of a list, which has no options of the whole run */
    struct layer *layer;
    struct failure *failure;
};

/* A scan_taker with the parser as context: one option. */
enum scan_result options_take(void *parser, enum option_id id, const char *option, char *value);

/*
 * What cannot go together, and what is of no use without the rest, where these options are all
 * that hold for a target. What a layer only inherits may be of no use where it names methods of
 * its own. False with USAGE in the failure.
 */
bool options_check(const struct layer *layer, struct failure *failure);

/* Is the list what standard input gives, under whatever name: "-", /dev/stdin, a file? Its
 * lines are no answers then. */
bool options_list_is_input(const struct command *command);

/* The part of it that no line of a list can mend. */
bool options_check_together(const struct layer *layer, struct failure *failure);

/*
 * Last of all, before anything is sent: can what the layer's own options name be used, sources,
 * keys, the agent and Kerberos credentials? False with CREDENTIAL in the failure, INTERNAL
 * (memory), or what else gss_choice_check() has. In any thread.
 */
bool options_check_credentials(const struct layer *layer, struct failure *failure);

#endif
