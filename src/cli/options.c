/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * argv to struct command. Options are found by scan.c; what a value may look like is value.c's,
 * list.c's and target.c's. Nothing here prints, exits, looks at a file or asks the network.
 */
#include <config.h>

#include "cli/options.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/list.h"
#include "cli/scan.h"
#include "cli/target.h"
#include "cli/value.h"
#include "util/deadline.h"
#include "util/escape.h"

#define DEFAULT_PORT            22
#define DEFAULT_TIMEOUT         (120 * DEADLINE_SECOND)
#define DEFAULT_CONNECT_TIMEOUT (10 * DEADLINE_SECOND)
#define MAX_REFUSED             1000000
#define SHOWN_MAX               160 /* bytes of a value in a message */

/* The memory behind a struct command. */
struct owned {
    struct chain_list chains;
    struct target *named; /* as typed; as many as command->targets */
    char **labels;
    char *local_user;
};

/* What the options said, until all are read. */
struct parser {
    struct command *command;
    struct owned *owned;
    struct failure *failure;
    const char *login;
    uint16_t port;
    bool seen[OPTION_COUNT];
};

static bool
no_memory(struct parser *parser)
{
    failure_set(parser->failure, OUTCOME_INTERNAL, "out of memory");
    return false;
}

static bool
bad_value(struct parser *parser, const char *option, const char *value, const char *why)
{
    char shown[SHOWN_MAX];

    escape_into(shown, sizeof(shown), value, strlen(value), ESCAPE_LINE);
    failure_set(parser->failure, OUTCOME_USAGE, "%s '%s': %s", option, shown, why);
    return false;
}

/* Sets *to, to the value itself, unless `why` says that it is wrong. */
static bool
take_text(struct parser *parser, const char *option, const char *value, const char *why,
          const char **to)
{
    if (why != NULL)
        return bad_value(parser, option, value, why);
    *to = value;
    return true;
}

static bool
take_port(struct parser *parser, const char *option, const char *value)
{
    return value_port(value, strlen(value), &parser->port) ||
           bad_value(parser, option, value, "a port is a number from 1 to 65535");
}

static bool
take_seconds(struct parser *parser, const char *option, const char *value, int64_t *to)
{
    return value_seconds(value, to) ||
           bad_value(parser, option, value,
                     "a limit is a number of seconds above 0, such as 5 or 0.5, "
                     "and at most 1000000");
}

/* The index of the value among the words of the option's argument in options.def, or -1. */
static int
take_choice(struct parser *parser, const char *option, const char *value, enum option_id id)
{
    int choice = value_choice(scan_argument(id), value);
    char why[80];

    if (choice < 0) {
        snprintf(why, sizeof(why), "not one of %s", scan_argument(id));
        bad_value(parser, option, value, why);
    }
    return choice;
}

static bool
take_host_key(struct parser *parser, const char *option, const char *value)
{
    static const enum hostkey_mode modes[] = {HOSTKEY_STRICT, HOSTKEY_ASK, HOSTKEY_ACCEPT_NEW,
                                              HOSTKEY_OFF}; /* in the order of options.def */
    int choice = take_choice(parser, option, value, OPTION_HOST_KEY);

    if (choice < 0)
        return false;
    parser->command->settings.host_key = modes[choice];
    return true;
}

static bool
take_color(struct parser *parser, const char *option, const char *value)
{
    static const enum color_mode modes[] = {COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER};
    int choice = take_choice(parser, option, value, OPTION_COLOR);

    if (choice < 0)
        return false;
    parser->command->color = modes[choice];
    return true;
}

static bool
take_fingerprint(struct parser *parser, const char *option, const char *value)
{
    struct settings *settings = &parser->command->settings;
    const char *why = value_fingerprint(value);
    const char **list;

    if (why != NULL)
        return bad_value(parser, option, value, why);
    list = reallocarray(settings->fingerprints, settings->fingerprint_count + 1, sizeof(*list));
    if (list == NULL)
        return no_memory(parser);
    settings->fingerprints = list;
    list[settings->fingerprint_count] = strndup(value, VALUE_FINGERPRINT_LEN);
    if (list[settings->fingerprint_count] == NULL)
        return no_memory(parser);
    settings->fingerprint_count++;
    return true;
}

static bool
take_max_refused(struct parser *parser, const char *option, const char *value)
{
    unsigned count;

    if (!value_count(value, MAX_REFUSED, &count))
        return bad_value(parser, option, value, "a number from 1 to 1000000 is meant");
    respond_limit(parser->command->settings.rules, count);
    return true;
}

