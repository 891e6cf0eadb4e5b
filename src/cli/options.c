/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * argv to struct command. Options are found by scan.c; what they mean is options_take.c's, and
 * what goes together options_check.c's. Nothing here prints, exits, or asks the network.
 */
#include <config.h>

#include "cli/options_parser.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/route.h"
#include "util/deadline.h"

#define DEFAULT_TIMEOUT (120 * DEADLINE_SECOND)

static bool
take_target(struct parser *parser, const char *text)
{
    struct command *command = parser->command;

    if (!target_parse(&parser->owned->named[command->target_count], text, parser->failure))
        return false;
    command->target_count++; /* from here on options_free() sees it */
    return true;
}

/* A target of the above as a request. Programs are run for it, of ssh's configuration. */
static bool
make_request(struct parser *parser, size_t i)
{
    struct owned *owned = parser->owned;
    struct request *request = &parser->command->targets[i];

    if (!route_make(parser, &owned->named[i], &owned->configs[i], request))
        return false;
    owned->labels[i] = target_label(request->user, request->host);
    request->label = owned->labels[i];
    return request->label != NULL || failure_no_memory(parser->failure);
}

static bool
take_targets(struct parser *parser, char **words, int count)
{
    struct command *command = parser->command;

    if (count == 0) {
        failure_set(parser->failure, OUTCOME_USAGE, "no target: [USER@]HOST[:PORT] is missing");
        failure_hint(parser->failure, "try '" PACKAGE_NAME " %s'",
                     scan_spelling(OPTION_HELP).text);
        return false;
    }
    command->targets = calloc((size_t)count, sizeof(*command->targets));
    parser->owned->named = calloc((size_t)count, sizeof(*parser->owned->named));
    parser->owned->labels = calloc((size_t)count, sizeof(*parser->owned->labels));
    parser->owned->configs = calloc((size_t)count, sizeof(*parser->owned->configs));
    if (command->targets == NULL || parser->owned->named == NULL ||
        parser->owned->labels == NULL || parser->owned->configs == NULL)
        return failure_no_memory(parser->failure);
    for (int i = 0; i < count; i++) {
        if (!take_target(parser, words[i]))
            return false;
    }
    return true;
}

bool
options_parse(struct command *command, int argc, char **argv, struct failure *failure)
{
    struct parser parser = {.command = command, .failure = failure};

    *command = (struct command){
        .action = COMMAND_PROBE,
        .settings = {.timeout = DEFAULT_TIMEOUT,
                     .rules = respond_new(),
                     .max_refused = RESPOND_MAX_REFUSED},
        .color = COLOR_AUTO,
        .format = "text",
        .owned = calloc(1, sizeof(struct owned)),
    };
    parser.owned = command->owned;
    if (command->owned == NULL || command->settings.rules == NULL)
        return failure_no_memory(failure);

    int first = scan_options(argc, argv, options_take, &parser, failure);
    if (first < 0)
        return false;
    if (command->action != COMMAND_PROBE)
        return true;
    if (!options_check(&parser))
        return false;
    command->chains = parser.owned->chains.chains;
    command->chain_count = parser.owned->chains.count;
    /* the variables that rules name are out of the environment before any program is run */
    bool good =
        take_targets(&parser, argv + first, argc - first) && options_check_credentials(&parser);
    for (size_t i = 0; good && i < command->target_count; i++)
        good = make_request(&parser, i);
    return good;
}

static void
free_identities(struct settings *settings)
{
    for (size_t i = 0; i < settings->identity_count; i++) {
        if (settings->identities[i].passphrase != NULL)
            source_free(settings->identities[i].passphrase);
        free(settings->identities[i].passphrase);
    }
    free(settings->identities);
}

void
options_free(struct command *command)
{
    struct settings *settings = &command->settings;
    struct owned *owned = command->owned;

    for (size_t i = 0; i < settings->fingerprint_count; i++)
        free((char *)settings->fingerprints[i]);
    free(settings->fingerprints);
    free_identities(settings);
    respond_free(settings->rules);
    for (size_t i = 0; i < command->target_count; i++) {
        target_free(&owned->named[i]);
        free(owned->labels[i]);
        sshconfig_free(&owned->configs[i]);
    }
    free(command->targets);
    if (owned != NULL) {
        list_free(&owned->chains);
        free(owned->named);
        free(owned->labels);
        free(owned->configs);
        free(owned->ssh_options);
        free(owned->local_user);
        free(owned->expect_offered);
        free(owned->forbid_offered);
        free(owned);
    }
    *command = (struct command){.action = COMMAND_PROBE};
}
