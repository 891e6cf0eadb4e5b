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

/* ---- the table ---- */

static option_taker take_flag, take_text;

static const struct row {
    option_taker *take;
    size_t field;                            /* of a flag or a text: in struct options */
    const char *(*error)(const char *value); /* what is wrong with the text, or NULL; */
    const char *nothing; /* where there is none: what is wrong with an empty one */
    bool of_run;         /* and not of one target: no line of a list has it */
} rows[OPTION_COUNT] = {
#define FLAG(member)                                                                           \
    {                                                                                          \
        .take = take_flag, .field = offsetof(struct options, member)                           \
    }
#define TEXT(member, wrong)                                                                    \
    {                                                                                          \
        .take = take_text, .field = offsetof(struct options, member), .error = (wrong)         \
    }
#define NAME(member, empty)                                                                    \
    {                                                                                          \
        .take = take_text, .field = offsetof(struct options, member), .nothing = (empty)       \
    }
#define TAKE(function)                                                                         \
    {                                                                                          \
        .take = (function)                                                                     \
    }
#define RUN(function)                                                                          \
    {                                                                                          \
        .take = (function), .of_run = true                                                     \
    }
    [OPTION_METHODS] = TAKE(take_methods),
    [OPTION_EXPECT] = TAKE(take_expect),
    [OPTION_EXPECT_OFFERED] = TAKE(take_expect_offered),
    [OPTION_FORBID_OFFERED] = TAKE(take_forbid_offered),
    [OPTION_NO_TRIVIAL_AUTH] = FLAG(settings.no_trivial_auth),
    [OPTION_RESPOND] = TAKE(take_respond),
    [OPTION_RESPOND_FILE] = TAKE(take_respond_file),
    [OPTION_MAX_REFUSED] = TAKE(take_max_refused),
    [OPTION_BATCH] = FLAG(settings.batch),
    [OPTION_IDENTITY] = TAKE(take_identity),
    [OPTION_AGENT] = FLAG(settings.agent),
    [OPTION_PASSPHRASE] = TAKE(take_passphrase),
    [OPTION_DELEGATE] = FLAG(settings.delegate),
    [OPTION_GSSAPI_HOST] = TEXT(route.gssapi_host, target_host_error),
    [OPTION_GSSAPI_CLIENT] = NAME(settings.gss.client, "no principal is named"),
    [OPTION_CCACHE] = NAME(settings.gss.ccache, "no cache is named"),
    [OPTION_KEYTAB] = NAME(settings.gss.keytab, "no file is named"),
    [OPTION_REQUIRE_DELEGATION] = FLAG(settings.require_delegation),
    [OPTION_HOST_KEY] = TAKE(take_host_key),
    [OPTION_FINGERPRINT] = TAKE(take_fingerprint),
    [OPTION_KNOWN_HOSTS] = TAKE(take_known_hosts),
    [OPTION_LOGIN] = TEXT(login, target_user_error),
    [OPTION_PORT] = TAKE(take_port),
    [OPTION_IPV4] = TAKE(take_family),
    [OPTION_IPV6] = TAKE(take_family),
    [OPTION_BIND] = NAME(route.bind, "no address is named"),
    [OPTION_CONFIG] = NAME(route.config, "no file is named"),
    [OPTION_SSH_OPTION] = TAKE(take_ssh_option),
    [OPTION_JUMP] = {.take = take_jump, .field = offsetof(struct options, route.jump)},
    [OPTION_PROXY_COMMAND] = NAME(route.proxy_command, "no command is named"),
    [OPTION_TIMEOUT] = TAKE(take_timeout),
    [OPTION_CONNECT_TIMEOUT] = TAKE(take_connect_timeout),
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
#undef TAKE
#undef FLAG
#undef NAME
#undef TEXT
};

/* ---- one option ---- */

static void *
field_of(struct layer *layer, enum option_id id)
{
    return (char *)&layer->options + rows[id].field;
}

static bool
take_flag(struct parser *parser, const struct given *given)
{
    *(bool *)field_of(parser->layer, given->id) = true;
    return true;
}

static bool
take_text(struct parser *parser, const struct given *given)
{
    const struct row *row = &rows[given->id];
    const char *why = row->error != NULL      ? row->error(given->value)
                      : *given->value == '\0' ? row->nothing
                                              : NULL;

    if (why != NULL)
        return take_refused(parser, given, why);
    *(const char **)field_of(parser->layer, given->id) = given->value;
    return true;
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

    if (row->take == NULL) {
        failure_set(parser->failure, OUTCOME_INTERNAL, "%s: it has no row in the table",
                    given->option);
        return false;
    }
    if (row->of_run && parser->command == NULL) {
        failure_set(parser->failure, OUTCOME_USAGE, "%s: of the whole run, not of one target",
                    given->option);
        return false;
    }
    return row->take(parser, given);
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
