/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names to addresses, addresses to sockets. What is said over the socket is not known here.
 */
#include <config.h>

#include "probe/connect.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/escape.h"
#include "util/signals.h"
#include "util/worker.h"

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

/*
 * The socket's errno once it is writable. A server that resets the connection did accept it:
 * who reads from the socket finds its end.
 */
static int
finish_connect(int fd)
{
    int error = 0;
    socklen_t len = sizeof error;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
        return errno;
    return error == ECONNRESET ? 0 : error;
}

/* One address: OUTCOME_SUCCESS with *fd, or the reason. */
static enum outcome
connect_one(const struct addrinfo *address, struct deadline deadline, const char *name, int *fd,
            struct failure *failure)
{
    const int on = 1;
    int error = 0;
    enum outcome outcome = OUTCOME_SUCCESS;
    int sock = socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                      address->ai_protocol);

    if (sock < 0)
        return failure_set(failure, OUTCOME_UNREACHABLE, "%s: %s", name, strerror(errno));
    /* libssh2 writes small packets: with Nagle's algorithm each waits for a delayed ACK */
    setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(sock, address->ai_addr, address->ai_addrlen) < 0) {
        error = errno;
        if (error == EINPROGRESS || error == EINTR) {
            outcome = wait_for(sock, POLLOUT, deadline, name, failure);
            error = outcome == OUTCOME_SUCCESS ? finish_connect(sock) : 0;
        }
    }
    if (error)
        outcome = failure_set(failure, OUTCOME_UNREACHABLE, "%s: %s", name, strerror(error));
    if (outcome == OUTCOME_SUCCESS)
        *fd = sock;
    else
        close(sock);
    return outcome;
}

static unsigned
count(const struct addrinfo *addresses)
{
    unsigned n = 0;

    for (; addresses; addresses = addresses->ai_next)
        n++;
    return n;
}

static unsigned
port_of(const struct sockaddr *address)
{
    return ntohs(address->sa_family == AF_INET6
                     ? ((const struct sockaddr_in6 *)(const void *)address)->sin6_port
                     : ((const struct sockaddr_in *)(const void *)address)->sin_port);
}

/* Adds what became of one address to what became of those before. */
static void
gather(struct failure *all, const struct failure *one)
{
    size_t used = strlen(all->message);

    if (!failure_is_set(all)) {
        *all = *one;
        return;
    }
    snprintf(all->message + used, sizeof all->message - used, "; %s", one->message);
    if (one->outcome != OUTCOME_UNREACHABLE)
        all->outcome = one->outcome;
}

enum outcome
connect_any(const struct addrinfo *addresses, const struct addrinfo *local,
            struct deadline deadline, int *fd, char *address, size_t address_size,
            struct failure *failure)
{
    unsigned left = count(addresses);
    (void)local;
    char name[128];

    for (; addresses; addresses = addresses->ai_next, left--) {
        struct failure one = FAILURE_INIT;
        struct deadline share = {clock_now() + (deadline.at - clock_now()) / left};
        if (getnameinfo(addresses->ai_addr, addresses->ai_addrlen, address,
                        (socklen_t)address_size, NULL, 0, NI_NUMERICHOST))
            snprintf(address, address_size, "?");
        snprintf(name, sizeof name, "%s port %u", address, port_of(addresses->ai_addr));
        if (connect_one(addresses, share, name, fd, &one) == OUTCOME_SUCCESS) {
            *failure = FAILURE_INIT;
            return OUTCOME_SUCCESS;
        }
        gather(failure, &one);
        if (one.outcome == OUTCOME_INTERRUPTED)
            break;
    }
    *address = '\0';
    return failure->outcome;
}
