/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lookups of the host and of the address to connect from, with a resolver that answers,
 * refuses, or hangs until the test lets it go on. Numeric addresses are the C library's.
 */
#include <config.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>

#include "probe/resolve.h"
#include "util/signals.h"
#include "util/worker.h"
#include "descriptors.h"

#define LIMIT (20 * DEADLINE_SECOND)
#define SOON  (LIMIT / 4)

/* ---- the resolver ---- */

static sem_t gate; /* "hang" waits for it */
static atomic_int asked;

int __real_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **result);
int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **result);

/* What it says of these names; 0: it hangs, and then has 127.0.0.1. */
static const struct {
    const char *name;
    int error, system_error;
} names[] = {
    {"hang", 0, 0},
    {"none", EAI_NONAME, 0},
    {"again", EAI_AGAIN, 0},
    {"no-memory", EAI_MEMORY, 0},
    {"no-memory-either", EAI_SYSTEM, ENOMEM},
    {"no-descriptors", EAI_SYSTEM, EMFILE},
    {"no-permission", EAI_SYSTEM, EACCES},
    {"odd\033[2J", EAI_FAIL, 0},
};

int
__wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                   struct addrinfo **result)
{
    atomic_fetch_add(&asked, 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i].name) != 0)
            continue;
        errno = names[i].system_error;
        if (names[i].error)
            return names[i].error;
        while (sem_wait(&gate) != 0)
            ;
        name = "127.0.0.1";
    }
    return __real_getaddrinfo(name, service, hints, result);
}

/* ---- threads that ask it ---- */

static unsigned threads;

struct worker *__real_worker_start(void (*run)(void *), void (*drop)(void *), void *job);
struct worker *__wrap_worker_start(void (*run)(void *), void (*drop)(void *), void *job);

struct worker *
__wrap_worker_start(void (*run)(void *), void (*drop)(void *), void *job)
{
    threads++;
    return __real_worker_start(run, drop, job);
}

/* ---- looking up ---- */

static struct {
    enum outcome outcome;
    struct addrinfo *addresses, *local;
    struct failure failure;
    int64_t took;
} result;

/* Until the threads that were left to themselves have ended. */
static void
let_go(void)
{
    const struct timespec moment = {.tv_nsec = 1000000};

    for (int i = 0; worker_any_abandoned() && i < 20000; i++) {
        int value = 0;
        sem_getvalue(&gate, &value);
        if (value == 0)
            sem_post(&gate);
        nanosleep(&moment, NULL);
    }
    assert_false(worker_any_abandoned());
    while (sem_trywait(&gate) == 0)
        ;
}

static void
look_up(const char *host, const char *local, int family, int64_t limit)
{
    const struct request request = {
        .host = "typed",
        .port = 2222,
        .route = {.hostname = host, .bind = local, .family = family},
    };
    unsigned before = open_descriptors();
    int64_t begin = clock_now();

    memset(&result, 0, sizeof result);
    atomic_store(&asked, 0);
    threads = 0;
    result.outcome = resolve_host(&request, deadline_after(limit), &result.addresses,
                                  &result.local, &result.failure);
    result.took = clock_now() - begin;
    let_go();
    assert_int_equal(open_descriptors(), before);
    if (result.outcome == OUTCOME_SUCCESS) {
        assert_non_null(result.addresses);
        assert_false(failure_is_set(&result.failure));
    } else {
        assert_null(result.addresses);
        assert_null(result.local);
        assert_int_equal(result.failure.outcome, result.outcome);
    }
}

static void
forget(void)
{
    if (result.addresses)
        freeaddrinfo(result.addresses);
    if (result.local)
        freeaddrinfo(result.local);
}

static void
ended(enum outcome outcome, const char *message)
{
    assert_string_equal(result.failure.message, message);
    assert_int_equal(result.outcome, outcome);
}

