/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of connect_any(): lists of addresses, listeners that are live or dead, all of
 * them on loopback, and a run that is looked at. Programs that use it are linked with
 * --wrap=socket.
 */
#ifndef CONNECT_FIXTURE_H
#define CONNECT_FIXTURE_H

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "probe/connect.h"

#define LIMIT (20 * DEADLINE_SECOND)
#define SOON  (LIMIT / 4) /* far below the limit, and far above what it takes */

enum { LIST_MAX = 400 };

/* Addresses, linked as getaddrinfo(3) does it: nodes[0] is the first. */
struct list {
    struct addrinfo nodes[LIST_MAX];
    struct sockaddr_storage addresses[LIST_MAX];
    size_t count;
};

void add(struct list *list, const char *text, uint16_t port);

/*
 * Sockets at an address and *port, which is chosen where it is 0; closed by teardown(). bound()
 * refuses connections, live() takes them, dead() answers nothing until one is accepted: its
 * queue, of one place, is full, and the kernel drops what else comes. They return the socket.
 */
int bound(const char *address, uint16_t *port);
int live(const char *address, uint16_t *port);
int dead(const char *address, uint16_t *port);
int teardown(void **state);

bool have_ipv6(void);

#define NEED_IPV6()                                                                            \
    if (!have_ipv6()) {                                                                        \
        print_message("# no IPv6 here\n");                                                     \
        skip();                                                                                \
    }

/* What came of the last connect_run(). */
struct result {
    enum outcome outcome;
    int fd;
    char address[64];
    struct failure failure;
    int64_t took;          /* ns */
    unsigned sockets_made; /* calls of socket(2) */
    int highest_fd;        /* of theirs */
};
extern struct result result;

/* Connects, and sees that a failure is told as it should be. */
void run_from(const struct list *list, const struct list *local, int64_t limit);
void connect_run(const struct list *list, int64_t limit);

/* The run was a success with this address; closes the socket. */
void connected_to(const char *address);

/* It was not, and this is the message. */
void ended(enum outcome outcome, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
