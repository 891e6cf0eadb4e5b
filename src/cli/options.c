/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * argv to struct command. Options are found by scan.c; what they mean is options_take.c's, and
 * what goes together options_check.c's. Nothing here prints, exits, or asks the network.
 */
#include <config.h>

#include "cli/options_parser.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/route.h"
#include "util/escape.h"

#define DEFAULT_JOBS        64
#define DEFAULT_PER_ADDRESS 8 /* sshd's MaxStartups begins to drop at 10 */

static bool
take_target(struct parser *parser, const char *text)
{
    struct command *command = parser->command;
    struct owned *owned = command->owned;
    size_t i = command->target_count;

    if (!target_parse(&owned->named[i], text, parser->failure))
        return false;
    command->target_count++; /* from here on options_free() sees it */
    owned->shown[i] = escape_dup(text, strlen(text), ESCAPE_LINE);
    return owned->shown[i] != NULL || failure_no_memory(parser->failure);
}

/* A target of the above as a request. Programs are run for it, of ssh's configuration. */
static bool
make_request(struct parser *parser, size_t i)
{
    struct owned *owned = parser->command->owned;
    struct request *request = &parser->command->targets[i];

    if (!route_make(&parser->layer->options, &owned->named[i], &owned->configs[i], request,
                    parser->failure))
        return false;
    request->settings = &parser->command->settings;
    owned->labels[i] = target_label(request->user, request->host);
    request->label = owned->labels[i];
    return request->label != NULL || failure_no_memory(parser->failure);
}

static bool
take_targets(struct parser *parser, char **words, int count)
{
    struct command *command = parser->command;
    struct owned *owned = command->owned;

    if (count == 0 && command->file != NULL)
        return true;
    if (count == 0) {
        failure_set(parser->failure, OUTCOME_USAGE, "no target: [USER@]HOST[:PORT] is missing");
        failure_hint(parser->failure, "try '" PACKAGE_NAME " %s'",
                     scan_spelling(OPTION_HELP).text);
        return false;
    }
    command->targets = calloc((size_t)count, sizeof(*command->targets));
    owned->named = calloc((size_t)count, sizeof(*owned->named));
    owned->shown = calloc((size_t)count, sizeof(*owned->shown));
    owned->labels = calloc((size_t)count, sizeof(*owned->labels));
    owned->configs = calloc((size_t)count, sizeof(*owned->configs));
    if (command->targets == NULL || owned->named == NULL || owned->shown == NULL ||
        owned->labels == NULL || owned->configs == NULL)
        return failure_no_memory(parser->failure);
    for (int i = 0; i < count; i++) {
        if (!take_target(parser, words[i]))
            return false;
    }
    return true;
}

/* Without -m: one chain that only lists. */
static bool
add_listing(struct layer *layer, struct failure *failure)
{
    if (layer->chains.count > 0)
        return true;
    if (!list_add_listing(&layer->chains))
        return failure_no_memory(failure);
    layer->options.chains = layer->chains.chains;
    layer->options.chain_count = layer->chains.count;
    return true;
}

/* What the options said is known to all that refer to the command. */
static void
publish(struct command *command, const struct options *options)
{
    command->settings = options->settings;
    command->chains = options->chains;
    command->chain_count = options->chain_count;
}

/* What goes together: with a list, lines may say what is missing, or what it is of use for. */
static bool
check(struct parser *parser, bool has_targets)
{
    const struct command *command = parser->command;
    const struct layer *layer = parser->layer;

    if (layer_reads(layer, STDIN_FILENO) && options_list_is_input(command)) {
        failure_set(parser->failure, OUTCOME_USAGE, "fd:0: standard input is the list");
        return false;
    }
    return has_targets || command->file == NULL
               ? options_check(layer, parser->failure)
               : options_check_together(layer, parser->failure);
}

/* What depends on how many targets there are. */
static void
set_jobs(struct command *command, struct settings *settings)
{
    if (command->file == NULL && command->jobs > command->target_count)
        command->jobs = (unsigned)command->target_count;
    settings->crowd = command->style.many = command->jobs > 1;
    command->style.summary = command->file != NULL || command->target_count > 1;
}

static bool
parse(struct parser *parser, int argc, char **argv)
{
    struct command *command = parser->command;
    struct layer *layer = parser->layer;

    int first = scan_options(argc, argv, options_take, parser, parser->failure);
    if (first < 0)
        return false;
    if (command->action != COMMAND_PROBE)
        return true;
    if (!check(parser, first < argc) || !add_listing(layer, parser->failure))
        return false;
    if (layer->options.login == NULL && !layer_find_local_user(layer))
        return failure_no_memory(parser->failure);
    /* the variables that rules name are out of the environment before any program is run */
    bool good = take_targets(parser, argv + first, argc - first) &&
                options_check_credentials(layer, parser->failure);
    set_jobs(command, &layer->options.settings);
    for (size_t i = 0; good && i < command->target_count; i++)
        good = make_request(parser, i);
    return good;
}

bool
options_parse(struct command *command, int argc, char **argv, struct failure *failure)
{
    struct owned *owned = calloc(1, sizeof(*owned));
    struct parser parser = {.command = command, .failure = failure};

    *command = (struct command){
        .action = COMMAND_PROBE,
        .style = {.format = "text"},
        .jobs = DEFAULT_JOBS,
        .per_address = DEFAULT_PER_ADDRESS,
        .owned = owned,
    };
    if (owned == NULL || !layer_init(&owned->layer))
        return failure_no_memory(failure);
    parser.layer = &owned->layer;
    bool good = parse(&parser, argc, argv);
    publish(command, &owned->layer.options);
    return good;
}

void
options_free(struct command *command)
{
    struct owned *owned = command->owned;

    for (size_t i = 0; i < command->target_count; i++) {
        target_free(&owned->named[i]);
        free(owned->shown[i]);
        free(owned->labels[i]);
        sshconfig_free(&owned->configs[i]);
    }
    free(command->targets);
    if (owned != NULL) {
        layer_free(&owned->layer);
        free(owned->named);
        free(owned->shown);
        free(owned->labels);
        free(owned->configs);
        free(owned);
    }
    *command = (struct command){.action = COMMAND_PROBE};
}
