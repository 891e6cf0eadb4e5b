/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One option of the command line. What a value may look like is value.c's, list.c's and
 * target.c's. Nothing here looks at a file or asks the network.
 */
#include <config.h>

#include "cli/options_parser.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/value.h"
#include "util/authority.h"
#include "util/escape.h"
#include "util/name_list.h"

#define MAX_REFUSED 1000000
#define SHOWN_MAX   160 /* bytes of a value in a message */

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

/* Looked at before ssh makes of a URI's password a part of the user, which would be shown. */
static bool
take_jump(struct parser *parser, const char *option, const char *value)
{
    for (const char *hop = value; *hop != '\0';) {
        size_t len = strcspn(hop, ",");
        if (authority_has_password(hop, len)) {
            failure_set(parser->failure, OUTCOME_USAGE,
                        "%s: a URI must not hold a password, for all can see the command line",
                        option);
            return false;
        }
        hop += len + (hop[len] == ',' ? 1 : 0);
    }
    const char *why = *value == '\0'                  ? "no host is named"
                      : strpbrk(value, " \t") != NULL ? "commas separate hosts, blanks do not"
                                                      : NULL;
    return take_text(parser, option, value, why, &parser->route.jump);
}

static bool
take_port(struct parser *parser, const char *option, const char *value)
{
    return authority_port(value, strlen(value), &parser->port) ||
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
    parser->route.host_key = modes[choice];
    return true;
}

static bool
take_known_hosts(struct parser *parser, const char *option, const char *value)
{
    struct route *route = &parser->route;

    if (*value == '\0')
        return bad_value(parser, option, value, "no file is named");
    parser->owned->known_hosts = value;
    route->known_hosts = &parser->owned->known_hosts;
    route->known_hosts_count = 1;
    route->known_hosts_written = value;
    route->known_hosts_named = true;
    return true;
}

/* Credentials and methods have options of their own, so that none is used that was not named.
 */
static bool
take_ssh_option(struct parser *parser, const char *option, const char *value)
{
    struct owned *owned = parser->owned;
    const char *why = sshconfig_option_error(value);
    const char **list;

    if (why != NULL)
        return bad_value(parser, option, value, why);
    list = reallocarray(owned->ssh_options, owned->ssh_option_count + 1, sizeof(*list));
    if (list == NULL)
        return failure_no_memory(parser->failure);
    owned->ssh_options = list;
    list[owned->ssh_option_count++] = value;
    return true;
}

static bool
take_format(struct parser *parser, const char *option, const char *value)
{
    if (take_choice(parser, option, value, OPTION_FORMAT) < 0)
        return false;
    parser->command->format = value;
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
        return failure_no_memory(parser->failure);
    settings->fingerprints = list;
    list[settings->fingerprint_count] = strndup(value, VALUE_FINGERPRINT_LEN);
    if (list[settings->fingerprint_count] == NULL)
        return failure_no_memory(parser->failure);
    settings->fingerprint_count++;
    return true;
}

static bool
take_identity(struct parser *parser, const char *option, const char *value)
{
    struct settings *settings = &parser->command->settings;
    struct identity *list;

    if (*value == '\0')
        return bad_value(parser, option, value, "no file is named");
    list = reallocarray(settings->identities, settings->identity_count + 1, sizeof(*list));
    if (list == NULL)
        return failure_no_memory(parser->failure);
    settings->identities = list;
    list[settings->identity_count++] = (struct identity){.file = value};
    return true;
}

/* A message never repeats the value: it may be the passphrase itself, typed by mistake. */
static bool
take_passphrase(struct parser *parser, const char *option, const char *value)
{
    struct settings *settings = &parser->command->settings;
    const char *why = NULL;
    char text[200];

    if (settings->identity_count == 0)
        why = "it belongs to the -i before it, and there is none";
    else if (settings->identities[settings->identity_count - 1].passphrase != NULL)
        why = "the -i before it has one already";
    else if (!source_known(value)) {
        snprintf(text, sizeof(text), "no source: one of %s is meant", source_list());
        why = text;
    }
    if (why == NULL) {
        struct source *source = malloc(sizeof(*source));
        if (source != NULL && source_init(source, value, &why)) {
            settings->identities[settings->identity_count - 1].passphrase = source;
            return true;
        }
        free(source);
        if (why == NULL)
            return failure_no_memory(parser->failure);
    }
    failure_set(parser->failure, OUTCOME_USAGE, "%s: %s", option, why);
    return false;
}

