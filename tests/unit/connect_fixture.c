/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Addresses that are live, refuse, or are dead, and connect_any() with them. Its sockets are
 * counted on their way to the C library.
 */
#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "connect_fixture.h"
#include "descriptors.h"

enum { HELD_MAX = 128 };

static int held[HELD_MAX], held_count; /* what a test listens on, and fills queues with */

struct result result;

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);

int
__wrap_socket(int domain, int type, int protocol)
{
    int fd = __real_socket(domain, type, protocol);

    result.sockets_made++;
    if (fd > result.highest_fd)
        result.highest_fd = fd;
    return fd;
}

/* ---- addresses ---- */

void
add(struct list *list, const char *text, uint16_t port)
{
    struct addrinfo *node = &list->nodes[list->count];
    struct sockaddr_in *ipv4 = (struct sockaddr_in *)(void *)&list->addresses[list->count];
    struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)(void *)ipv4;
    bool six = strchr(text, ':') != NULL;

    assert_in_range(list->count, 0, LIST_MAX - 1);
    *node = (struct addrinfo){.ai_family = six ? AF_INET6 : AF_INET,
                              .ai_socktype = SOCK_STREAM,
                              .ai_protocol = IPPROTO_TCP,
                              .ai_addr = (struct sockaddr *)ipv4,
                              .ai_addrlen = six ? sizeof *ipv6 : sizeof *ipv4};
    if (six) {
        *ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
        assert_int_equal(inet_pton(AF_INET6, text, &ipv6->sin6_addr), 1);
    } else {
        *ipv4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
        assert_int_equal(inet_pton(AF_INET, text, &ipv4->sin_addr), 1);
    }
    if (list->count > 0)
        list->nodes[list->count - 1].ai_next = node;
    list->count++;
}

static int
hold(int fd)
{
    assert_true(fd >= 0);
    assert_in_range(held_count, 0, HELD_MAX - 1);
    return held[held_count++] = fd;
}

int
bound(const char *address, uint16_t *port)
{
    struct list one = {.count = 0};
    int fd;

    add(&one, address, *port);
    fd = hold(__real_socket(one.nodes[0].ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    assert_int_equal(bind(fd, one.nodes[0].ai_addr, one.nodes[0].ai_addrlen), 0);
    struct sockaddr_in6 name;
    socklen_t len = sizeof name;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &len), 0);
    *port = ntohs(name.sin6_port); /* where sin_port is, too */
    return fd;
}

int
live(const char *address, uint16_t *port)
{
    int fd = bound(address, port);

    assert_int_equal(listen(fd, 16), 0);
    return fd;
}

int
dead(const char *address, uint16_t *port)
{
    struct list one = {.count = 0};
    int listener = bound(address, port);

    assert_int_equal(listen(listener, 0), 0);
    add(&one, address, *port);
    for (int i = 0; i < 8; i++) {
        int fd = hold(__real_socket(one.nodes[0].ai_family,
                                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        struct pollfd pollfd = {.fd = fd, .events = POLLOUT};
        if (connect(fd, one.nodes[0].ai_addr, one.nodes[0].ai_addrlen) == 0)
            continue;
        assert_int_equal(errno, EINPROGRESS);
        if (poll(&pollfd, 1, 100) == 0) {
            close(held[--held_count]); /* or it would take the next place that is free */
            return listener;
        }
    }
    fail_msg("the queue of %s never fills", address);
    return -1;
}

bool
have_ipv6(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = __real_socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool have = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;

    if (fd >= 0)
        close(fd);
    return have;
}

/* ---- connecting ---- */

/* As many are open behind it as before, but for the one that is connected. */
void
run_from(const struct list *list, const struct list *local, int64_t limit)
{
    unsigned before = open_descriptors();
    int64_t begin = clock_now();

    memset(&result, 0, sizeof result);
    result.fd = -1;
    strcpy(result.address, "left");
    result.outcome =
        connect_any(list->nodes, local ? local->nodes : NULL, deadline_after(limit), &result.fd,
                    result.address, sizeof result.address, &result.failure);
    result.took = clock_now() - begin;
    print_message("# %s %s%s, %lld ms\n", outcome_word(result.outcome), result.address,
                  result.failure.message, (long long)(result.took / 1000000));
    assert_int_equal(open_descriptors(), before + (result.outcome == OUTCOME_SUCCESS));
    if (result.outcome == OUTCOME_SUCCESS) {
        assert_false(failure_is_set(&result.failure));
    } else {
        assert_int_equal(result.fd, -1);
        assert_string_equal(result.address, "");
        assert_int_equal(result.failure.outcome, result.outcome);
    }
}

void
connect_run(const struct list *list, int64_t limit)
{
    run_from(list, NULL, limit);
}

void
connected_to(const char *address)
{
    assert_int_equal(result.outcome, OUTCOME_SUCCESS);
    assert_string_equal(result.address, address);
    close(result.fd);
}

void
ended(enum outcome outcome, const char *format, ...)
{
    char wanted[sizeof result.failure.message];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(wanted, sizeof wanted, format, arguments);
    va_end(arguments);
    assert_string_equal(result.failure.message, wanted);
    assert_int_equal(result.outcome, outcome);
}

int
teardown(void **state)
{
    (void)state;
    while (held_count > 0)
        close(held[--held_count]);
    return 0;
}
