/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each address and what became of it, in one line; a name may have hundreds of them, so that
 * most of a long list is only counted.
 */
#include <config.h>

#include "probe/connect_text.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum {
    SHOWN_MAX = 8, /* addresses in a message */
    REST_SIZE = 80 /* room for "; and N more, N of them without an answer" */
};

bool
connect_is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

const char *
connect_numeric(const struct addrinfo *address, char *out, size_t size)
{
    if (getnameinfo(address->ai_addr, address->ai_addrlen, out, (socklen_t)size, NULL, 0,
                    NI_NUMERICHOST))
        snprintf(out, size, "?");
    return out;
}

static const struct sockaddr_in6 *
as_ipv6(const struct addrinfo *address)
{
    return address->ai_family == AF_INET6
               ? (const struct sockaddr_in6 *)(const void *)address->ai_addr
               : NULL;
}

const char *
connect_name(const struct addrinfo *address, char out[CONNECT_NAME_SIZE])
{
    char host[CONNECT_NUMERIC_SIZE];
    const struct sockaddr_in6 *ipv6 = as_ipv6(address);
    in_port_t port =
        ipv6 ? ipv6->sin6_port
             : ((const struct sockaddr_in *)(const void *)address->ai_addr)->sin_port;

    snprintf(out, CONNECT_NAME_SIZE, "%s port %u", connect_numeric(address, host, sizeof host),
             (unsigned)ntohs(port));
    return out;
}

/* One address; returns the length. */
static size_t
describe(const struct connect_attempt *attempt, bool started, char *out, size_t size)
{
    const char *why = attempt->error ? strerror(attempt->error) : "";
    char name[CONNECT_NAME_SIZE], local[CONNECT_NUMERIC_SIZE];

    connect_name(attempt->address, name);
    if (!started)
        snprintf(out, size, "%s: not tried%s%s", name, *why ? ": " : "", why);
    else if (!attempt->error)
        snprintf(out, size, "%s: no answer", name);
    else if (attempt->local)
        snprintf(out, size, "%s: cannot connect from %s: %s", name,
                 connect_numeric(attempt->local, local, sizeof local), why);
    else
        snprintf(out, size, "%s: %s", name, why);
    return strlen(out);
}

/* What to do about an address that cannot be right. */
static void
hint(const struct connect_attempt *attempts, size_t count, struct failure *failure)
{
    for (size_t i = 0; i < count; i++) {
        const struct sockaddr_in6 *ipv6 = as_ipv6(attempts[i].address);
        if (attempts[i].error == EINVAL && ipv6 && !ipv6->sin6_scope_id &&
            IN6_IS_ADDR_LINKLOCAL(&ipv6->sin6_addr)) {
            failure_hint(failure,
                         "a link-local address needs its interface: fe80::1%%eth0, and "
                         "fe80::1%%25eth0 in a URI");
            return;
        }
    }
}

enum outcome
connect_explain(const struct connect_attempt *attempts, size_t count, size_t started,
                struct failure *failure)
{
    char text[sizeof failure->message] = "", one[256];
    size_t used = 0, shown = 0, silent = 0, shortages = 0, silent_shown = 0;

    for (size_t i = 0; i < count; i++) {
        bool answered = i < started && attempts[i].error;
        size_t len = describe(&attempts[i], i < started, one, sizeof one);
        silent += !answered;
        shortages += answered && connect_is_shortage(attempts[i].error);
        if (shown == i && i < SHOWN_MAX && used + len + REST_SIZE < sizeof text) {
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? "; " : "", one);
            shown++;
            silent_shown += !answered;
        }
    }
    if (shown < count)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "; and %zu more", count - shown);
    if (silent > silent_shown)
        snprintf(text + used, sizeof text - used, ", %zu of them without an answer",
                 silent - silent_shown);
    enum outcome outcome = silent      ? OUTCOME_TIMEOUT
                           : shortages ? OUTCOME_INTERNAL
                                       : OUTCOME_UNREACHABLE;
    failure_set(failure, outcome, "%s", text);
    hint(attempts, count, failure);
    return failure->outcome;
}

enum outcome
connect_explain_none(const struct addrinfo *addresses, const struct addrinfo *local,
                     struct failure *failure)
{
    char name[CONNECT_NAME_SIZE], from[CONNECT_NUMERIC_SIZE];

    if (!addresses || !local)
        return failure_set(failure, OUTCOME_UNREACHABLE, "no address to connect to");
    return failure_set(failure, OUTCOME_UNREACHABLE,
                       "%s: cannot connect from %s: it is of another address family",
                       connect_name(addresses, name),
                       connect_numeric(local, from, sizeof from));
}
