/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who wins, option by option. Where ssh was asked it was told what the command line says, so
 * that Match saw it; that the command line wins is decided here all the same.
 */
#include <config.h>

#include "cli/route.h"

#include <sys/socket.h>

#include "cli/value.h"
#include "util/deadline.h"

/* The local user's name as the login, where nothing else names one. */
static bool
default_login(const struct options *options, const char **user, struct failure *failure)
{
    *user = options->local_user;
    if (*user != NULL)
        return true;
    failure_set(failure, OUTCOME_USAGE, "user: the local user has no usable name");
    failure_hint(failure, "name the user as USER@HOST, or by %s",
                 scan_spelling(OPTION_LOGIN).text);
    return false;
}

static bool
ask_ssh(const struct options *options, const struct target *named, struct sshconfig *config,
        struct failure *failure)
{
    const struct route *given = &options->route;
    const struct sshconfig_query query = {
        .host = named->host,
        .user = named->user != NULL ? named->user : options->login,
        .port = named->port != 0 ? named->port : options->port,
        .family = given->family,
        .bind = given->bind,
        .jump = given->jump,
        .proxy_command = given->proxy_command,
        .file = given->config,
        .options = options->ssh_options,
        .option_count = options->ssh_option_count,
        .limit = options->settings.timeout,
    };

    return sshconfig_read(&query, config, failure);
}

/* "none" is a word of the command line's as of the configuration's. */
static const char *
unless_none(const char *value)
{
    return value != NULL && value_is_none(value) ? NULL : value;
}

/* Where ssh answered it was told what was given, and says which of the two is left. */
static void
choose_proxy(struct route *route, const struct sshconfig *config)
{
    if (config->hostname != NULL) {
        route->jump = config->jump;
        route->proxy_command = config->proxy_command;
    }
    route->jump = unless_none(route->jump);
    route->proxy_command = unless_none(route->proxy_command);
}

static void
choose_host_key(struct route *route, const struct sshconfig *config)
{
    if (route->host_key == HOSTKEY_DEFAULT)
        route->host_key = config->host_key;
    if (!route->known_hosts_named) {
        route->known_hosts = (const char *const *)config->known_hosts;
        route->known_hosts_count = config->known_hosts_count;
        route->known_hosts_written = config->known_hosts_written;
    }
    route->host_key_alias = config->host_key_alias;
    route->hash_known_hosts = config->hash_known_hosts;
    route->revoked_host_keys = config->revoked_host_keys;
}

static void
choose_route(struct route *route, const struct target *named, const struct sshconfig *config)
{
    route->hostname = config->hostname != NULL ? config->hostname : named->host;
    if (route->family == AF_UNSPEC)
        route->family = config->family;
    if (route->bind == NULL)
        route->bind = config->bind;
    if (!route->connect_timeout_named)
        route->connect_timeout =
            config->connect_timeout != 0 ? config->connect_timeout : ROUTE_CONNECT_TIMEOUT;
    if (route->gssapi_host == NULL)
        route->gssapi_host =
            config->gssapi_host != NULL ? config->gssapi_host : route->hostname;
    choose_proxy(route, config);
    choose_host_key(route, config);
}

bool
route_make(const struct options *options, const struct target *named, struct sshconfig *config,
           struct request *request, struct failure *failure)
{
    const char *user = named->user != NULL ? named->user : options->login;
    uint16_t port = named->port != 0 ? named->port : options->port;

    *config = (struct sshconfig){.user = NULL};
    if (!ask_ssh(options, named, config, failure))
        return false;
    if (user == NULL)
        user = config->user;
    if (user == NULL && !default_login(options, &user, failure))
        return false;
    if (port == 0)
        port = config->port != 0 ? config->port : ROUTE_PORT;
    *request = (struct request){
        .settings = &options->settings,
        .user = user,
        .host = named->host,
        .port = port,
        .route = options->route,
        .note = config->note,
    };
    choose_route(&request->route, named, config);
    return true;
}
