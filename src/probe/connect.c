/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Addresses to a socket: several attempts under way at once, the first that is connected wins.
 * What is said over the socket is not known here.
 */
#include <config.h>

#include "probe/connect.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/connect_text.h"
#include "util/signals.h"

/*
 * Sockets at once. One more address takes the place of the oldest, which by then has not
 * answered for as many delays: two repetitions of its first packet.
 */
enum { IN_FLIGHT_MAX = 16 };

struct race {
    struct connect_attempt *attempts; /* in the order of their start */
    size_t count;
    size_t started;                                   /* the first so many */
    size_t in_flight[IN_FLIGHT_MAX], in_flight_count; /* indexes, in the same order */
    int64_t next_at; /* a clock_now(): when the next one is due */
    struct deadline deadline;
    const struct addrinfo *local;
    struct connect_attempt *winner;
};

/* ---- which addresses, in which order ---- */

static const struct addrinfo *
of_family(const struct addrinfo *list, int family)
{
    while (list && list->ai_family != family)
        list = list->ai_next;
    return list;
}

static bool
is_known(const struct race *race, const struct addrinfo *address)
{
    for (size_t i = 0; i < race->count; i++) {
        const struct addrinfo *known = race->attempts[i].address;
        if (known->ai_addrlen == address->ai_addrlen &&
            memcmp(known->ai_addr, address->ai_addr, address->ai_addrlen) == 0)
            return true;
    }
    return false;
}

/* The next address from `list` on that is of `family`, or is not; NULL: there is none. */
static const struct addrinfo *
next_of(const struct race *race, const struct addrinfo *list, int family, bool same)
{
    for (; list; list = list->ai_next) {
        if ((list->ai_family == family) == same && !is_known(race, list) &&
            (!race->local || of_family(race->local, list->ai_family)))
            break;
    }
    return list;
}

/*
 * RFC 8305 section 4 with a First Address Family Count of 1: the resolver's order (RFC 6724),
 * but the family of its first address and the other one take turns. False: no memory.
 */
static bool
race_line_up(struct race *race, const struct addrinfo *addresses)
{
    size_t all = 0;
    const struct addrinfo *turn[2];
    int family;

    for (const struct addrinfo *each = addresses; each; each = each->ai_next)
        all++;
    race->attempts = calloc(all + 1, sizeof *race->attempts);
    if (!race->attempts)
        return false;
    if (!addresses)
        return true;
    family = addresses->ai_family;
    for (int i = 0; i < 2; i++)
        turn[i] = next_of(race, addresses, family, i == 0);
    for (int i = 0; turn[0] || turn[1]; i = !i) {
        if (!turn[i])
            continue;
        race->attempts[race->count++] = (struct connect_attempt){.address = turn[i], .fd = -1};
        turn[i] = next_of(race, turn[i]->ai_next, family, i == 0);
    }
    return true;
}

/* ---- one attempt ---- */

/* To the first of the local addresses of the family that takes it; 0 or errno. */
static int
bind_local(struct connect_attempt *attempt, int fd, const struct addrinfo *local)
{
    int error = 0;

    while ((local = of_family(local, attempt->address->ai_family))) {
        if (bind(fd, local->ai_addr, local->ai_addrlen) == 0) {
            attempt->local = NULL;
            return 0;
        }
        error = errno;
        attempt->local = local;
        local = local->ai_next;
    }
    return error;
}

/*
 * Where nobody listens at a port of this machine, and the kernel chose the same one to connect
 * from, the socket is connected to itself (RFC 9293 section 3.5: a simultaneous open).
 */
static bool
is_connected_to_itself(int fd)
{
    struct sockaddr_storage here, there;
    socklen_t here_len = sizeof here, there_len = sizeof there;

    return getsockname(fd, (struct sockaddr *)&here, &here_len) == 0 &&
           getpeername(fd, (struct sockaddr *)&there, &there_len) == 0 &&
           here_len == there_len && memcmp(&here, &there, here_len) == 0;
}

/* 0: connected; EINPROGRESS: under way, both with attempt->fd; else why not. */
static int
attempt_start(struct connect_attempt *attempt, const struct addrinfo *local)
{
    const struct addrinfo *to = attempt->address;
    const int on = 1;
    int fd =
        socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to->ai_protocol);

    if (fd < 0)
        return errno;
    /* libssh2 writes small packets: with Nagle's algorithm each waits for a delayed ACK */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int error = bind_local(attempt, fd, local);
    if (!error && connect(fd, to->ai_addr, to->ai_addrlen) < 0)
        error = errno == EINTR ? EINPROGRESS : errno;
    else if (!error && is_connected_to_itself(fd))
        error = ECONNREFUSED;
    if (error && error != EINPROGRESS)
        close(fd);
    else
        attempt->fd = fd;
    return error;
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
    if (!error && is_connected_to_itself(fd))
        return ECONNREFUSED;
    return error == ECONNRESET ? 0 : error;
}

