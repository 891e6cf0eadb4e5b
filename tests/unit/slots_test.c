/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Slots of addresses: how many, whose turn it is, and that nobody waits for ever.
 */
#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/slots.h"
#include "slots_fixture.h"

static unsigned turns;
static struct slots_wait *last_turn;
static bool wait_as_begun; /* who waits from now on */
static unsigned long wait_order;

static void
turn(struct slots_wait *wait)
{
    turns++;
    last_turn = wait;
}

static int
set_up(void **state)
{
    (void)state;
    turns = 0;
    wait_as_begun = false;
    wait_order = 0;
    slots_limit(2);
    return 0;
}

static void
refused(const struct addrinfo *addresses, struct slots_wait *wait)
{
    struct slots *held = (struct slots *)wait;

    *wait = (struct slots_wait){.ready = turn, .begun = wait_as_begun, .order = wait_order};
    errno = 0;
    assert_false(slots_take(addresses, wait, &held));
    assert_int_equal(errno, EBUSY);
    assert_null(held);
}

static struct slots *
taken(const struct addrinfo *addresses)
{
    struct slots_wait wait = {.ready = turn};
    struct slots *held = NULL;

    assert_true(slots_take(addresses, &wait, &held));
    assert_non_null(held);
    assert_null(wait.got);
    return held;
}

static void
test_no_limit(void **state)
{
    struct host a;
    struct slots_wait wait = {.ready = turn};
    struct slots *held;

    (void)state;
    slots_limit(0);
    for (int i = 0; i < 100; i++) {
        assert_true(slots_take(host(&a, NULL, "192.0.2.1", 22), &wait, &held));
        assert_null(held);
        slots_keep(held, -1);
        slots_give(held);
    }
}

/* Another port is another server. */
static void
test_limit(void **state)
{
    struct host a, b;
    struct slots_wait wait;
    const struct addrinfo *one = host(&a, NULL, "192.0.2.1", 22);
    const struct addrinfo *two = host(&b, NULL, "192.0.2.1", 23);

    (void)state;
    struct slots *first = taken(one), *second = taken(one), *other = taken(two);
    refused(one, &wait);
    assert_int_equal(turns, 0);
    slots_give(other);
    assert_int_equal(turns, 0);
    slots_give(first);
    assert_int_equal(turns, 1);
    assert_ptr_equal(last_turn, &wait);
    /* nobody takes what has been promised */
    struct slots_wait late;
    refused(one, &late);
    struct slots *held;
    assert_true(slots_take(one, &wait, &held));
    slots_give(held);
    assert_int_equal(turns, 2);
    slots_forget(&late);
    slots_give(second);
    slots_give(taken(one));
}

/* In the order in which they came; who gives up is passed over, with a slot or without. */
static void
test_turns(void **state)
{
    struct host a;
    struct slots_wait waits[5];
    const struct addrinfo *one = host(&a, "2001:db8::1", NULL, 22);
    struct slots *held;

    (void)state;
    struct slots *first = taken(one), *second = taken(one);
    for (int i = 0; i < 5; i++)
        refused(one, &waits[i]);
    slots_forget(&waits[1]);
    slots_give(first);
    assert_ptr_equal(last_turn, &waits[0]);
    slots_forget(&waits[0]);
    assert_ptr_equal(last_turn, &waits[2]);
    assert_true(slots_take(one, &waits[2], &held));
    slots_give(held);
    assert_ptr_equal(last_turn, &waits[3]);
    slots_give(second);
    assert_ptr_equal(last_turn, &waits[4]);
    assert_int_equal(turns, 4);
    slots_forget(&waits[3]);
    slots_forget(&waits[4]);
    slots_forget(&waits[4]); /* harmless */
    slots_give(taken(one));
}

/* Who was connected before goes first, in the order of those; at both ends of the queue. */
static void
test_begun(void **state)
{
    const int order[] = {2, 3, 5, 0, 1, 4};
    struct host a;
    struct slots_wait waits[6];
    const struct addrinfo *one = host(&a, NULL, "192.0.2.1", 22);
    struct slots *held;

    (void)state;
    struct slots *first = taken(one), *second = taken(one);
    for (int i = 0; i < 6; i++) {
        wait_as_begun = i == 2 || i == 3 || i == 5;
        refused(one, &waits[i]);
    }
    slots_give(first);
    for (int i = 0; i < 6; i++) {
        assert_ptr_equal(last_turn, &waits[order[i]]);
        assert_true(slots_take(one, last_turn, &held));
        slots_give(held);
    }
    assert_int_equal(turns, 6);
    wait_as_begun = true; /* an empty queue */
    first = taken(one);
    refused(one, &waits[0]);
    wait_as_begun = false;
    refused(one, &waits[1]);
    slots_give(first);
    assert_ptr_equal(last_turn, &waits[0]);
    slots_give(second);
    assert_ptr_equal(last_turn, &waits[1]);
    slots_forget(&waits[0]);
    slots_forget(&waits[1]);
    slots_give(taken(one));
}

