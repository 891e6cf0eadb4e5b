/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A host and a user may come from a list of targets that others wrote, and in a proxy command
 * they are read by a shell: what a name does not need is refused there (as OpenSSH does since
 * CVE-2023-51385).
 */
#include <config.h>

#include "probe/proxy_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/proxy_hop.h"
#include "util/deadline.h"
#include "util/escape.h"
#include "util/memory_file.h"

/* A limit that ssh can count, in seconds: more than eleven days are as good as none. */
#define CONNECT_TIMEOUT_MAX 1000000

/* ---- tokens ---- */

/* NULL where there is no such token. */
static const char *
token_value(char token, const struct request *request, const char *port)
{
    switch (token) {
    case '%':
        return "%";
    case 'h':
        return request->route.hostname;
    case 'n':
        return request->host;
    case 'p':
        return port;
    case 'r':
        return request->user;
    default:
        return NULL;
    }
}

static enum outcome
refuse_token(const char *what, const char *token, struct failure *failure)
{
    char shown[16];
    failure_hint(failure, "known are %%h, %%n, %%p and %%r; %%%% is a percent sign");
    if (token[0] == '\0') {
        return failure_set(failure, OUTCOME_USAGE, "%s: a %% stands at its end", what);
    }
    escape_into(shown, sizeof shown, token, 1, ESCAPE_LINE);
    return failure_set(failure, OUTCOME_USAGE, "%s: there is no token %%%s", what, shown);
}

static enum outcome
refuse_value(const char *what, char token, const char *value, struct failure *failure)
{
    char shown[160];
    escape_into(shown, sizeof shown, value, strlen(value), ESCAPE_LINE);
    return failure_set(failure, OUTCOME_USAGE,
                       "%s: '%s' cannot stand for %%%c, a shell would take it for more than a "
                       "name",
                       what, shown, token);
}

static enum outcome
expand_into(FILE *out, const char *what, const char *text, const struct request *request,
            struct failure *failure)
{
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)request->port);
    for (; *text != '\0'; text++) {
        if (*text != '%') {
            putc(*text, out);
            continue;
        }
        text++;
        const char *value = token_value(*text, request, port);
        if (value == NULL) {
            return refuse_token(what, text, failure);
        }
        if (!proxy_name_is_plain(value)) {
            return refuse_value(what, *text, value, failure);
        }
        fputs(value, out);
    }
    return OUTCOME_SUCCESS;
}

/* `prefix` and the expanded text, to be freed. */
static enum outcome
expand(char **expanded, const char *what, const char *prefix, const char *text,
       const struct request *request, struct failure *failure)
{
    struct memory_file memory;
    *expanded = NULL;
    if (!memory_file_open(&memory)) {
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    }
    fputs(prefix, memory.file);
    enum outcome outcome = expand_into(memory.file, what, text, request, failure);
    *expanded = memory_file_close(&memory, NULL);
    if (*expanded == NULL) {
        outcome = failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    }
    if (outcome != OUTCOME_SUCCESS) {
        free(*expanded);
        *expanded = NULL;
    }
    return outcome;
}

/* ---- arguments ---- */

/* Takes what is to be freed; NULL, memory was short, is found by finish(). */
static void
take(struct proxy_command *command, char *argument)
{
    command->argv[command->count++] = argument;
}

static void
add(struct proxy_command *command, const char *argument)
{
    take(command, strdup(argument));
}

static void
add_two(struct proxy_command *command, const char *option, const char *value)
{
    add(command, option);
    add(command, value);
}

static enum outcome
finish(struct proxy_command *command, struct failure *failure)
{
    for (size_t i = 0; i < command->count; i++) {
        if (command->argv[i] == NULL) {
            proxy_command_free(command);
            return failure_set(failure, OUTCOME_INTERNAL, "out of memory");
        }
    }
    return OUTCOME_SUCCESS;
}

void
proxy_command_free(struct proxy_command *command)
{
    for (size_t i = 0; i < command->count; i++) {
        free(command->argv[i]);
    }
    *command = (struct proxy_command){.count = 0};
}

enum outcome
proxy_command_shell(struct proxy_command *command, const struct request *request,
                    const char *shell, struct failure *failure)
{
    char *line;
    *command = (struct proxy_command){.count = 0};
    /* exec: the proxy itself gets the signals, and its status is the one that is seen */
    enum outcome outcome =
        expand(&line, "proxy command", "exec ", request->route.proxy_command, request, failure);
    if (outcome != OUTCOME_SUCCESS) {
        return outcome;
    }
    add_two(command, shell, "-c");
    take(command, line);
    return finish(command, failure);
}

/* ---- the command of a jump ---- */

static void
add_connect_timeout(struct proxy_command *command, int64_t nanoseconds)
{
    char text[64];
    int64_t seconds =
        nanoseconds / DEADLINE_SECOND + (nanoseconds % DEADLINE_SECOND != 0 ? 1 : 0);
    seconds = seconds < 1 ? 1 : seconds > CONNECT_TIMEOUT_MAX ? CONNECT_TIMEOUT_MAX : seconds;
    snprintf(text, sizeof text, "ConnectTimeout=%d", (int)seconds);
    add_two(command, "-o", text);
}

static void
add_target(struct proxy_command *command, const struct request *request)
{
    char *target;
    add(command, "-W");
    if (asprintf(&target, "[%s]:%u", request->route.hostname, (unsigned)request->port) < 0) {
        target = NULL;
    }
    take(command, target);
}

/* `hops` were checked; they are changed. Only -F is handed on, as ssh does itself. */
static void
fill(struct proxy_command *command, const struct request *request, const char *ssh,
     bool may_ask, char *hops)
{
    struct proxy_hop hop;
    char *comma = strrchr(hops, ',');
    add(command, ssh);
    if (request->route.config != NULL) {
        add_two(command, "-F", request->route.config);
    }
    if (comma != NULL) {
        *comma = '\0';
        add_two(command, "-J", hops);
    }
    proxy_hop_split(comma != NULL ? comma + 1 : hops, &hop);
    if (!may_ask) {
        add_two(command, "-o", "BatchMode=yes");
    }
    add_connect_timeout(command, request->route.connect_timeout);
    if (hop.user != NULL) {
        add_two(command, "-l", hop.user);
    }
    if (hop.port != NULL) {
        add_two(command, "-p", hop.port);
    }
    add_target(command, request);
    add_two(command, "--", hop.host);
}

enum outcome
proxy_command_jump(struct proxy_command *command, const struct request *request,
                   const char *ssh, bool may_ask, struct failure *failure)
{
    char *hops;
    *command = (struct proxy_command){.count = 0};
    enum outcome outcome =
        expand(&hops, "jump host", "", request->route.jump, request, failure);
    if (outcome == OUTCOME_SUCCESS) {
        outcome = proxy_hops_check(hops, failure);
    }
    if (outcome == OUTCOME_SUCCESS) {
        fill(command, request, ssh, may_ask, hops);
        outcome = finish(command, failure);
    }
    free(hops);
    return outcome;
}
