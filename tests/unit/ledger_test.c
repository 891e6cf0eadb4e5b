/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ledger.c: many attempts at once, and never more answers refused or on their way than may be.
 */
#include <config.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ask/ledger.h"
#include "respond_fixture.h"
#include "util/signals.h"

enum { THREADS = 64, LIMIT = 3 };

static pthread_t threads[THREADS];

static void
run_all(void *(*run)(void *), void *argument)
{
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, run, argument), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
}

/* ---- by rules ---- */

static struct {
    struct respond_rules *rules;
    bool refused;
    _Atomic unsigned sent, now, most, limited, other;
} many;

static void
server_decides(void)
{
    unsigned now = ++many.now, most = many.most;
    while (now > most && !atomic_compare_exchange_weak(&many.most, &most, now)) {
    }
    usleep(2000);
    many.now--;
}

/* A login that is sent the answer, and its verdict. */
static void *
log_in(void *argument)
{
    (void)argument;
    struct failure failure = FAILURE_INIT;
    struct respond_use *use = begin_limited(many.rules, "alice", LIMIT);
    struct secret secret;
    const char *source;
    if (!secret_init(&secret)) {
        abort();
    }
    enum respond_result result =
        respond_answer(use, "Password: ", 10, FAR, &secret, &source, &failure);
    if (result == RESPOND_ANSWERED) {
        many.sent++;
        server_decides();
    } else if (failure.outcome == OUTCOME_CREDENTIAL) {
        many.limited++;
    } else {
        many.other++;
    }
    secret_free(&secret);
    respond_end(use, result == RESPOND_ANSWERED && many.refused);
    return NULL;
}

static void
log_in_everywhere(bool refused)
{
    setenv("RT_SECRET", "secret", 1);
    many.rules = rules_of(".=env:RT_SECRET", NULL);
    many.refused = refused;
    many.sent = many.now = many.most = many.limited = many.other = 0;
    run_all(log_in, NULL);
    respond_free(many.rules);
    assert_int_equal(many.other, 0);
    assert_in_range(many.most, 1, LIMIT);
}

static void
sends_a_wrong_answer_so_often(void **state)
{
    (void)state;
    log_in_everywhere(true);
    assert_int_equal(many.sent, LIMIT);
    assert_int_equal(many.limited, THREADS - LIMIT);
}

static void
sends_a_right_answer_to_all(void **state)
{
    (void)state;
    log_in_everywhere(false);
    assert_int_equal(many.sent, THREADS);
}

/* ---- the time it takes ---- */

static void *
end_soon(void *use)
{
    usleep(200000);
    respond_end(use, false);
    return NULL;
}

static void
tells_how_long_it_waited(void **state)
{
    (void)state;
    struct failure failure;
    const char *source;
    pthread_t thread;
    setenv("RT_SECRET", "secret", 1);
    struct respond_rules *rules = rules_of(".=env:RT_SECRET", NULL);
    struct respond_use *first = begin_limited(rules, "alice", 1);
    struct respond_use *second = begin_limited(rules, "alice", 1);
    assert_int_equal(ask(first, "P", &source, &failure), RESPOND_ANSWERED);
    int64_t not_at_all = respond_waited(first);
    assert_int_equal(pthread_create(&thread, NULL, end_soon, first), 0);
    assert_int_equal(ask(second, "P", &source, &failure), RESPOND_ANSWERED);
    pthread_join(thread, NULL);
    assert_true(respond_waited(second) >= DEADLINE_SECOND / 10);
    assert_true(respond_waited(second) > not_at_all);
    respond_end(second, false);
    respond_free(rules);
}

/* ---- two sources ---- */

static const char *const two[] = {"env:A", "env:B"};

static struct {
    bool refused;
    _Atomic unsigned next, late, sent[2];
} pair;

static void
use_source(struct ledger *ledger, unsigned which)
{
    switch (ledger_claim(ledger, two[which], false, -1, FAR)) {
    case LEDGER_GRANTED:
        pair.sent[which]++;
        break;
    case LEDGER_TIMEOUT:
        pair.late++;
        break;
    default:
        break;
    }
    usleep(500);
}

/* Half of them are asked in this order, half in the other. */
static void *
converse(void *argument)
{
    (void)argument;
    unsigned order = pair.next++ % 2;
    struct ledger *ledger = ledger_open("alice", LIMIT);
    if (ledger == NULL || !ledger_add(ledger, two[0]) || !ledger_add(ledger, two[1])) {
        abort();
    }
    use_source(ledger, order);
    use_source(ledger, !order);
    ledger_close(ledger, pair.refused);
    return NULL;
}

static void
does_not_lock_up_in_dialogues(void **state)
{
    (void)state;
    pair.refused = false;
    run_all(converse, NULL);
    assert_int_equal(pair.late, 0);
    assert_int_equal(pair.sent[0], THREADS);
    assert_int_equal(pair.sent[1], THREADS);
}

static void
refuses_dialogues_so_often(void **state)
{
    (void)state;
    pair.refused = true;
    pair.sent[0] = pair.sent[1] = 0;
    run_all(converse, NULL);
    assert_int_equal(pair.late, 0);
    assert_int_equal(pair.sent[0], LIMIT);
    assert_int_equal(pair.sent[1], LIMIT);
}