/* Whatever thread is the first to ask: in input order. */
static void
test_order(void **state)
{
    const unsigned long orders[] = {5, 7, 3, 9, 0, 4, 8, 1};
    const bool begun[] = {false, true, false, false, false, true, false, false};
    const int granted[] = {5, 1, 4, 7, 2, 0, 6, 3};
    struct host a;
    struct slots_wait waits[8];
    const struct addrinfo *one = host(&a, NULL, "192.0.2.1", 22);
    struct slots *held;

    (void)state;
    struct slots *first = taken(one), *second = taken(one);
    for (int i = 0; i < 8; i++) {
        wait_order = orders[i];
        wait_as_begun = begun[i];
        refused(one, &waits[i]);
    }
    slots_give(first);
    for (int i = 0; i < 8; i++) {
        assert_ptr_equal(last_turn, &waits[granted[i]]);
        assert_true(slots_take(one, last_turn, &held));
        slots_give(held);
    }
    slots_give(second);
    assert_int_equal(turns, 8);
}

/* All addresses of a name, and the others are given back when one is connected. */
static void
test_several(void **state)
{
    struct host a, b;
    struct slots_wait wait;
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, len), 0);
    uint16_t port = ntohs(address.sin_port);
    const struct addrinfo *both = host(&a, "2001:db8::1", "127.0.0.1", port);
    const struct addrinfo *six = host(&b, "2001:db8::1", NULL, port);

    struct slots *first = taken(both), *second = taken(both);
    refused(six, &wait);
    slots_keep(first, fd);
    assert_int_equal(turns, 1);
    struct slots *held;
    assert_true(slots_take(six, &wait, &held));
    refused(both, &wait);
    slots_give(held);
    slots_give(first);
    slots_give(second);
    assert_int_equal(turns, 2); /* at the one address, while the other was free */
    assert_true(slots_take(both, &wait, &held));
    slots_give(held);
    close(fd);
    close(listener);
}

/* The name has other addresses when its turn comes. */
static void
test_moved(void **state)
{
    struct host a, b;
    struct slots_wait wait;
    const struct addrinfo *old = host(&a, NULL, "192.0.2.1", 22);
    const struct addrinfo *new = host(&b, NULL, "192.0.2.2", 22);

    (void)state;
    struct slots *first = taken(old), *second = taken(old), *held;
    refused(old, &wait);
    slots_give(first);
    assert_int_equal(turns, 1);
    assert_true(slots_take(new, &wait, &held));
    slots_give(taken(old));
    slots_give(held);
    slots_give(second);
}

static void
test_proxy(void **state)
{
    struct request one = {.port = 22, .route = {.hostname = "a", .jump = "u@j:22,k"}},
                   two = {.port = 23, .route = {.hostname = "b", .jump = "u@j:22"}},
                   command = {.port = 22, .route = {.hostname = "a", .proxy_command = "x"}},
                   other = {.port = 23, .route = {.hostname = "a", .proxy_command = "x"}};
    struct slots_wait wait = {.ready = turn};
    struct slots *held[5], *none;

    (void)state;
    assert_true(slots_take_proxy(&one, &wait, &held[0]));
    assert_true(slots_take_proxy(&two, &wait, &held[1]));
    assert_true(slots_take_proxy(&command, &wait, &held[2]));
    assert_true(slots_take_proxy(&command, &wait, &held[3]));
    assert_true(slots_take_proxy(&other, &wait, &held[4]));
    assert_false(slots_take_proxy(&one, &wait, &none));
    assert_int_equal(errno, EBUSY);
    slots_forget(&wait);
    assert_false(slots_take_proxy(&command, &wait, &none));
    slots_forget(&wait);
    for (int i = 0; i < 5; i++)
        slots_give(held[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_no_limit, set_up),
        cmocka_unit_test_setup(test_limit, set_up),
        cmocka_unit_test_setup(test_turns, set_up),
        cmocka_unit_test_setup(test_begun, set_up),
        cmocka_unit_test_setup(test_order, set_up),
        cmocka_unit_test_setup(test_several, set_up),
        cmocka_unit_test_setup(test_moved, set_up),
        cmocka_unit_test_setup(test_proxy, set_up),
    };

    alarm(180);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
