/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the lines of ssh -G to a struct: a table of the keywords that count here. Nothing is
 * run, and nothing but the existence of known hosts files (sshconfig_files.c) is looked at.
 */
#include <config.h>

#include "cli/sshconfig.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "cli/sshconfig_files.h"
#include "cli/target.h"
#include "cli/value.h"
#include "util/authority.h"
#include "util/deadline.h"
#include "util/escape.h"

#define SHOWN_MAX 160 /* bytes of a value in a message */

struct reading {
    struct sshconfig *config;
    struct failure *failure;
    bool pass_descriptor;            /* ProxyUseFdpass */
    char *user_files, *global_files; /* in the text that is read */
};

struct keyword {
    const char *name;
    bool (*take)(struct reading *reading, const struct keyword *keyword, char *value);
    size_t field;                            /* of take_text(): where in struct sshconfig */
    const char *(*error)(const char *value); /* NULL: it may be anything */
    bool none_is_nothing; /* to ssh as well; else "none" is a name like any other */
};

/* ---- values ---- */

/* Always false. */
static bool
wrong(struct reading *reading, const struct keyword *keyword, const char *value,
      const char *why)
{
    char shown[SHOWN_MAX];
    failure_set(reading->failure, OUTCOME_USAGE, "configuration: %s '%s': %s", keyword->name,
                escape_into(shown, sizeof(shown), value, strlen(value), ESCAPE_LINE), why);
    return false;
}

static bool
take_text(struct reading *reading, const struct keyword *keyword, char *value)
{
    char **field = (void *)((char *)reading->config + keyword->field);
    const char *error = keyword->error != NULL ? keyword->error(value) : NULL;
    if (keyword->none_is_nothing && value_is_none(value))
        return true;
    if (error != NULL)
        return wrong(reading, keyword, value, error);
    free(*field);
    *field = strdup(value);
    return *field != NULL || failure_no_memory(reading->failure);
}

static bool
take_port(struct reading *reading, const struct keyword *keyword, char *value)
{
    return authority_port(value, strlen(value), &reading->config->port) ||
           wrong(reading, keyword, value, "a port is a number from 1 to 65535");
}

static bool
take_family(struct reading *reading, const struct keyword *keyword, char *value)
{
    static const int families[] = {AF_UNSPEC, AF_INET, AF_INET6};
    int choice = value_choice("any|inet|inet6", value);
    if (choice < 0)
        return wrong(reading, keyword, value, "it is neither any nor inet nor inet6");
    reading->config->family = families[choice];
    return true;
}

/* ssh's 0 is no limit of its own; what is beyond ours is as good as none. */
static bool
take_timeout(struct reading *reading, const struct keyword *keyword, char *value)
{
    size_t digits = strspn(value, "0123456789");
    if (value_is_none(value))
        return true;
    if (digits == 0 || value[digits] != '\0')
        return wrong(reading, keyword, value, "it is no number of seconds");
    value += strspn(value, "0");
    if (*value != '\0' && !value_seconds(value, &reading->config->connect_timeout))
        reading->config->connect_timeout = VALUE_SECONDS_MAX * DEADLINE_SECOND;
    return true;
}

/* A configuration can tighten the check, and not drop it: "no" is as far as accept-new. */
static bool
take_host_key(struct reading *reading, const struct keyword *keyword, char *value)
{
    static const enum hostkey_mode modes[] = {
        HOSTKEY_STRICT,     HOSTKEY_STRICT,     HOSTKEY_DEFAULT,   HOSTKEY_ACCEPT_NEW,
        HOSTKEY_ACCEPT_NEW, HOSTKEY_ACCEPT_NEW, HOSTKEY_ACCEPT_NEW};
    int choice = value_choice("yes|true|ask|accept-new|no|false|off", value);
    if (choice < 0)
        return wrong(reading, keyword, value, "it is not known here");
    reading->config->host_key = modes[choice];
    return true;
}

static bool
take_flag(struct reading *reading, const struct keyword *keyword, const char *value, bool *flag)
{
    int choice = value_choice("no|false|yes|true", value);
    if (choice < 0)
        return wrong(reading, keyword, value, "it is neither yes nor no");
    *flag = choice >= 2;
    return true;
}

