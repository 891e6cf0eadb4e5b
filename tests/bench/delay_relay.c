/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A network that is far away: what connects here is passed on to 127.0.0.1, and takes a
 * round-trip time to come back.
 *
 *   delay_relay [-a N] RTT PORT
 *     RTT   in milliseconds, a decimal fraction
 *     PORT  the server's
 *     -a N  listens on so many addresses, not on 127.0.0.1: 127.1.0.1 to 127.1.0.250, 127.1.1.1
 *           and so on
 *
 * It prints the port that the kernel chose, which is the same for all addresses. Each line of
 * standard input is answered by one that tells what was since the one before:
 *
 *   CONNECTIONS MOST-AT-ONCE BYTES-TO-SERVER BYTES-TO-CLIENT CHUNKS-TO-SERVER CHUNKS-TO-CLIENT
 *
 * (bytes as they are read, chunks as they are written), and the end of standard input ends it.
 * A chunk is what one recv(2) found. It is handed on by one send(2) half a round trip after
 * that, whatever comes before or behind it; ends of files and resets keep their places.
 *
 * The handshake of TCP is imitated: on loopback connect(2) is over at once, and it should have
 * taken one round trip (SYN, SYN-ACK). The server should know of the connection half a round
 * trip later, with the ACK. So the server is connected to 1.5 round trips after the client was,
 * and none of the client's bytes reaches it before; its own first bytes then reach the client 2
 * round trips after connect(2) was called, as they would. What a client says between is as far
 * as it should be where it speaks as soon as it is connected, as clients of SSH do. Too fast is
 * what only connects, for that seems to take no time.
 */
#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "relay_link.h"

#define LISTENERS 4096

/* What is due, in order: each queue has one delay for all that is in it. */
struct timetable {
    struct entry {
        int64_t due;
        struct link *link;
    } * entries;
    size_t first, n, room;
};
static struct timetable chunks, connects;

/* Names that epoll tells by their addresses. */
static int clock_fd, listeners[LISTENERS], n_listeners;

/* ---------------------------------------------------------------- timetables */

static void
expect(struct timetable *table, struct link *link, int64_t due)
{
    if (table->n == table->room) {
        size_t room = table->room == 0 ? 1024 : 2 * table->room;
        struct entry *entries = malloc(room * sizeof *entries);

        if (entries == NULL)
            abort();
        for (size_t i = 0; i < table->n; i++)
            entries[i] = table->entries[(table->first + i) % table->room];
        free(table->entries);
        *table = (struct timetable){entries, 0, table->n, room};
    }
    table->entries[(table->first + table->n++) % table->room] = (struct entry){due, link};
    link->pending++;
}

static struct link *
take_due(struct timetable *table, int64_t time)
{
    struct link *link;

    if (table->n == 0 || table->entries[table->first].due > time)
        return NULL;
    link = table->entries[table->first].link;
    table->first = (table->first + 1) % table->room;
    table->n--;
    link->pending--;
    return link;
}

