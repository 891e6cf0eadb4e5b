/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names to addresses, in a helper thread.
 */
#include <config.h>

#include "probe/resolve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/escape.h"
#include "util/signals.h"
#include "util/worker.h"

/* A lookup, owned by its thread while it runs. */
struct lookup {
    char *host;
    char port[8];
    int family;
    struct addrinfo *result;
    int error;        /* EAI_... */
    int system_error; /* errno of EAI_SYSTEM */
};

static void
lookup_run(void *job)
{
    struct lookup *lookup = job;
    struct addrinfo hints = {
        .ai_family = lookup->family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};

    lookup->error = getaddrinfo(lookup->host, lookup->port, &hints, &lookup->result);
    lookup->system_error = errno;
}

static void
lookup_free(void *job)
{
    struct lookup *lookup = job;

    if (lookup->result)
        freeaddrinfo(lookup->result);
    free(lookup->host);
    free(lookup);
}

static struct lookup *
lookup_new(const struct request *request)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);

    if (!lookup)
        return NULL;
    lookup->host = strdup(request->route.hostname);
    if (!lookup->host) {
        free(lookup);
        return NULL;
    }
    lookup->family = request->route.family;
    snprintf(lookup->port, sizeof lookup->port, "%u", (unsigned)request->port);
    return lookup;
}

static enum outcome
timed_out(struct failure *failure, const char *what)
{
    if (signals_caught())
        return failure_set(failure, OUTCOME_INTERRUPTED, "%s: interrupted by a signal", what);
    return failure_set(failure, OUTCOME_TIMEOUT, "%s: no answer within the limit", what);
}

/* Waits for `fd`; OUTCOME_SUCCESS, or why the wait ended. */
static enum outcome
wait_for(int fd, short events, struct deadline deadline, const char *what,
         struct failure *failure)
{
    struct pollfd pollfd = {.fd = fd, .events = events};

    for (;;) {
        struct timespec left = deadline_left(deadline);
        int ready = signals_poll(&pollfd, 1, &left);
        if (ready > 0)
            return OUTCOME_SUCCESS;
        if (signals_caught() || deadline_passed(deadline))
            return timed_out(failure, what);
    }
}

enum outcome
resolve_host(const struct request *request, struct deadline deadline,
             struct addrinfo **addresses, struct addrinfo **local, struct failure *failure)
{
    struct lookup *lookup = lookup_new(request);
    struct worker *worker = lookup ? worker_start(lookup_run, lookup_free, lookup) : NULL;
    char host[256];

    *addresses = *local = NULL;
    if (!worker) {
        if (lookup)
            lookup_free(lookup);
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory or threads");
    }
    escape_into(host, sizeof host, request->route.hostname, strlen(request->route.hostname),
                ESCAPE_LINE);
    enum outcome outcome = wait_for(worker_fd(worker), POLLIN, deadline, host, failure);
    if (outcome != OUTCOME_SUCCESS) {
        worker_abandon(worker);
        return outcome;
    }
    worker_finish(worker);
    if (lookup->error) {
        bool memory = lookup->error == EAI_MEMORY ||
                      (lookup->error == EAI_SYSTEM && lookup->system_error == ENOMEM);
        outcome = failure_set(failure, memory ? OUTCOME_INTERNAL : OUTCOME_UNREACHABLE,
                              "%s: %s", host,
                              lookup->error == EAI_SYSTEM ? strerror(lookup->system_error)
                                                          : gai_strerror(lookup->error));
    } else {
        *addresses = lookup->result;
        lookup->result = NULL;
    }
    lookup_free(lookup);
    return outcome;
}
