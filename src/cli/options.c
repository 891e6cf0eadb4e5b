/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * argv to struct command. Options are found by scan.c; what they mean is options_take.c's, and
 * what goes together options_check.c's. Nothing here prints, exits, or asks the network.
 */
#include <config.h>

#include "cli/options_parser.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/deadline.h"

#define DEFAULT_PORT            22
#define DEFAULT_TIMEOUT         (120 * DEADLINE_SECOND)
#define DEFAULT_CONNECT_TIMEOUT (10 * DEADLINE_SECOND)

bool
options_no_memory(struct parser *parser)
{
    failure_set(parser->failure, OUTCOME_INTERNAL, "out of memory");
    return false;
}

/* The local user's name as the login, where nothing else names one. */
static bool
default_login(struct parser *parser)
{
    struct passwd *entry = getpwuid(getuid());

    if (entry == NULL || target_user_error(entry->pw_name) != NULL) {
        failure_set(parser->failure, OUTCOME_USAGE, "user: the local user has no usable name");
        failure_hint(parser->failure, "name the user as USER@HOST, or by %s",
                     scan_spelling(OPTION_LOGIN).text);
        return false;
    }
    parser->login = parser->owned->local_user = strdup(entry->pw_name);
    return parser->login != NULL || options_no_memory(parser);
}

static bool
take_target(struct parser *parser, const char *text)
{
    struct command *command = parser->command;
    struct target *named = &parser->owned->named[command->target_count];
    char **label = &parser->owned->labels[command->target_count];

    if (!target_parse(named, text, parser->failure))
        return false;
    command->target_count++; /* from here on options_free() sees it */
    if (named->user == NULL && parser->login == NULL && !default_login(parser))
        return false;

    const char *user = named->user == NULL ? parser->login : named->user;
    if ((*label = target_label(user, named->host)) == NULL)
        return options_no_memory(parser);
    struct request *request = &command->targets[command->target_count - 1];
    *request = (struct request){
        .settings = &command->settings,
        .user = user,
        .host = named->host,
        .port = named->port == 0 ? parser->port : named->port,
        .label = *label,
        .route = parser->route,
    };
    request->route.hostname = named->host;
    if (request->route.gssapi_host == NULL)
        request->route.gssapi_host = named->host;
    return true;
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
    if (command->targets == NULL || parser->owned->named == NULL ||
        parser->owned->labels == NULL)
        return options_no_memory(parser);
    for (int i = 0; i < count; i++) {
        if (!take_target(parser, words[i]))
            return false;
    }
    return true;
}

bool
options_parse(struct command *command, int argc, char **argv, struct failure *failure)
{
    struct parser parser = {.command = command,
                            .failure = failure,
                            .port = DEFAULT_PORT,
                            .route = {.connect_timeout = DEFAULT_CONNECT_TIMEOUT,
                                      .family = AF_UNSPEC,
                                      .host_key = HOSTKEY_DEFAULT}};

    *command = (struct command){
        .action = COMMAND_PROBE,
        .settings = {.timeout = DEFAULT_TIMEOUT, .rules = respond_new()},
        .color = COLOR_AUTO,
        .owned = calloc(1, sizeof(struct owned)),
    };
    parser.owned = command->owned;
    if (command->owned == NULL || command->settings.rules == NULL)
        return options_no_memory(&parser);

    int first = scan_options(argc, argv, options_take, &parser, failure);
    if (first < 0)
        return false;
    if (command->action != COMMAND_PROBE)
        return true;
    if (!options_check(&parser))
        return false;
    command->chains = parser.owned->chains.chains;
    command->chain_count = parser.owned->chains.count;
    return take_targets(&parser, argv + first, argc - first) &&
           options_check_credentials(&parser);
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
    }
    free(command->targets);
    if (owned != NULL) {
        list_free(&owned->chains);
        free(owned->named);
        free(owned->labels);
        free(owned->local_user);
        free(owned->expect_offered);
        free(owned->forbid_offered);
        free(owned);
    }
    *command = (struct command){.action = COMMAND_PROBE};
}
