/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One option: the table of what each does. What a value may look like is value.c's, list.c's
 * and target.c's. Nothing here looks at a file or asks the network.
 */
#include <config.h>

#include "cli/options_take.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/value.h"
#include "util/escape.h"

#define SHOWN_MAX 160 /* bytes of a value in a message */

/* ---- for all ---- */

bool
take_refused(struct parser *parser, const struct given *given, const char *why)
{
    char shown[SHOWN_MAX];

    escape_into(shown, sizeof(shown), given->value, strlen(given->value), ESCAPE_LINE);
    failure_set(parser->failure, OUTCOME_USAGE, "%s '%s': %s", given->option, shown, why);
    return false;
}

int
take_choice(struct parser *parser, const struct given *given)
{
    const char *words = scan_argument(given->id);
    int choice = value_choice(words, given->value);
    char why[80];

    if (choice < 0) {
        snprintf(why, sizeof(why), "not one of %s", words);
        take_refused(parser, given, why);
    }
    return choice;
}

/* ---- what a text may not be ---- */

static const char *
no_address(const char *value)
{
    return *value == '\0' ? "no address is named" : NULL;
}

static const char *
no_cache(const char *value)
{
    return *value == '\0' ? "no cache is named" : NULL;
}

static const char *
no_command(const char *value)
{
    return *value == '\0' ? "no command is named" : NULL;
}

static const char *
no_file(const char *value)
{
    return *value == '\0' ? "no file is named" : NULL;
}

static const char *
no_principal(const char *value)
{
    return *value == '\0' ? "no principal is named" : NULL;
}

/* ---- the table ---- */

/* Either a function of its own, or a field of struct options that is set to the value, unless
 * `error` says what is wrong with it, or to true, where there is none. */
static const struct row {
    option_taker *take;
    size_t field;
    const char *(*error)(const char *value);
    bool of_run; /* and not of one target: no line of a list has it */
} rows[OPTION_COUNT] = {
#define FLAG(member)                                                                           \
    {                                                                                          \
        .field = offsetof(struct options, member)                                              \
    }
#define TEXT(member, wrong)                                                                    \
    {                                                                                          \
        .field = offsetof(struct options, member), .error = (wrong)                            \
    }
#define RUN(function)                                                                          \
    {                                                                                          \
        .take = (function), .of_run = true                                                     \
    }
    [OPTION_METHODS] = {take_methods},
    [OPTION_EXPECT] = {take_expect},
    [OPTION_EXPECT_OFFERED] = {take_expect_offered},
    [OPTION_FORBID_OFFERED] = {take_forbid_offered},
    [OPTION_NO_TRIVIAL_AUTH] = FLAG(settings.no_trivial_auth),
    [OPTION_RESPOND] = {take_respond},
    [OPTION_RESPOND_FILE] = {take_respond_file},
    [OPTION_MAX_REFUSED] = {take_max_refused},
    [OPTION_BATCH] = FLAG(settings.batch),
    [OPTION_IDENTITY] = {take_identity},
    [OPTION_AGENT] = FLAG(settings.agent),
    [OPTION_PASSPHRASE] = {take_passphrase},
    [OPTION_DELEGATE] = FLAG(settings.delegate),
    [OPTION_GSSAPI_HOST] = TEXT(route.gssapi_host, target_host_error),
    [OPTION_GSSAPI_CLIENT] = TEXT(settings.gss.client, no_principal),
    [OPTION_CCACHE] = TEXT(settings.gss.ccache, no_cache),
    [OPTION_KEYTAB] = TEXT(settings.gss.keytab, no_file),
    [OPTION_REQUIRE_DELEGATION] = FLAG(settings.require_delegation),
    [OPTION_HOST_KEY] = {take_host_key},
    [OPTION_FINGERPRINT] = {take_fingerprint},
    [OPTION_KNOWN_HOSTS] = {take_known_hosts},
    [OPTION_LOGIN] = TEXT(login, target_user_error),
    [OPTION_PORT] = {take_port},
    [OPTION_IPV4] = {take_family},
    [OPTION_IPV6] = {take_family},
    [OPTION_BIND] = TEXT(route.bind, no_address),
    [OPTION_CONFIG] = TEXT(route.config, no_file),
    [OPTION_SSH_OPTION] = {take_ssh_option},
    [OPTION_JUMP] = {take_jump, offsetof(struct options, route.jump)},
    [OPTION_PROXY_COMMAND] = TEXT(route.proxy_command, no_command),
    [OPTION_TIMEOUT] = {take_timeout},
    [OPTION_CONNECT_TIMEOUT] = {take_connect_timeout},
    [OPTION_FILE] = RUN(take_file),
    [OPTION_JOBS] = RUN(take_jobs),
    [OPTION_PER_ADDRESS] = RUN(take_per_address),
    [OPTION_VERBOSE] = RUN(take_verbose),
    [OPTION_QUIET] = RUN(take_quiet),
    [OPTION_FORMAT] = RUN(take_format),
    [OPTION_COLOR] = RUN(take_color),
    [OPTION_HELP] = RUN(take_help),
    [OPTION_VERSION] = RUN(take_version),
#undef RUN
#undef FLAG
#undef TEXT
};

/* ---- one option ---- */

static void *
field_of(struct layer *layer, enum option_id id)
{
    return (char *)&layer->options + rows[id].field;
}

/* Texts that are different ways to say one thing: the first of them on a layer replaces
 * whichever holds below it. */
static void
replace_group(struct layer *layer, enum option_id id)
{
    static const enum option_id groups[][3] = {
        {OPTION_BIND, OPTION_JUMP, OPTION_PROXY_COMMAND},
        {OPTION_KEYTAB, OPTION_CCACHE, OPTION_CCACHE},
    };

    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        const enum option_id *group = groups[i];
        if ((id != group[0] && id != group[1] && id != group[2]) || layer->own[group[0]] ||
            layer->own[group[1]] || layer->own[group[2]])
            continue;
        for (size_t k = 0; k < 3; k++) {
            *(const char **)field_of(layer, group[k]) = NULL;
            layer->options.seen[group[k]] = false;
        }
    }
}

static bool
take(struct parser *parser, const struct given *given)
{
    const struct row *row = &rows[given->id];
    void *field = field_of(parser->layer, given->id);

    if (row->of_run && parser->command == NULL) {
        failure_set(parser->failure, OUTCOME_USAGE, "%s: of the whole run, not of one target",
                    given->option);
        return false;
    }
    if (row->take != NULL)
        return row->take(parser, given);
    if (row->error == NULL) {
        *(bool *)field = true;
        return true;
    }
    const char *why = row->error(given->value);
    if (why != NULL)
        return take_refused(parser, given, why);
    *(const char **)field = given->value;
    return true;
}

/* One option, then the next, unless this one asks for help or version. */
enum scan_result
options_take(void *context, enum option_id id, const char *option, char *value)
{
    struct parser *parser = context;
    struct layer *layer = parser->layer;
    const struct given given = {id, option, value};

    replace_group(layer, id);
    layer->own[id] = true;
    layer->options.seen[id] = true;
    if (!take(parser, &given))
        return SCAN_BAD;
    return parser->command == NULL || parser->command->action == COMMAND_PROBE ? SCAN_GO_ON
                                                                               : SCAN_DONE;
}
