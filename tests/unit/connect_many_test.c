/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Connecting to more addresses than can be shown, tried at once, or given a descriptor.
 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "connect_fixture.h"
#include "descriptors.h"

static void
test_many_refused(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;
    char text[32];

    (void)state;
    bound("127.0.0.1", &port);
    for (int i = 0; i < 300; i++) {
        snprintf(text, sizeof text, "127.0.%d.%d", i / 100, 1 + i % 100);
        add(&list, text, port);
    }
    connect_run(&list, LIMIT);
    assert_int_equal(result.outcome, OUTCOME_UNREACHABLE);
    assert_non_null(strstr(result.failure.message, "127.0.0.8 port "));
    assert_null(strstr(result.failure.message, "127.0.0.9 port "));
    assert_non_null(strstr(result.failure.message, "Connection refused; and 292 more"));
    assert_null(strstr(result.failure.message, "without an answer"));
}

/* Sixteen at once; one more takes the place of the oldest. */
static void
test_many_dead(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;
    char text[32];
    int next;

    (void)state;
    live("127.0.0.1", &port);
    for (int i = 2; i < 20; i++) {
        snprintf(text, sizeof text, "127.0.0.%d", i);
        dead(text, &port);
        add(&list, text, port);
    }
    next = next_descriptor();
    connect_run(&list, DEADLINE_SECOND);
    assert_int_equal(result.outcome, OUTCOME_TIMEOUT);
    assert_non_null(strstr(result.failure.message,
                           ": not tried; and 10 more, 10 of them without an answer"));
    add(&list, "127.0.0.1", port);
    connect_run(&list, LIMIT);
    connected_to("127.0.0.1");
    assert_int_equal(result.sockets_made, 19);
    assert_int_equal(result.highest_fd, next + 15);
    assert_in_range(result.took, 18 * CONNECT_ATTEMPT_DELAY, LIMIT / 2);
}

/* As many descriptors as are left. */
static struct rlimit
leave(rlim_t count)
{
    struct rlimit before, now;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    now = before;
    now.rlim_cur = (rlim_t)next_descriptor() + count;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
    return before;
}

/* Without the look at /proc, which takes a descriptor itself. */
static void
run_with(rlim_t count, const struct list *list, int64_t limit)
{
    struct rlimit before = leave(count);
    int64_t begin = clock_now();

    memset(&result, 0, sizeof result);
    result.outcome = connect_any(list->nodes, NULL, deadline_after(limit), &result.fd,
                                 result.address, sizeof result.address, &result.failure);
    result.took = clock_now() - begin;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    print_message("# %s %s%s\n", outcome_word(result.outcome), result.address,
                  result.failure.message);
}

static void
test_no_descriptors(void **state)
{
    struct list list = {.count = 0};
    uint16_t port = 0;
    unsigned before = open_descriptors();

    (void)state;
    live("127.0.0.1", &port);
    dead("127.0.0.2", &port);
    add(&list, "127.0.0.3", port);
    add(&list, "127.0.0.1", port);
    before = open_descriptors();
    run_with(0, &list, LIMIT);
    assert_int_equal(result.outcome, OUTCOME_INTERNAL);
    assert_non_null(strstr(result.failure.message, strerror(EMFILE)));
    run_with(1, &list, LIMIT); /* the refused one gives it back */
    connected_to("127.0.0.1");
    list.count = 0;
    add(&list, "127.0.0.2", port);
    add(&list, "127.0.0.1", port);
    run_with(1, &list, DEADLINE_SECOND);
    ended(OUTCOME_TIMEOUT, "127.0.0.2 port %u: no answer; 127.0.0.1 port %u: not tried: %s",
          port, port, strerror(EMFILE));
    assert_in_range(result.sockets_made, 2, 5); /* it was tried again, and not in a hurry */
    assert_int_equal(open_descriptors(), before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_many_refused, teardown),
        cmocka_unit_test_teardown(test_many_dead, teardown),
        cmocka_unit_test_teardown(test_no_descriptors, teardown),
    };

    return cmocka_run_group_tests_name("connect_many", tests, NULL, NULL);
}