static bool
take_hash(struct reading *reading, const struct keyword *keyword, char *value)
{
    return take_flag(reading, keyword, value, &reading->config->hash_known_hosts);
}

static bool
take_pass_descriptor(struct reading *reading, const struct keyword *keyword, char *value)
{
    return take_flag(reading, keyword, value, &reading->pass_descriptor);
}

static bool
take_known_hosts_command(struct reading *reading, const struct keyword *keyword, char *value)
{
    (void)keyword;
    reading->config->known_hosts_command = !value_is_none(value);
    return true;
}

static bool
take_user_files(struct reading *reading, const struct keyword *keyword, char *value)
{
    (void)keyword;
    reading->user_files = value;
    return true;
}

static bool
take_global_files(struct reading *reading, const struct keyword *keyword, char *value)
{
    (void)keyword;
    reading->global_files = value;
    return true;
}

/* ---- lines ---- */

#define TEXT(name, field, error, none)                                                         \
    {                                                                                          \
        name, take_text, offsetof(struct sshconfig, field), error, none                        \
    }

static const struct keyword keywords[] = {
    TEXT("HostName", hostname, target_host_error, false),
    TEXT("User", user, target_user_error, false),
    TEXT("BindAddress", bind, target_host_error, false),
    TEXT("HostKeyAlias", host_key_alias, NULL, false),
    TEXT("GSSAPIServerIdentity", gssapi_host, target_host_error, false),
    TEXT("ProxyJump", jump, NULL, true),
    TEXT("ProxyCommand", proxy_command, NULL, true),
    TEXT("RevokedHostKeys", revoked_host_keys, NULL, true),
    {.name = "Port", .take = take_port},
    {.name = "AddressFamily", .take = take_family},
    {.name = "ConnectTimeout", .take = take_timeout},
    {.name = "StrictHostKeyChecking", .take = take_host_key},
    {.name = "HashKnownHosts", .take = take_hash},
    {.name = "KnownHostsCommand", .take = take_known_hosts_command},
    {.name = "ProxyUseFdpass", .take = take_pass_descriptor},
    {.name = "UserKnownHostsFile", .take = take_user_files},
    {.name = "GlobalKnownHostsFile", .take = take_global_files},
};

/* Without a value it says nothing. */
static bool
read_line(struct reading *reading, char *line)
{
    char *value = strchr(line, ' ');
    if (value == NULL || value[1] == '\0')
        return true;
    *value++ = '\0';
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
        if (strcasecmp(line, keywords[i].name) == 0)
            return keywords[i].take(reading, &keywords[i], value);
    return true;
}

static bool
read_lines(struct reading *reading, char *text)
{
    for (char *line; (line = strsep(&text, "\n")) != NULL;)
        if (!read_line(reading, line))
            return false;
    if (reading->pass_descriptor && reading->config->proxy_command != NULL) {
        failure_set(reading->failure, OUTCOME_USAGE,
                    "configuration: ProxyUseFdpass: a proxy command that passes a descriptor "
                    "is not supported here");
        return false;
    }
    if (reading->config->known_hosts_command && reading->config->host_key == HOSTKEY_ACCEPT_NEW)
        reading->config->host_key = HOSTKEY_DEFAULT;
    return sshconfig_files(reading->config, reading->user_files, reading->global_files,
                           reading->failure);
}

bool
sshconfig_parse(char *text, struct sshconfig *config, struct failure *failure)
{
    struct reading reading = {.config = config, .failure = failure};
    *config = (struct sshconfig){.family = AF_UNSPEC, .host_key = HOSTKEY_DEFAULT};
    if (read_lines(&reading, text))
        return true;
    sshconfig_free(config);
    return false;
}

void
sshconfig_free(struct sshconfig *config)
{
    for (size_t i = 0; i < config->known_hosts_count; i++)
        free(config->known_hosts[i]);
    free(config->known_hosts);
    free(config->known_hosts_written);
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
        if (keywords[i].take == take_text)
            free(*(char **)(void *)((char *)config + keywords[i].field));
    free(config->note);
    *config = (struct sshconfig){.family = AF_UNSPEC, .host_key = HOSTKEY_DEFAULT};
}