static const char *
numeric(const struct addrinfo *address)
{
    static char text[64];

    assert_int_equal(getnameinfo(address->ai_addr, address->ai_addrlen, text, sizeof text, NULL,
                                 0, NI_NUMERICHOST),
                     0);
    return text;
}

static unsigned
port_of(const struct addrinfo *address)
{
    /* at the same place in both families */
    return ntohs(((const struct sockaddr_in *)(const void *)address->ai_addr)->sin_port);
}

/* ---- the tests ---- */

static void
test_numeric(void **state)
{
    (void)state;
    look_up("127.0.0.1", NULL, AF_UNSPEC, LIMIT);
    assert_int_equal(result.outcome, OUTCOME_SUCCESS);
    assert_string_equal(numeric(result.addresses), "127.0.0.1");
    assert_int_equal(port_of(result.addresses), 2222);
    assert_int_equal(result.addresses->ai_socktype, SOCK_STREAM);
    assert_null(result.addresses->ai_next);
    assert_null(result.local);
    assert_int_equal(threads, 0);
    forget();
    look_up("::1", NULL, AF_UNSPEC, LIMIT);
    assert_string_equal(numeric(result.addresses), "::1");
    assert_int_equal(port_of(result.addresses), 2222);
    assert_int_equal(threads, 0);
    forget();
    look_up("fe80::1%1", NULL, AF_UNSPEC, LIMIT);
    assert_int_equal(
        ((const struct sockaddr_in6 *)(const void *)result.addresses->ai_addr)->sin6_scope_id,
        1);
    forget();
}

static void
test_family(void **state)
{
    (void)state;
    look_up("127.0.0.1", NULL, AF_INET6, LIMIT);
    ended(OUTCOME_UNREACHABLE, "127.0.0.1: Address family for hostname not supported");
    look_up("::1", NULL, AF_INET, LIMIT);
    ended(OUTCOME_UNREACHABLE, "::1: Address family for hostname not supported");
    look_up("::1", NULL, AF_INET6, LIMIT);
    assert_int_equal(result.outcome, OUTCOME_SUCCESS);
    forget();
}