/* ---- many ---- */

/* Ends the attempt at this place in the list of those under way. */
static void
race_drop(struct race *race, size_t place, int error)
{
    struct connect_attempt *attempt = &race->attempts[race->in_flight[place]];

    close(attempt->fd);
    attempt->fd = -1;
    attempt->error = error;
    race->in_flight_count--;
    memmove(&race->in_flight[place], &race->in_flight[place + 1],
            (race->in_flight_count - place) * sizeof *race->in_flight);
}

static bool
race_start_is_due(const struct race *race)
{
    return race->started < race->count &&
           (race->in_flight_count == 0 || clock_now() >= race->next_at);
}

static void
race_start_next(struct race *race)
{
    struct connect_attempt *attempt = &race->attempts[race->started];

    if (race->in_flight_count == IN_FLIGHT_MAX)
        race_drop(race, 0, 0);
    int error = attempt_start(attempt, race->local);
    race->next_at = deadline_after(CONNECT_ATTEMPT_DELAY).at;
    if (connect_is_shortage(error) && race->in_flight_count > 0) {
        attempt->error = error; /* until one of the others has given its socket back */
        return;
    }
    attempt->error = error == EINPROGRESS ? 0 : error;
    if (error == 0)
        race->winner = attempt;
    else if (error == EINPROGRESS)
        race->in_flight[race->in_flight_count++] = race->started;
    else
        race->next_at = clock_now();
    race->started++;
}

/* Waits until an attempt ends or the next one is due, at most until the deadline. */
static void
race_wait(struct race *race)
{
    struct pollfd fds[IN_FLIGHT_MAX];
    size_t count = race->in_flight_count, place = 0;
    struct deadline until = race->deadline;

    if (race->started < race->count)
        until = deadline_earlier(until, (struct deadline){race->next_at});
    for (size_t i = 0; i < count; i++)
        fds[i] =
            (struct pollfd){.fd = race->attempts[race->in_flight[i]].fd, .events = POLLOUT};
    struct timespec left = deadline_left(until);
    if (signals_poll(fds, count, &left) <= 0)
        return;
    for (size_t i = 0; i < count && !race->winner; i++) {
        size_t index = race->in_flight[place];
        int error = fds[i].revents ? finish_connect(fds[i].fd) : EINPROGRESS;
        if (error == 0) {
            race->winner = &race->attempts[index];
        } else if (error == EINPROGRESS) {
            place++;
        } else {
            race_drop(race, place, error);
            /* the last one's failure brings the next one on; so does a socket for one that
             * found none */
            if (index + 1 == race->started || race->attempts[race->started].error)
                race->next_at = clock_now();
        }
    }
}

/* Until one is connected (SUCCESS), none is left (UNREACHABLE), TIMEOUT or INTERRUPTED. */
static enum outcome
race_run(struct race *race)
{
    for (;;) {
        bool over = deadline_passed(race->deadline);
        if (signals_check())
            return OUTCOME_INTERRUPTED;
        if (!over && race_start_is_due(race))
            race_start_next(race);
        if (!race->winner && race->in_flight_count > 0)
            race_wait(race); /* a last look, too, where it is over */
        if (signals_caught())
            return OUTCOME_INTERRUPTED;
        if (race->winner)
            return OUTCOME_SUCCESS;
        if (over)
            return OUTCOME_TIMEOUT;
        if (race->in_flight_count == 0 && race->started == race->count)
            return OUTCOME_UNREACHABLE;
    }
}

/* Closes what is still open, a winner that a signal took the prize from included. */
static void
race_end(struct race *race, int kept)
{
    for (size_t i = 0; i < race->started; i++) {
        int fd = race->attempts[i].fd;
        if (fd >= 0 && fd != kept)
            close(fd);
    }
    free(race->attempts);
}

enum outcome
connect_any(const struct addrinfo *addresses, const struct addrinfo *local,
            struct deadline deadline, int *fd, char *address, size_t address_size,
            struct failure *failure)
{
    struct race race = {.deadline = deadline, .local = local};
    char name[CONNECT_NAME_SIZE];
    enum outcome outcome;

    *address = '\0';
    if (!race_line_up(&race, addresses))
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    if (race.count == 0)
        outcome = connect_explain_none(addresses, local, failure);
    else
        outcome = race_run(&race);
    if (outcome == OUTCOME_SUCCESS) {
        *fd = race.winner->fd;
        connect_numeric(race.winner->address, address, address_size);
    } else if (outcome == OUTCOME_INTERRUPTED) {
        size_t last = race.started ? race.started - 1 : 0;
        failure_set(failure, outcome, "%s: interrupted by a signal",
                    connect_name(race.attempts[last].address, name));
    } else if (race.count) {
        outcome = connect_explain(race.attempts, race.count, race.started, failure);
    }
    race_end(&race, outcome == OUTCOME_SUCCESS ? *fd : -1);
    return outcome;
}
