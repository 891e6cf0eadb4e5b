/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names to addresses, in a helper thread: getaddrinfo(3) takes as long as the resolver likes.
 * Numeric addresses are read at once, without one.
 */
#include <config.h>

#include "probe/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/escape.h"
#include "util/signals.h"
#include "util/worker.h"

#define SHOWN_MAX 256 /* bytes of a name in a message */

/* One name, and what getaddrinfo(3) says of it. */
struct name {
    char *text;         /* NULL: nothing to look up */
    const char *prefix; /* in messages: what it is */
    struct addrinfo *addresses;
    int error;        /* EAI_... */
    int system_error; /* errno of EAI_SYSTEM */
};

/* Both names, owned by their thread while it runs. */
struct lookup {
    struct name host, local;
    char port[8];
    int family;
    int flags;               /* AI_... */
    _Atomic bool local_done; /* also read while the thread runs */
};

static void
name_look_up(struct name *name, const char *port, const struct lookup *lookup)
{
    const struct addrinfo hints = {.ai_family = lookup->family,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV | lookup->flags};

    name->error = getaddrinfo(name->text, port, &hints, &name->addresses);
    name->system_error = errno;
}

/* The address to connect from comes first: it is mostly numeric, and if it is wrong the
 * resolver need not be asked for the host. */
static void
lookup_run(void *job)
{
    struct lookup *lookup = job;

    if (lookup->local.text)
        name_look_up(&lookup->local, NULL, lookup);
    atomic_store(&lookup->local_done, true);
    if (!lookup->local.error)
        name_look_up(&lookup->host, lookup->port, lookup);
}

static void
name_free(struct name *name)
{
    if (name->addresses)
        freeaddrinfo(name->addresses);
    free(name->text);
}

static void
lookup_free(void *job)
{
    struct lookup *lookup = job;

    name_free(&lookup->host);
    name_free(&lookup->local);
    free(lookup);
}

static struct lookup *
lookup_new(const struct request *request)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);
    const struct route *route = &request->route;

    if (!lookup)
        return NULL;
    lookup->host = (struct name){.text = strdup(route->hostname), .prefix = ""};
    lookup->local = (struct name){.text = route->bind ? strdup(route->bind) : NULL,
                                  .prefix = "local address "};
    if (!lookup->host.text || (route->bind && !lookup->local.text)) {
        lookup_free(lookup);
        return NULL;
    }
    lookup->local_done = !route->bind;
    lookup->family = route->family;
    snprintf(lookup->port, sizeof lookup->port, "%u", (unsigned)request->port);
    return lookup;
}

/* An address as it is mostly written, or nothing: no resolver is asked for that. */
static bool
is_numeric(const struct name *name)
{
    struct in6_addr address;

    return !name->text || inet_pton(AF_INET, name->text, &address) == 1 ||
           inet_pton(AF_INET6, name->text, &address) == 1;
}

/* Waits for the thread: OUTCOME_SUCCESS, or why it is to be abandoned. */
static enum outcome
lookup_wait(struct lookup *lookup, struct worker *worker, struct deadline deadline,
            struct failure *failure)
{
    char shown[SHOWN_MAX];

    while (!worker_done(worker)) {
        struct pollfd pollfd = {.fd = worker_fd(worker), .events = POLLIN};
        struct timespec left = deadline_left(deadline);
        if (signals_poll(&pollfd, 1, &left) > 0)
            break;
        if (!signals_caught() && !deadline_passed(deadline))
            continue;
        const struct name *name =
            atomic_load(&lookup->local_done) ? &lookup->host : &lookup->local;
        escape_into(shown, sizeof shown, name->text, strlen(name->text), ESCAPE_LINE);
        if (signals_caught())
            return failure_set(failure, OUTCOME_INTERRUPTED, "%s%s: interrupted by a signal",
                               name->prefix, shown);
        return failure_set(failure, OUTCOME_TIMEOUT,
                           "%s%s: no answer from the resolver within the limit", name->prefix,
                           shown);
    }
    return OUTCOME_SUCCESS;
}

