/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Slots that many threads want at once, for names with one or two addresses that overlap.
 */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/slots.h"
#include "slots_fixture.h"
#include "util/thread.h"

enum { THREADS = 24, TIMES = 300 };

static struct host hosts[4];
static _Atomic unsigned at[2], most;

struct taker {
    struct slots_wait wait; /* first */
    sem_t turn;
    unsigned number;
    struct thread thread;
};

static void
wake(struct slots_wait *wait)
{
    sem_post(&((struct taker *)(void *)wait)->turn);
}

static void *
take_often(void *argument)
{
    struct taker *taker = argument;

    for (unsigned i = 0; i < TIMES; i++) {
        unsigned which = (taker->number + i) % 4;
        struct slots *held;
        bool give_up = (taker->number * 7 + i) % 11 == 0, good;
        while (!(good = slots_take(hosts[which].nodes, &taker->wait, &held))) {
            assert_int_equal(errno, EBUSY);
            while (sem_wait(&taker->turn) != 0)
                continue;
            if (give_up)
                break;
        }
        if (!good) {
            slots_forget(&taker->wait);
            continue;
        }
        for (unsigned place = 0; place < 2; place++) {
            if (which != 1 - place) {
                unsigned now = ++at[place];
                if (now > most)
                    most = now;
            }
        }
        if (i % 16 == 0)
            poll(NULL, 0, 1);
        for (unsigned place = 0; place < 2; place++)
            at[place] -= which != 1 - place;
        slots_give(held);
    }
    return NULL;
}

/* However many ask at once, no address has more than the limit, and nobody waits for ever. */
static void
test_threads(void **state)
{
    struct taker takers[THREADS];

    (void)state;
    for (unsigned limit = 1; limit <= 4; limit += 3) {
        slots_limit(limit);
        most = 0;
        host(&hosts[0], NULL, "192.0.2.1", 22);
        host(&hosts[1], "2001:db8::1", NULL, 22);
        host(&hosts[2], "2001:db8::1", "192.0.2.1", 22);
        host(&hosts[3], "2001:db8::1", "192.0.2.1", 22);
        for (unsigned i = 0; i < THREADS; i++) {
            takers[i] = (struct taker){.wait = {.ready = wake}, .number = i};
            sem_init(&takers[i].turn, 0, 0);
            assert_int_equal(thread_start(&takers[i].thread, 64 * 1024, take_often, &takers[i]),
                             0);
        }
        for (unsigned i = 0; i < THREADS; i++) {
            thread_join(&takers[i].thread);
            sem_destroy(&takers[i].turn);
        }
        assert_in_range(most, 1, limit);
        assert_int_equal(at[0] + at[1], 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),
    };

    alarm(180);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