static void
set_clock(void)
{
    struct itimerspec when = {0};
    int64_t due = INT64_MAX;

    if (chunks.n > 0)
        due = chunks.entries[chunks.first].due;
    if (connects.n > 0 && connects.entries[connects.first].due < due)
        due = connects.entries[connects.first].due;
    if (due != INT64_MAX) {
        when.it_value.tv_sec = due / 1000000000;
        when.it_value.tv_nsec = due % 1000000000;
    }
    timerfd_settime(clock_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* ---------------------------------------------------------------- events */

static void
write_due(struct link *link)
{
    for (int i = CLIENT; i <= SERVER && !link->closed; i++)
        if (link_write(&link->sides[i]))
            expect(&chunks, link, now() + relay.delay);
    link_watch(link);
}

static void
run_due(void)
{
    int64_t time = now();
    struct link *link;

    while ((link = take_due(&connects, time)) != NULL) {
        link_connect(link);
        write_due(link);
    }
    while ((link = take_due(&chunks, time)) != NULL)
        write_due(link);
}

static void
accept_all(int listener)
{
    struct link *link;
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        link = link_new(fd);
        if (link == NULL)
            continue;
        expect(&connects, link, now() + 3 * relay.delay);
        link_watch(link);
    }
}

static void
serve(struct side *side, uint32_t events)
{
    struct link *link = side->link;

    if (link->closed)
        return;
    if (events & EPOLLOUT)
        write_due(link);
    if (!link->closed && (events & ~(uint32_t)EPOLLOUT) != 0 && link_read(side))
        expect(&chunks, link, now() + relay.delay);
    link_watch(link);
}

static void
tell_counts(void)
{
    char line[256];
    ssize_t n = read(STDIN_FILENO, line, sizeof line);

    if (n <= 0)
        exit(0);
    for (; n > 0; n--)
        if (line[n - 1] == '\n')
            printf("%u %u %ju %ju %ju %ju\n", relay.connections, relay.peak,
                   (uintmax_t)relay.bytes[SERVER], (uintmax_t)relay.bytes[CLIENT],
                   (uintmax_t)relay.chunks[SERVER], (uintmax_t)relay.chunks[CLIENT]);
    fflush(stdout);
    relay.connections = 0;
    relay.peak = relay.open;
    memset(relay.bytes, 0, sizeof relay.bytes);
    memset(relay.chunks, 0, sizeof relay.chunks);
}

/* Not before all events of one wait were looked at, which name links too. */
static void
forget_closed(void)
{
    struct link **place = &relay.closed, *link;

    while ((link = *place) != NULL)
        if (link->pending == 0) {
            *place = link->next_closed;
            free(link);
        } else
            place = &link->next_closed;
}

/* ---------------------------------------------------------------- begin */

/* With PORT 0 the kernel chooses; what it chose for the first may be taken at another, then -1.
 */
static int
listen_on(uint32_t host, uint16_t *port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(*port), .sin_addr.s_addr = htonl(host)};
    socklen_t size = sizeof address;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 4096) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        close(fd);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

static uint16_t
listen_everywhere(int n)
{
    uint16_t port;

    for (int tries = 0; tries < 20; tries++) {
        port = 0;
        for (n_listeners = 0; n_listeners < (n == 0 ? 1 : n); n_listeners++) {
            uint32_t i = (uint32_t)n_listeners;
            uint32_t host = n == 0 ? INADDR_LOOPBACK : 0x7f010001 + (i / 250 << 8) + i % 250;

            listeners[n_listeners] = listen_on(host, &port);
            if (listeners[n_listeners] < 0)
                break;
        }
        if (n_listeners == (n == 0 ? 1 : n))
            return port;
        while (n_listeners > 0)
            close(listeners[--n_listeners]);
    }
    perror("delay_relay: listen");
    exit(1);
}

static void
add(int *fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = fd};

    if (epoll_ctl(relay.epoll, EPOLL_CTL_ADD, *fd, &event) != 0) {
        perror("delay_relay: epoll_ctl");
        exit(1);
    }
}

static int
read_arguments(int argc, char **argv)
{
    int option, n = 0;
    double rtt;
    char *end;

    while ((option = getopt(argc, argv, "a:")) != -1) {
        n = option == 'a' ? atoi(optarg) : -1;
        if (n < 1 || n > LISTENERS)
            exit(2);
    }
    if (argc - optind != 2)
        exit(2);
    rtt = strtod(argv[optind], &end);
    if (*end != '\0' || !(rtt >= 0 && rtt <= 60000))
        exit(2);
    relay.delay = (int64_t)(rtt * 1e6 / 2);
    relay.port = (uint16_t)atoi(argv[optind + 1]);
    return n;
}

int
main(int argc, char **argv)
{
    static int input = STDIN_FILENO;
    struct epoll_event events[256];
    struct rlimit limit;
    uint64_t ticks;
    int n, addresses = read_arguments(argc, argv);

    /* A descriptor for each end of each connection. */
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    relay.epoll = epoll_create1(EPOLL_CLOEXEC);
    clock_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (relay.epoll < 0 || clock_fd < 0)
        return 1;
    printf("%d\n", listen_everywhere(addresses));
    fflush(stdout);
    for (int i = 0; i < n_listeners; i++)
        add(&listeners[i]);
    add(&clock_fd);
    add(&input);
    for (;;) {
        set_clock();
        n = epoll_wait(relay.epoll, events, sizeof events / sizeof *events, -1);
        for (int i = 0; i < n; i++) {
            void *what = events[i].data.ptr;

            if (what == &clock_fd)
                (void)!read(clock_fd, &ticks, sizeof ticks);
            else if (what == &input)
                tell_counts();
            else if ((int *)what >= listeners && (int *)what < listeners + n_listeners)
                accept_all(*(int *)what);
            else
                serve(what, events[i].events);
        }
        run_due();
        forget_closed();
    }
}
