/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Options that say how a target is reached, and which host key it may have.
 */
#include <config.h>

#include "cli/options_take.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/value.h"
#include "util/authority.h"

/* ---- the way ---- */

bool
take_port(struct parser *parser, const struct given *given)
{
    return authority_port(given->value, strlen(given->value), &parser->layer->options.port) ||
           take_refused(parser, given, "a port is a number from 1 to 65535");
}

bool
take_family(struct parser *parser, const struct given *given)
{
    parser->layer->options.route.family = given->id == OPTION_IPV4 ? AF_INET : AF_INET6;
    return true;
}

/* Looked at before ssh makes of a URI's password a part of the user, which would be shown. */
bool
take_jump(struct parser *parser, const struct given *given)
{
    for (const char *hop = given->value; *hop != '\0';) {
        size_t len = strcspn(hop, ",");
        if (authority_has_password(hop, len)) {
            failure_set(parser->failure, OUTCOME_USAGE,
                        "%s: a URI must not hold a password, for all can see the command line",
                        given->option);
            return false;
        }
        hop += len + (hop[len] == ',' ? 1 : 0);
    }
    if (*given->value == '\0')
        return take_refused(parser, given, "no host is named");
    if (strpbrk(given->value, " \t") != NULL)
        return take_refused(parser, given, "commas separate hosts, blanks do not");
    parser->layer->options.route.jump = given->value;
    return true;
}

/* Credentials and methods have options of their own, so that none is used that was not named.
 */
bool
take_ssh_option(struct parser *parser, const struct given *given)
{
    struct layer *layer = parser->layer;
    const char *why = sshconfig_option_error(given->value);
    const char **list;

    if (why != NULL)
        return take_refused(parser, given, why);
    list = reallocarray(layer->ssh_options, layer->ssh_option_count + 1, sizeof(*list));
    if (list == NULL)
        return failure_no_memory(parser->failure);
    list[layer->ssh_option_count++] = given->value;
    layer->ssh_options = list;
    layer->options.ssh_options = list;
    layer->options.ssh_option_count = layer->ssh_option_count;
    return true;
}

static bool
take_seconds(struct parser *parser, const struct given *given, int64_t *to)
{
    return value_seconds(given->value, to) ||
           take_refused(parser, given,
                        "a limit is a number of seconds above 0, such as 5 or 0.5, "
                        "and at most 1000000");
}

bool
take_timeout(struct parser *parser, const struct given *given)
{
    return take_seconds(parser, given, &parser->layer->options.settings.timeout);
}

bool
take_connect_timeout(struct parser *parser, const struct given *given)
{
    struct route *route = &parser->layer->options.route;

    route->connect_timeout_named = true;
    return take_seconds(parser, given, &route->connect_timeout);
}

/* ---- the host key ---- */

bool
take_host_key(struct parser *parser, const struct given *given)
{
    static const enum hostkey_mode modes[] = {HOSTKEY_STRICT, HOSTKEY_ASK, HOSTKEY_ACCEPT_NEW,
                                              HOSTKEY_OFF}; /* in the order of options.def */
    int choice = take_choice(parser, given);

    if (choice < 0)
        return false;
    parser->layer->options.route.host_key = modes[choice];
    return true;
}

bool
take_fingerprint(struct parser *parser, const struct given *given)
{
    struct layer *layer = parser->layer;
    const char *why = value_fingerprint(given->value);
    const char **list;

    if (why != NULL)
        return take_refused(parser, given, why);
    list = reallocarray(layer->fingerprints, layer->fingerprint_count + 1, sizeof(*list));
    if (list == NULL)
        return failure_no_memory(parser->failure);
    layer->fingerprints = list;
    layer->options.settings.fingerprints = list;
    list[layer->fingerprint_count] = strndup(given->value, VALUE_FINGERPRINT_LEN);
    if (list[layer->fingerprint_count] == NULL)
        return failure_no_memory(parser->failure);
    layer->options.settings.fingerprint_count = ++layer->fingerprint_count;
    return true;
}

bool
take_known_hosts(struct parser *parser, const struct given *given)
{
    struct route *route = &parser->layer->options.route;

    if (*given->value == '\0')
        return take_refused(parser, given, "no file is named");
    parser->layer->known_hosts = given->value;
    route->known_hosts = &parser->layer->known_hosts;
    route->known_hosts_count = 1;
    route->known_hosts_written = given->value;
    route->known_hosts_named = true;
    return true;
}