static bool
take_expect_offered(struct parser *parser, const char *option, const char *value)
{
    struct owned *owned = parser->owned;

    if (owned->expect_offered != NULL) {
        failure_set(parser->failure, OUTCOME_USAGE,
                    "%s: given twice, but the server's first list is only one", option);
        return false;
    }
    owned->expect_offered = list_names(option, value, parser->failure);
    parser->command->settings.expect_offered = owned->expect_offered;
    return owned->expect_offered != NULL;
}

static bool
take_forbid_offered(struct parser *parser, const char *option, const char *value)
{
    struct owned *owned = parser->owned;
    char *names = list_names(option, value, parser->failure);
    const char *rest = names, *name;
    bool added = names != NULL;
    size_t len;

    while (added && (name = name_list_next(&rest, &len)) != NULL) {
        if (!name_list_has(owned->forbid_offered, name, len))
            added = name_list_add(&owned->forbid_offered, name, len) ||
                    failure_no_memory(parser->failure);
    }
    free(names);
    parser->command->settings.forbid_offered = owned->forbid_offered;
    return added;
}

static bool
take_max_refused(struct parser *parser, const char *option, const char *value)
{
    unsigned count;

    if (!value_count(value, MAX_REFUSED, &count))
        return bad_value(parser, option, value, "a number from 1 to 1000000 is meant");
    parser->command->settings.max_refused = count;
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
    case OPTION_EXPECT_OFFERED:
        return take_expect_offered(parser, option, value);
    case OPTION_FORBID_OFFERED:
        return take_forbid_offered(parser, option, value);
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
    case OPTION_IDENTITY:
        return take_identity(parser, option, value);
    case OPTION_AGENT:
        settings->agent = true;
        return true;
    case OPTION_PASSPHRASE:
        return take_passphrase(parser, option, value);
    case OPTION_DELEGATE:
        settings->delegate = true;
        return true;
    case OPTION_GSSAPI_HOST:
        return take_text(parser, option, value, target_host_error(value),
                         &parser->route.gssapi_host);
    case OPTION_GSSAPI_CLIENT:
        return take_text(parser, option, value, *value == '\0' ? "no principal is named" : NULL,
                         &settings->gss.client);
    case OPTION_CCACHE:
        return take_text(parser, option, value, *value == '\0' ? "no cache is named" : NULL,
                         &settings->gss.ccache);
    case OPTION_KEYTAB:
        return take_text(parser, option, value, *value == '\0' ? "no file is named" : NULL,
                         &settings->gss.keytab);
    case OPTION_REQUIRE_DELEGATION:
        settings->require_delegation = true;
        return true;
    case OPTION_HOST_KEY:
        return take_host_key(parser, option, value);
    case OPTION_FINGERPRINT:
        return take_fingerprint(parser, option, value);
    case OPTION_KNOWN_HOSTS:
        return take_known_hosts(parser, option, value);
    case OPTION_LOGIN:
        return take_text(parser, option, value, target_user_error(value), &parser->login);
    case OPTION_PORT:
        return take_port(parser, option, value);
    case OPTION_IPV4:
        parser->route.family = AF_INET;
        return true;
    case OPTION_IPV6:
        parser->route.family = AF_INET6;
        return true;
    case OPTION_BIND:
        return take_text(parser, option, value, *value == '\0' ? "no address is named" : NULL,
                         &parser->route.bind);
    case OPTION_CONFIG:
        return take_text(parser, option, value, *value == '\0' ? "no file is named" : NULL,
                         &parser->route.config);
    case OPTION_SSH_OPTION:
        return take_ssh_option(parser, option, value);
    case OPTION_JUMP:
        return take_jump(parser, option, value);
    case OPTION_PROXY_COMMAND:
        return take_text(parser, option, value, *value == '\0' ? "no command is named" : NULL,
                         &parser->route.proxy_command);
    case OPTION_TIMEOUT:
        return take_seconds(parser, option, value, &settings->timeout);
    case OPTION_CONNECT_TIMEOUT:
        parser->route.connect_timeout_named = true;
        return take_seconds(parser, option, value, &parser->route.connect_timeout);
    case OPTION_VERBOSE:
        command->verbose++;
        return true;
    case OPTION_QUIET:
        command->quiet = true;
        return true;
    case OPTION_FORMAT:
        return take_format(parser, option, value);
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

/* One option, then the next, unless this one asks for help or version. */
enum scan_result
options_take(void *context, enum option_id id, const char *option, char *value)
{
    struct parser *parser = context;

    if (!take_option(parser, id, option, value))
        return SCAN_BAD;
    return parser->command->action == COMMAND_PROBE ? SCAN_GO_ON : SCAN_DONE;
}