/* ---- one after the other ---- */

static struct ledger *
open_with(const char *user, unsigned max, const char *first, const char *second)
{
    struct ledger *ledger = ledger_open(user, max);
    assert_non_null(ledger);
    assert_true(ledger_add(ledger, first));
    assert_true(second == NULL || ledger_add(ledger, second));
    return ledger;
}

static struct deadline
soon(void)
{
    return deadline_after(DEADLINE_SECOND / 20);
}

static void
counts_what_is_on_its_way(void **state)
{
    (void)state;
    struct ledger *first = open_with("alice", 2, "env:A", NULL);
    struct ledger *second = open_with("alice", 2, "env:A", "env:B");
    struct ledger *third = open_with("alice", 2, "env:A", NULL);
    struct ledger *other = open_with("bob", 2, "env:A", NULL);
    assert_int_equal(ledger_claim(first, "env:A", false, -1, FAR), LEDGER_GRANTED);
    assert_int_equal(ledger_claim(first, "env:A", false, -1, FAR), LEDGER_GRANTED);
    assert_int_equal(ledger_claim(second, "env:B", false, -1, FAR), LEDGER_GRANTED);
    /* the second one has not used it yet, but may */
    assert_int_equal(ledger_claim(third, "env:A", false, -1, soon()), LEDGER_TIMEOUT);
    assert_int_equal(ledger_claim(other, "env:A", false, -1, FAR), LEDGER_GRANTED);
    ledger_close(second, true);
    assert_int_equal(ledger_refused(third, "env:A"), 0); /* nor was it refused */
    assert_int_equal(ledger_claim(third, "env:A", false, -1, FAR), LEDGER_GRANTED);
    ledger_close(first, true);
    assert_int_equal(ledger_refused(third, "env:A"), 1);
    assert_int_equal(ledger_claim(third, "env:A", true, -1, FAR), LEDGER_REFUSED); /* 2 */
    ledger_close(third, true);
    third = open_with("alice", 3, "env:A", NULL);
    assert_int_equal(ledger_refused(third, "env:A"), 2); /* counted once */
    ledger_close(third, false);
    ledger_close(other, false);
}

/* What is asked for again was refused: the next answer waits as that of others does. */
static void
gives_up_what_was_refused(void **state)
{
    (void)state;
    struct ledger *first = open_with("alice", 2, "env:A", "env:B");
    struct ledger *second = open_with("alice", 2, "env:A", NULL);
    assert_int_equal(ledger_claim(first, "env:A", false, -1, FAR), LEDGER_GRANTED);
    assert_int_equal(ledger_claim(second, "env:A", false, -1, FAR), LEDGER_GRANTED);
    assert_int_equal(ledger_claim(first, "env:A", true, -1, soon()), LEDGER_TIMEOUT);
    assert_int_equal(ledger_claim(second, "env:A", true, -1, FAR), LEDGER_REFUSED);
    assert_int_equal(ledger_claim(first, "env:A", false, -1, FAR), LEDGER_REFUSED);
    assert_int_equal(ledger_claim(first, "env:B", false, -1, FAR), LEDGER_GRANTED);
    ledger_close(first, false);
    ledger_close(second, false);
}

static void
notices_a_hang_up(void **state)
{
    (void)state;
    int ends[2];
    struct ledger *first = open_with("alice", 1, "env:A", NULL);
    struct ledger *second = open_with("alice", 1, "env:A", NULL);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1); /* which nobody reads: no hang-up */
    assert_int_equal(ledger_claim(first, "env:A", false, ends[0], FAR), LEDGER_GRANTED);
    assert_int_equal(ledger_claim(second, "env:A", false, ends[0], soon()), LEDGER_TIMEOUT);
    close(ends[1]);
    assert_int_equal(ledger_claim(second, "env:A", false, ends[0], FAR), LEDGER_GONE);
    ledger_close(second, true);
    ledger_close(first, false);
    first = open_with("alice", 1, "env:A", NULL);
    assert_int_equal(ledger_refused(first, "env:A"), 0); /* it never left */
    ledger_close(first, false);
    close(ends[0]);
}

static void
ends_at_a_signal(void **state)
{
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) { /* a signal is noted for good */
        struct ledger *first = ledger_open("alice", 1), *second = ledger_open("alice", 1);
        bool good = first != NULL && second != NULL && ledger_add(first, "env:A") &&
                    ledger_add(second, "env:A");
        signals_install();
        good = good && ledger_claim(first, "env:A", false, -1, FAR) == LEDGER_GRANTED;
        raise(SIGTERM);
        good = good && ledger_claim(second, "env:A", false, -1, FAR) == LEDGER_SIGNAL;
        _exit(good ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

#define TEST(test) cmocka_unit_test_setup(test, fixture_forget)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sends_a_wrong_answer_so_often),
        TEST(sends_a_right_answer_to_all),
        TEST(does_not_lock_up_in_dialogues),
        TEST(refuses_dialogues_so_often),
        TEST(counts_what_is_on_its_way),
        TEST(gives_up_what_was_refused),
        TEST(tells_how_long_it_waited),
        TEST(notices_a_hang_up),
        TEST(ends_at_a_signal),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