/* `outcome`, or INTERNAL where the name is not to blame. */
static enum outcome
name_explain(const struct name *name, enum outcome outcome, struct failure *failure)
{
    bool system = name->error == EAI_SYSTEM;
    char shown[SHOWN_MAX];

    if (name->error == EAI_MEMORY ||
        (system && (name->system_error == ENOMEM || name->system_error == EMFILE ||
                    name->system_error == ENFILE)))
        outcome = OUTCOME_INTERNAL;
    escape_into(shown, sizeof shown, name->text, strlen(name->text), ESCAPE_LINE);
    if (name->error == EAI_MEMORY || (system && name->system_error == ENOMEM))
        return failure_set(failure, outcome, "%s%s: out of memory", name->prefix, shown);
    return failure_set(failure, outcome, "%s%s: %s", name->prefix, shown,
                       system ? strerror(name->system_error) : gai_strerror(name->error));
}

/* 0 where this machine has the address, else errno. */
static int
try_bind(const struct addrinfo *address)
{
    int fd =
        socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol);
    int error = fd < 0 || bind(fd, address->ai_addr, address->ai_addrlen) < 0 ? errno : 0;

    if (fd >= 0)
        close(fd);
    return error;
}

/* USAGE where this machine has none of the addresses to connect from. */
static enum outcome
check_local(struct name *local, struct failure *failure)
{
    for (const struct addrinfo *each = local->addresses; each; each = each->ai_next) {
        local->system_error = try_bind(each);
        if (local->system_error == 0)
            return OUTCOME_SUCCESS;
    }
    local->error = EAI_SYSTEM;
    return name_explain(local, OUTCOME_USAGE, failure);
}

/* What the finished lookup found. */
static enum outcome
conclude(struct lookup *lookup, struct addrinfo **addresses, struct addrinfo **local,
         struct failure *failure)
{
    enum outcome outcome = OUTCOME_SUCCESS;

    if (lookup->local.error)
        return name_explain(&lookup->local, OUTCOME_USAGE, failure);
    if (lookup->local.text)
        outcome = check_local(&lookup->local, failure);
    if (outcome == OUTCOME_SUCCESS && lookup->host.error)
        outcome = name_explain(&lookup->host, OUTCOME_UNREACHABLE, failure);
    if (outcome == OUTCOME_SUCCESS) {
        *addresses = lookup->host.addresses;
        *local = lookup->local.addresses;
        lookup->host.addresses = lookup->local.addresses = NULL;
    }
    return outcome;
}

/* By a thread of its own; where that does not end in time the lookup is its own, too, and NULL.
 */
static enum outcome
look_up_aside(struct lookup **lookup, struct deadline deadline, struct failure *failure)
{
    struct worker *worker = worker_start(lookup_run, lookup_free, *lookup);

    if (!worker)
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory or threads");
    enum outcome outcome = lookup_wait(*lookup, worker, deadline, failure);
    if (outcome != OUTCOME_SUCCESS) {
        worker_abandon(worker);
        *lookup = NULL;
        return outcome;
    }
    worker_finish(worker);
    return OUTCOME_SUCCESS;
}

enum outcome
resolve_host(const struct request *request, struct deadline deadline,
             struct addrinfo **addresses, struct addrinfo **local, struct failure *failure)
{
    struct lookup *lookup = lookup_new(request);
    enum outcome outcome = OUTCOME_SUCCESS;

    *addresses = *local = NULL;
    if (!lookup)
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    if (is_numeric(&lookup->host) && is_numeric(&lookup->local)) {
        lookup->flags = AI_NUMERICHOST;
        lookup_run(lookup);
    } else {
        outcome = look_up_aside(&lookup, deadline, failure);
    }
    if (outcome == OUTCOME_SUCCESS)
        outcome = conclude(lookup, addresses, local, failure);
    if (lookup)
        lookup_free(lookup);
    return outcome;
}