static void
test_refused(void **state)
{
    static const struct {
        const char *name;
        enum outcome outcome;
        const char *message;
    } rows[] = {
        {"none", OUTCOME_UNREACHABLE, "none: Name or service not known"},
        {"again", OUTCOME_UNREACHABLE, "again: Temporary failure in name resolution"},
        {"odd\033[2J", OUTCOME_UNREACHABLE,
         "odd\\x1B[2J: Non-recoverable failure in name resolution"},
        {"no-permission", OUTCOME_UNREACHABLE, "no-permission: Permission denied"},
        {"no-memory", OUTCOME_INTERNAL, "no-memory: out of memory"},
        {"no-memory-either", OUTCOME_INTERNAL, "no-memory-either: out of memory"},
        {"no-descriptors", OUTCOME_INTERNAL, "no-descriptors: Too many open files"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        look_up(rows[i].name, NULL, AF_UNSPEC, LIMIT);
        ended(rows[i].outcome, rows[i].message);
        assert_int_equal(threads, 1);
        assert_in_range(result.took, 0, SOON);
    }
}

static void
test_local(void **state)
{
    (void)state;
    look_up("127.0.0.1", "127.0.0.2", AF_UNSPEC, LIMIT);
    assert_int_equal(result.outcome, OUTCOME_SUCCESS);
    assert_string_equal(numeric(result.addresses), "127.0.0.1");
    assert_string_equal(numeric(result.local), "127.0.0.2");
    assert_int_equal(port_of(result.local), 0);
    assert_int_equal(threads, 0);
    forget();
}

/* The host is not asked for: nothing is sent where an option is wrong. */
static void
test_local_refused(void **state)
{
    static const struct {
        const char *name;
        int family;
        enum outcome outcome;
        const char *message;
    } rows[] = {
        {"none", AF_UNSPEC, OUTCOME_USAGE, "local address none: Name or service not known"},
        {"odd\033[2J", AF_UNSPEC, OUTCOME_USAGE,
         "local address odd\\x1B[2J: Non-recoverable failure in name resolution"},
        {"127.0.0.1", AF_INET6, OUTCOME_USAGE,
         "local address 127.0.0.1: Address family for hostname not supported"},
        {"no-memory", AF_UNSPEC, OUTCOME_INTERNAL, "local address no-memory: out of memory"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        look_up("hang", rows[i].name, rows[i].family, LIMIT);
        ended(rows[i].outcome, rows[i].message);
        assert_int_equal(atomic_load(&asked), 1);
    }
}

/* An address for documentation, which no machine has. */
static void
test_local_of_another(void **state)
{
    (void)state;
    look_up("127.0.0.1", "198.51.100.77", AF_UNSPEC, LIMIT);
    ended(OUTCOME_USAGE, "local address 198.51.100.77: Cannot assign requested address");
    look_up("none", "198.51.100.77", AF_UNSPEC, LIMIT); /* what is wrong here comes first */
    ended(OUTCOME_USAGE, "local address 198.51.100.77: Cannot assign requested address");
}

static void
test_hang(void **state)
{
    (void)state;
    look_up("hang", NULL, AF_UNSPEC, DEADLINE_SECOND / 5);
    ended(OUTCOME_TIMEOUT, "hang: no answer from the resolver within the limit");
    assert_in_range(result.took, DEADLINE_SECOND / 5, SOON);
    look_up("hang", "127.0.0.1", AF_UNSPEC, DEADLINE_SECOND / 5);
    ended(OUTCOME_TIMEOUT, "hang: no answer from the resolver within the limit");
    look_up("127.0.0.1", "hang", AF_UNSPEC, DEADLINE_SECOND / 5);
    ended(OUTCOME_TIMEOUT, "local address hang: no answer from the resolver within the limit");
    look_up("hang", NULL, AF_UNSPEC, -DEADLINE_SECOND); /* has passed */
    ended(OUTCOME_TIMEOUT, "hang: no answer from the resolver within the limit");
}

static void *
post_late(void *argument)
{
    const struct timespec late = {.tv_nsec = 300 * 1000000L};

    (void)argument;
    nanosleep(&late, NULL);
    sem_post(&gate);
    return NULL;
}

static void
test_slow(void **state)
{
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, post_late, NULL), 0);
    look_up("hang", NULL, AF_UNSPEC, LIMIT);
    pthread_join(thread, NULL);
    assert_int_equal(result.outcome, OUTCOME_SUCCESS);
    assert_string_equal(numeric(result.addresses), "127.0.0.1");
    assert_in_range(result.took, 0, SOON);
    forget();
}

static void *
interrupt(void *argument)
{
    const struct timespec later = {.tv_nsec = 300 * 1000000L};

    nanosleep(&later, NULL);
    pthread_kill(*(pthread_t *)argument, SIGTERM);
    return NULL;
}

/* The last one: a signal that was caught stays so. */
static void
test_signal(void **state)
{
    pthread_t self = pthread_self(), thread;

    (void)state;
    signals_install();
    assert_int_equal(pthread_create(&thread, NULL, interrupt, &self), 0);
    look_up("hang", NULL, AF_UNSPEC, LIMIT);
    pthread_join(thread, NULL);
    ended(OUTCOME_INTERRUPTED, "hang: interrupted by a signal");
    assert_in_range(result.took, 0, SOON);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numeric),       cmocka_unit_test(test_family),
        cmocka_unit_test(test_refused),       cmocka_unit_test(test_local),
        cmocka_unit_test(test_local_refused), cmocka_unit_test(test_local_of_another),
        cmocka_unit_test(test_hang),          cmocka_unit_test(test_slow),
        cmocka_unit_test(test_signal),
    };

    sem_init(&gate, 0, 0);
    return cmocka_run_group_tests_name("resolve", tests, NULL, NULL);
}
