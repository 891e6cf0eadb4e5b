/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The forms that ssh's -J takes, and a bare IPv6 address, which a token may have brought.
 */
#include <config.h>

#include "probe/proxy_hop.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/authority.h"
#include "util/escape.h"

#define SHELL_CHARACTERS "!\"#$&'()*;<>?[\\]^`{|}~"

/* ---- names ---- */

static bool
is_blank_or_control(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f;
}

static bool
is_safe(const char *name, const char *refused)
{
    if (name[0] == '-') {
        return false;
    }
    for (const char *c = name; *c != '\0'; c++) {
        if (is_blank_or_control(*c) || strchr(refused, *c) != NULL) {
            return false;
        }
    }
    return true;
}

bool
proxy_name_is_plain(const char *name)
{
    return is_safe(name, SHELL_CHARACTERS);
}

/* ---- hops ---- */

/* What holds for any user and host. */
static bool
is_name(const char *name)
{
    return name[0] != '\0' && is_safe(name, "");
}

const char *
proxy_hop_split(char *text, struct proxy_hop *hop)
{
    static const char scheme[] = "ssh://";
    *hop = (struct proxy_hop){.user = NULL};
    if (strncasecmp(text, scheme, sizeof scheme - 1) == 0) {
        text += sizeof scheme - 1;
        size_t len = strlen(text);
        if (len > 0 && text[len - 1] == '/') {
            text[len - 1] = '\0';
        }
    }
    char *user, *host, *port_text;
    uint16_t port;
    const char *wrong =
        authority_split_host(authority_split_user(text, &user), &host, &port_text);
    if (wrong != NULL) {
        return wrong;
    }
    hop->user = user;
    hop->host = host;
    if (port_text != NULL && *port_text != '\0') { /* "host:" is the usual one, to ssh */
        hop->port = port_text;
    }
    if (hop->user != NULL && !is_name(hop->user)) {
        return "a user is not empty, has no blanks, and does not begin with '-'";
    }
    if (!is_name(hop->host) || strchr(hop->host, '/') != NULL) {
        return "a host is not empty, has no blanks or '/', and does not begin with '-'";
    }
    if (hop->port != NULL && !authority_port(hop->port, strlen(hop->port), &port)) {
        return "a port is a number from 1 to 65535";
    }
    return NULL;
}

/* A copy, since splitting changes it. */
static enum outcome
check_hop(const char *text, bool last, struct failure *failure)
{
    char shown[160];
    struct proxy_hop hop;
    if (authority_has_password(text, strlen(text))) {
        return failure_set(failure, OUTCOME_USAGE,
                           "jump host: a URI must not hold a password, for all can see the "
                           "command line");
    }
    char *copy = strdup(text);
    if (copy == NULL) {
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    }
    const char *wrong = proxy_hop_split(copy, &hop);
    if (wrong == NULL && !last &&
        !(proxy_name_is_plain(hop.host) &&
          (hop.user == NULL || proxy_name_is_plain(hop.user)))) {
        wrong = "a shell, which ssh uses for all but the last one, would take it for more";
    }
    free(copy);
    if (wrong == NULL) {
        return OUTCOME_SUCCESS;
    }
    escape_into(shown, sizeof shown, text, strlen(text), ESCAPE_LINE);
    return failure_set(failure, OUTCOME_USAGE, "jump host '%s': %s", shown, wrong);
}

enum outcome
proxy_hops_check(char *hops, struct failure *failure)
{
    for (char *hop = hops;;) {
        char *comma = strchr(hop, ',');
        if (comma != NULL) {
            *comma = '\0';
        }
        enum outcome outcome = check_hop(hop, comma == NULL, failure);
        if (comma == NULL || outcome != OUTCOME_SUCCESS) {
            return outcome;
        }
        *comma = ',';
        hop = comma + 1;
    }
}