/* One option, `option` as the user spelled it. */
static bool
take_option(struct parser *parser, enum option_id id, const char *option, const char *value)
{
    struct command *command = parser->command;
    struct settings *settings = &command->settings;

    parser->seen[id] = true;
    switch (id) {
    case OPTION_METHODS:
        return list_add_chains(&parser->owned->chains, option, value, parser->failure);
    case OPTION_EXPECT:
        return list_outcomes(&settings->expected, option, value, parser->failure);
    case OPTION_NO_TRIVIAL_AUTH:
        settings->no_trivial_auth = true;
        return true;
    case OPTION_RESPOND:
        return respond_add(settings->rules, value, parser->failure);
    case OPTION_RESPOND_FILE:
        return respond_add_file(settings->rules, value, parser->failure);
    case OPTION_MAX_REFUSED:
        return take_max_refused(parser, option, value);
    case OPTION_BATCH:
        settings->batch = true;
        return true;
    case OPTION_DELEGATE:
        settings->delegate = true;
        return true;
    case OPTION_GSSAPI_HOST:
        return take_text(parser, option, value, target_host_error(value),
                         &settings->gssapi_host);
    case OPTION_HOST_KEY:
        return take_host_key(parser, option, value);
    case OPTION_FINGERPRINT:
        return take_fingerprint(parser, option, value);
    case OPTION_KNOWN_HOSTS:
        return take_text(parser, option, value, *value == '\0' ? "no file is named" : NULL,
                         &settings->known_hosts);
    case OPTION_LOGIN:
        return take_text(parser, option, value, target_user_error(value), &parser->login);
    case OPTION_PORT:
        return take_port(parser, option, value);
    case OPTION_IPV4:
        settings->family = AF_INET;
        return true;
    case OPTION_IPV6:
        settings->family = AF_INET6;
        return true;
    case OPTION_TIMEOUT:
        return take_seconds(parser, option, value, &settings->timeout);
    case OPTION_CONNECT_TIMEOUT:
        return take_seconds(parser, option, value, &settings->connect_timeout);
    case OPTION_VERBOSE:
        command->verbose++;
        return true;
    case OPTION_QUIET:
        command->quiet = true;
        return true;
    case OPTION_COLOR:
        return take_color(parser, option, value);
    case OPTION_HELP:
        command->action = COMMAND_HELP;
        return true;
    case OPTION_VERSION:
        command->action = COMMAND_VERSION;
        return true;
    case OPTION_COUNT:
        break;
    }
    return false;
}

/* scan_taker: one option, then the next, unless this one asks for help or version. */
static enum scan_result
take(void *context, enum option_id id, const char *option, char *value)
{
    struct parser *parser = context;

    if (!take_option(parser, id, option, value))
        return SCAN_BAD;
    return parser->command->action == COMMAND_PROBE ? SCAN_GO_ON : SCAN_DONE;
}

/*
 * Without -m nobody is logged in. Whoever says how to answer or what to delegate all the same
 * forgot it, and would take the exit status of a listing for that of a login.
 */
static bool
check_listing(struct parser *parser)
{
    static const enum option_id useless[] = {OPTION_RESPOND, OPTION_RESPOND_FILE,
                                             OPTION_DELEGATE, OPTION_GSSAPI_HOST};

    for (size_t i = 0; i < sizeof(useless) / sizeof(useless[0]); i++) {
        if (parser->seen[useless[i]]) {
            failure_set(parser->failure, OUTCOME_USAGE,
                        "%s: of no use without %s, since only the methods are then listed",
                        scan_spelling(useless[i]).text, scan_spelling(OPTION_METHODS).text);
            return false;
        }
    }
    return list_add_listing(&parser->owned->chains) || no_memory(parser);
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
    return parser->login != NULL || no_memory(parser);
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
        return no_memory(parser);
    command->targets[command->target_count - 1] = (struct request){
        .settings = &command->settings,
        .user = user,
        .host = named->host,
        .port = named->port == 0 ? parser->port : named->port,
        .label = *label,
    };
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
        return no_memory(parser);
    for (int i = 0; i < count; i++) {
        if (!take_target(parser, words[i]))
            return false;
    }
    return true;
}

bool
options_parse(struct command *command, int argc, char **argv, struct failure *failure)
{
    struct parser parser = {.command = command, .failure = failure, .port = DEFAULT_PORT};

    *command = (struct command){
        .action = COMMAND_PROBE,
        .settings = {.timeout = DEFAULT_TIMEOUT,
                     .connect_timeout = DEFAULT_CONNECT_TIMEOUT,
                     .family = AF_UNSPEC,
                     .host_key = HOSTKEY_DEFAULT,
                     .rules = respond_new()},
        .color = COLOR_AUTO,
        .owned = calloc(1, sizeof(struct owned)),
    };
    parser.owned = command->owned;
    if (command->owned == NULL || command->settings.rules == NULL)
        return no_memory(&parser);

    int first = scan_options(argc, argv, take, &parser, failure);
    if (first < 0)
        return false;
    if (command->action != COMMAND_PROBE)
        return true;
    if (parser.owned->chains.count == 0 && !check_listing(&parser))
        return false;
    command->chains = parser.owned->chains.chains;
    command->chain_count = parser.owned->chains.count;
    return take_targets(&parser, argv + first, argc - first) &&
           respond_check(command->settings.rules, failure);
}

void
options_free(struct command *command)
{
    struct settings *settings = &command->settings;
    struct owned *owned = command->owned;

    for (size_t i = 0; i < settings->fingerprint_count; i++)
        free((char *)settings->fingerprints[i]);
    free(settings->fingerprints);
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
        free(owned);
    }
    *command = (struct command){.action = COMMAND_PROBE};
}
