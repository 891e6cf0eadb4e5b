/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Targets from text, and the rules for users and hosts. What options say about them (defaults,
 * -l, -p) and name resolution stay out.
 */
#include <config.h>

#include "cli/target.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/authority.h"
#include "util/escape.h"

#define SHOWN_MAX 160 /* bytes of a target in a message */

static bool
is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

const char *
target_user_error(const char *user)
{
    if (*user == '\0')
        return "the user is empty";
    if (*user == '-')
        return "a user cannot begin with '-'";
    if (strlen(user) > TARGET_USER_MAX)
        return "the user is longer than 1024 bytes";
    for (; *user != '\0'; user++) {
        if (is_control(*user))
            return "there is a control character in the user";
    }
    return NULL;
}

/* An IPv6 address, perhaps with a scope: fe80::1%eth0. */
static bool
is_ipv6(const char *host)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr ignored;
    size_t len = strcspn(host, "%");

    if (len >= sizeof(address) || (host[len] == '%' && host[len + 1] == '\0'))
        return false;
    memcpy(address, host, len);
    address[len] = '\0';
    return inet_pton(AF_INET6, address, &ignored) == 1;
}

const char *
target_host_error(const char *host)
{
    if (*host == '\0')
        return "the host is empty";
    if (*host == '-')
        return "a host cannot begin with '-'";
    if (strlen(host) > TARGET_HOST_MAX)
        return "the host is longer than 1024 bytes";
    for (const char *c = host; *c != '\0'; c++) {
        if (is_control(*c))
            return "there is a control character in the host";
        if (*c == ' ')
            return "there is a blank in the host";
    }
    /* Some of these would mean something in a line of known_hosts, in a principal, or to a
     * proxy command's shell. */
    if (strpbrk(host, "!\"#$&'()*,/;<>?@[\\]^`{|}") != NULL)
        return "there is a character in the host that no host name has";
    if (strchr(host, ':') != NULL && !is_ipv6(host))
        return "a host with colons has to be an IPv6 address";
    return NULL;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 section 2.1, in place. False for a '%' without two digits, and for %00. */
static bool
percent_decode(char *text)
{
    char *out = text;

    for (; *text != '\0'; text++) {
        if (*text == '%') {
            int high = hex_digit(text[1]);
            int low = high < 0 ? -1 : hex_digit(text[2]);
            if (low < 0 || (high == 0 && low == 0))
                return false;
            *out++ = (char)(high * 16 + low);
            text += 2;
        } else {
            *out++ = *text;
        }
    }
    *out = '\0';
    return true;
}

/* As ssh does: a '+' is a blank as well. */
static bool
decode_user(char *user)
{
    for (char *c = user; (c = strchr(c, '+')) != NULL;)
        *c = ' ';
    return percent_decode(user);
}

/*
 * Takes what follows the scheme of a URI apart, in place. The rules are ssh's, where it has
 * any: '/',
 * '?' and '#' are ordinary in the user, a port may be empty, and a '.' at the end of a host is
 * dropped.
 */
static const char *
split_uri(char *text, char **user, char **host, char **port)
{
    const char *error;
    char *authority = authority_split_user(text, user);
    size_t len = strcspn(authority, "/?#");

    /* ssh passes over them; but who asks for ;fingerprint=... must not go without the check */
    if (*user != NULL && strchr(*user, ';') != NULL)
        return "connection parameters (;...) in a URI are not known here";
    if (authority[len] != '\0' && strcmp(authority + len, "/") != 0)
        return "behind the host and port of a URI nothing can follow";
    authority[len] = '\0';
    if ((error = authority_split_host(authority, host, port)) != NULL)
        return error;
    /* ::1:22 could be either; RFC 3986 knows no address without brackets */
    if (*authority != '[' && strchr(*host, ':') != NULL)
        return "in a URI an IPv6 address stands in brackets";
    if (!percent_decode(*host) || (*user != NULL && !decode_user(*user)))
        return "in a URI, % is followed by two hexadecimal digits that are not 00";

    len = strlen(*host);
    if (len > 0 && (*host)[len - 1] == '.')
        (*host)[len - 1] = '\0';
    if (*port != NULL && **port == '\0')
        *port = NULL;
    return NULL;
}

/* Takes the copy apart. NULL, or what is wrong; the parts point into the copy. */
static const char *
split(char *copy, char **user, char **host, uint16_t *port)
{
    static const char scheme[] = "ssh://";
    const char *error;
    char *port_text;

    *port = 0;
    if (strncasecmp(copy, scheme, sizeof(scheme) - 1) == 0)
        error = split_uri(copy + sizeof(scheme) - 1, user, host, &port_text);
    else if (strstr(copy, "://") != NULL)
        error = "the only URI known here is ssh://[USER@]HOST[:PORT]";
    else
        error = authority_split_host(authority_split_user(copy, user), host, &port_text);
    if (error != NULL)
        return error;

    if (*user != NULL && (error = target_user_error(*user)) != NULL)
        return error;
    if ((error = target_host_error(*host)) != NULL)
        return error;
    if (port_text != NULL && !authority_port(port_text, strlen(port_text), port))
        return "a port is a number from 1 to 65535";
    return NULL;
}

static bool
fill(struct target *target, const char *user, const char *host, uint16_t port)
{
    *target = (struct target){.host = strdup(host), .port = port};
    if (user != NULL)
        target->user = strdup(user);
    if (target->host != NULL && (user == NULL || target->user != NULL))
        return true;
    target_free(target);
    return false;
}

bool
target_parse(struct target *target, const char *text, struct failure *failure)
{
    char shown[SHOWN_MAX];
    char *user, *host;
    uint16_t port;

    if (authority_has_password(text, strlen(text))) {
        failure_set(failure, OUTCOME_USAGE,
                    "target: a URI must not hold a password, for all can see the command line");
        return false;
    }
    char *copy = strdup(text);
    if (copy == NULL)
        return failure_no_memory(failure);
    const char *error = split(copy, &user, &host, &port);
    bool done = error == NULL && fill(target, user, host, port);
    free(copy);
    if (done)
        return true;
    if (error == NULL)
        return failure_no_memory(failure);
    failure_set(failure, OUTCOME_USAGE, "target '%s': %s",
                escape_into(shown, sizeof(shown), text, strlen(text), ESCAPE_LINE), error);
    return false;
}

void
target_free(struct target *target)
{
    free(target->user);
    free(target->host);
    *target = (struct target){.user = NULL};
}

char *
target_label(const char *user, const char *host)
{
    bool brackets = strchr(host, ':') != NULL;
    char *plain;
    char *label;

    int len =
        asprintf(&plain, "%s@%s%s%s", user, brackets ? "[" : "", host, brackets ? "]" : "");
    if (len < 0)
        return NULL;
    label = escape_dup(plain, (size_t)len, ESCAPE_LINE);
    free(plain);
    return label;
}
