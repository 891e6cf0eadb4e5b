/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Connecting to a few addresses, of which some are live, some refuse and some are dead: which
 * one wins, what the others cost, and what is said of them.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "connect_fixture.h"
#include "util/signals.h"

static void
test_socket(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;
    int on = 0;
    socklen_t len = sizeof on;

    (void)state;
    live("127.0.0.1", &port);
    add(&list, "127.0.0.1", port);
    connect_run(&list, LIMIT);
    assert_true(fcntl(result.fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(result.fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(getsockopt(result.fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
    assert_int_not_equal(on, 0);
    connected_to("127.0.0.1");
    assert_int_equal(result.sockets_made, 1);
}

static void
test_refused(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;

    (void)state;
    bound("127.0.0.1", &port);
    add(&list, "127.0.0.1", port);
    add(&list, "127.0.0.2", port);
    connect_run(&list, LIMIT);
    ended(OUTCOME_UNREACHABLE,
          "127.0.0.1 port %u: Connection refused; 127.0.0.2 port %u: Connection refused", port,
          port);
    assert_in_range(result.took, 0, SOON);
}

/* A failure brings the next one on: nobody waits for 60 delays. */
static void
test_refused_first(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;
    char text[32];

    (void)state;
    live("127.0.0.1", &port);
    for (int i = 2; i < 62; i++) {
        snprintf(text, sizeof text, "127.0.0.%d", i);
        add(&list, text, port);
    }
    add(&list, "127.0.0.1", port);
    connect_run(&list, LIMIT);
    connected_to("127.0.0.1");
    assert_in_range(result.took, 0, 30 * CONNECT_ATTEMPT_DELAY);
    assert_int_equal(result.sockets_made, 61);
}

/* It was tried, and costs the delay and not its share of the limit. */
static void
test_dead_first(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;

    (void)state;
    live("127.0.0.1", &port);
    dead("127.0.0.2", &port);
    add(&list, "127.0.0.2", port);
    add(&list, "127.0.0.1", port);
    connect_run(&list, LIMIT);
    connected_to("127.0.0.1");
    assert_int_equal(result.sockets_made, 2);
    assert_in_range(result.took, CONNECT_ATTEMPT_DELAY, SOON);
}

/* The first one answers while the second is under way, and is not given up for it. */
static void *
accept_late(void *argument)
{
    const struct timespec late = {.tv_nsec = 600 * 1000000L};

    nanosleep(&late, NULL);
    close(accept(*(int *)argument, NULL, NULL));
    return NULL;
}

static void
test_slow_first(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;
    pthread_t thread;

    (void)state;
    int listener = dead("127.0.0.1", &port);
    dead("127.0.0.2", &port);
    add(&list, "127.0.0.1", port);
    add(&list, "127.0.0.2", port);
    assert_int_equal(pthread_create(&thread, NULL, accept_late, &listener), 0);
    connect_run(&list, LIMIT);
    pthread_join(thread, NULL);
    connected_to("127.0.0.1");
    assert_int_equal(result.sockets_made, 2);
    assert_in_range(result.took, 600 * 1000000LL, SOON);
}

static void
test_all_dead(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;

    (void)state;
    dead("127.0.0.1", &port);
    dead("127.0.0.2", &port);
    bound("127.0.0.3", &port);
    add(&list, "127.0.0.1", port);
    add(&list, "127.0.0.3", port);
    add(&list, "127.0.0.2", port);
    connect_run(&list, DEADLINE_SECOND);
    ended(OUTCOME_TIMEOUT,
          "127.0.0.1 port %u: no answer; 127.0.0.3 port %u: Connection refused; "
          "127.0.0.2 port %u: no answer",
          port, port, port);
    assert_in_range(result.took, DEADLINE_SECOND, SOON);
}

static void
test_deadline(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;

    (void)state;
    live("127.0.0.1", &port);
    dead("127.0.0.2", &port);
    add(&list, "127.0.0.1", port);
    connect_run(&list, -DEADLINE_SECOND); /* has passed */
    ended(OUTCOME_TIMEOUT, "127.0.0.1 port %u: not tried", port);
    list.count = 0;
    add(&list, "127.0.0.2", port);
    add(&list, "127.0.0.1", port);
    connect_run(&list, CONNECT_ATTEMPT_DELAY / 5); /* passes before the second is due */
    ended(OUTCOME_TIMEOUT, "127.0.0.2 port %u: no answer; 127.0.0.1 port %u: not tried", port,
          port);
}

static void
test_order(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;

    (void)state;
    NEED_IPV6();
    bound("127.0.0.1", &port);
    bound("::1", &port);
    add(&list, "127.0.0.1", port);
    add(&list, "127.0.0.2", port);
    add(&list, "127.0.0.1", port); /* again */
    add(&list, "127.0.0.3", port);
    add(&list, "::1", port);
    add(&list, "::1", port);
    add(&list, "127.0.0.2", port);
    connect_run(&list, LIMIT);
    ended(OUTCOME_UNREACHABLE,
          "127.0.0.1 port %u: Connection refused; ::1 port %u: Connection refused; "
          "127.0.0.2 port %u: Connection refused; 127.0.0.3 port %u: Connection refused",
          port, port, port, port);
    assert_int_equal(result.sockets_made, 4);
}

static void
test_local(void **state)
{
    struct list list = {.count = 0}, local = {.count = 0};
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    uint16_t port = 0;

    (void)state;
    int listener = live("127.0.0.1", &port);
    add(&list, "127.0.0.1", port);
    add(&local, "198.51.100.77", 0); /* for documentation: not this machine's */
    run_from(&list, &local, LIMIT);
    ended(OUTCOME_UNREACHABLE, "127.0.0.1 port %u: cannot connect from 198.51.100.77: %s", port,
          strerror(EADDRNOTAVAIL));
    add(&local, "127.0.0.9", 0);
    add(&local, "127.0.0.8", 0);
    run_from(&list, &local, LIMIT);
    int fd = accept(listener, (struct sockaddr *)&peer, &len);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(ntohl(peer.sin_addr.s_addr), INADDR_LOOPBACK + 8);
    connected_to("127.0.0.1");
}

static void
test_local_family(void **state)
{
    struct list list = {.count = 0}, local = {.count = 0};
    uint16_t port = 0;

    (void)state;
    bound("127.0.0.1", &port);
    add(&list, "::1", port); /* passed over, so that there need not be one */
    add(&local, "127.0.0.1", 0);
    run_from(&list, &local, LIMIT);
    ended(OUTCOME_UNREACHABLE,
          "::1 port %u: cannot connect from 127.0.0.1: it is of another address family", port);
    assert_int_equal(result.sockets_made, 0);
    add(&list, "127.0.0.1", port);
    run_from(&list, &local, LIMIT);
    ended(OUTCOME_UNREACHABLE, "127.0.0.1 port %u: Connection refused", port);
}

static int to_reset = -1; /* a listener: what waits there is reset before it is looked at */

int __real_getsockopt(int fd, int level, int option, void *value, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *len);

int
__wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
    const struct linger linger = {.l_onoff = 1};

    if (to_reset >= 0 && option == SO_ERROR) {
        int taken = accept(to_reset, NULL, NULL);
        assert_true(taken >= 0);
        assert_int_equal(setsockopt(taken, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
        close(taken);
    }
    return __real_getsockopt(fd, level, option, value, len);
}

/* A server that resets at once did accept. */
static void
test_reset(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;
    char byte;

    (void)state;
    to_reset = live("127.0.0.1", &port);
    add(&list, "127.0.0.1", port);
    connect_run(&list, LIMIT);
    to_reset = -1;
    assert_true(recv(result.fd, &byte, 1, 0) <= 0);
    connected_to("127.0.0.1");
}

/* Nobody listens, and the port to connect from is the same one: the kernel may choose so, too.
 */
static void
test_itself(void **state)
{
    static const char *const addresses[] = {"127.0.0.1", "::1"};

    for (size_t i = 0; i < 2; i++) {
        struct list list = {.count = 0}, local = {.count = 0};
        uint16_t port = 0;
        if (i == 1 && !have_ipv6())
            break;
        bound(addresses[i], &port);
        teardown(state);
        add(&list, addresses[i], port);
        add(&local, addresses[i], port);
        run_from(&list, &local, LIMIT);
        ended(OUTCOME_UNREACHABLE, "%s port %u: %s", addresses[i], port,
              strerror(ECONNREFUSED));
    }
}

static void
test_link_local(void **state)
{
    struct list list = {.count = 0};

    (void)state;
    NEED_IPV6();
    add(&list, "fe80::1", 22);
    connect_run(&list, LIMIT);
    ended(OUTCOME_UNREACHABLE, "fe80::1 port 22: %s", strerror(EINVAL));
    assert_non_null(strstr(result.failure.hint, "fe80::1%"));
}

static void *
interrupt(void *argument)
{
    const struct timespec later = {.tv_nsec = 400 * 1000000L};

    nanosleep(&later, NULL);
    pthread_kill(*(pthread_t *)argument, SIGINT);
    return NULL;
}

/* The last one: a signal that was caught stays so. */
static void
test_signal(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;
    pthread_t self = pthread_self(), thread;

    (void)state;
    dead("127.0.0.1", &port);
    dead("127.0.0.2", &port);
    add(&list, "127.0.0.1", port);
    add(&list, "127.0.0.2", port);
    signal(SIGINT, SIG_DFL); /* a shell has it ignored in what runs in its background */
    signals_install();
    assert_int_equal(pthread_create(&thread, NULL, interrupt, &self), 0);
    connect_run(&list, LIMIT);
    pthread_join(thread, NULL);
    ended(OUTCOME_INTERRUPTED, "127.0.0.2 port %u: interrupted by a signal", port);
    assert_in_range(result.took, CONNECT_ATTEMPT_DELAY, SOON);
    connect_run(&list, LIMIT);
    ended(OUTCOME_INTERRUPTED, "127.0.0.1 port %u: interrupted by a signal", port);
    assert_int_equal(result.sockets_made, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_socket, teardown),
        cmocka_unit_test_teardown(test_refused, teardown),
        cmocka_unit_test_teardown(test_refused_first, teardown),
        cmocka_unit_test_teardown(test_dead_first, teardown),
        cmocka_unit_test_teardown(test_slow_first, teardown),
        cmocka_unit_test_teardown(test_all_dead, teardown),
        cmocka_unit_test_teardown(test_deadline, teardown),
        cmocka_unit_test_teardown(test_order, teardown),
        cmocka_unit_test_teardown(test_local, teardown),
        cmocka_unit_test_teardown(test_local_family, teardown),
        cmocka_unit_test_teardown(test_reset, teardown),
        cmocka_unit_test_teardown(test_itself, teardown),
        cmocka_unit_test_teardown(test_link_local, teardown),
        cmocka_unit_test_teardown(test_signal, teardown),
    };

    return cmocka_run_group_tests_name("connect", tests, NULL, NULL);
}
