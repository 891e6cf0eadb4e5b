/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who may answer now is decided where something changes, by walking those who wait in their
 * order; they themselves only look whether their turn came, and at signal, deadline and server.
 */
#include <config.h>

#include "ask/ledger.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ask/ledger_entry.h"
#include "util/signals.h"

#define STEP (DEADLINE_SECOND / 10) /* ns: threads are not woken by signals */

struct claim {
    struct ledger_entry *entry;
    bool held;
    bool sent; /* an answer left that is not decided */
};

struct ledger {
    char *user;
    unsigned max;
    struct claim *claims;
    size_t count;
    struct claim *wanted; /* while waiting: the one whose answer is to leave */
    enum ledger_result turn;
    bool waiting;
    pthread_cond_t came; /* its turn */
    struct ledger *next; /* who waits behind it */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of all that follows */
static struct ledger *queue;

/* ---- the queue, under the mutex ---- */

/* Not yet claimed, and of use: what was refused too often is not claimed by anybody. */
static bool
is_needed(const struct ledger *ledger, const struct claim *claim)
{
    return !claim->held && claim->entry->refused < ledger->max;
}

static bool
has_room(const struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++) {
        const struct claim *claim = &ledger->claims[i];
        const struct ledger_entry *entry = claim->entry;
        if (is_needed(ledger, claim) &&
            entry->refused + entry->held + entry->queued >= ledger->max) {
            return false;
        }
    }
    return true;
}

static void
hold(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++) {
        struct claim *claim = &ledger->claims[i];
        if (is_needed(ledger, claim)) {
            claim->held = true;
            claim->entry->held++;
        }
    }
}

static void
release(struct claim *claim)
{
    if (claim->held) {
        claim->held = false;
        claim->entry->held--;
    }
}

/* The server said no to what left; once for several answers. */
static void
refuse(struct claim *claim)
{
    if (claim->sent) {
        claim->sent = false;
        claim->entry->refused++;
    }
}

/* Is it decided what the one who waits may do? */
static bool
decide(struct ledger *ledger)
{
    if (ledger->wanted->entry->refused >= ledger->max) {
        ledger->turn = LEDGER_REFUSED;
        return true;
    }
    if (has_room(ledger)) {
        hold(ledger);
        ledger->turn = LEDGER_GRANTED;
        return true;
    }
    return false;
}

static void
queued_add(struct ledger *ledger, unsigned by)
{
    for (size_t i = 0; i < ledger->count; i++) {
        if (is_needed(ledger, &ledger->claims[i])) {
            ledger->claims[i].entry->queued += by;
        }
    }
}

/* After every change. */
static void
serve_queue(void)
{
    struct ledger **link = &queue, *ledger;
    while ((ledger = *link) != NULL) {
        if (decide(ledger)) {
            *link = ledger->next;
            ledger->waiting = false;
            pthread_cond_signal(&ledger->came);
        } else {
            queued_add(ledger, 1);
            link = &ledger->next;
        }
    }
    for (ledger = queue; ledger != NULL; ledger = ledger->next) {
        queued_add(ledger, -1U);
    }
}

static bool
holds_any(const struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++) {
        if (ledger->claims[i].held) {
            return true;
        }
    }
    return false;
}

/* At the end, or at the front: see the header. */
static void
queue_up(struct ledger *ledger)
{
    struct ledger **link = &queue;
    while (*link != NULL && !holds_any(ledger)) {
        link = &(*link)->next;
    }
    ledger->next = *link;
    *link = ledger;
    ledger->waiting = true;
}

static void
queue_leave(struct ledger *ledger)
{
    struct ledger **link = &queue;
    while (*link != ledger) {
        link = &(*link)->next;
    }
    *link = ledger->next;
    ledger->waiting = false;
}

/* ---- waiting ---- */

static bool
hung_up(int server_fd)
{
    /* not IN: data that nobody reads now is no reason */
    struct pollfd wait = {.fd = server_fd, .events = POLLRDHUP};
    return server_fd >= 0 && poll(&wait, 1, 0) > 0;
}

/* One step, at most; the mutex is free meanwhile. */
static void
sleep_for_turn(struct ledger *ledger, struct deadline deadline)
{
    struct deadline until = deadline_earlier(deadline_after(STEP), deadline);
    struct timespec at = {.tv_sec = (time_t)(until.at / DEADLINE_SECOND),
                          .tv_nsec = (long)(until.at % DEADLINE_SECOND)};
    pthread_cond_timedwait(&ledger->came, &mutex, &at);
}

static enum ledger_result
wait_for_turn(struct ledger *ledger, int server_fd, struct deadline deadline)
{
    while (ledger->waiting) {
        enum ledger_result end = signals_check() != 0        ? LEDGER_SIGNAL
                                 : hung_up(server_fd)        ? LEDGER_GONE
                                 : deadline_passed(deadline) ? LEDGER_TIMEOUT
                                                             : LEDGER_GRANTED;
        if (end != LEDGER_GRANTED) {
            queue_leave(ledger);
            serve_queue(); /* others may have waited for this one to be served */
            return end;
        }
        sleep_for_turn(ledger, deadline);
    }
    return ledger->turn;
}

/* ---- the door ---- */

struct ledger *
ledger_open(const char *user, unsigned max)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    pthread_condattr_t attributes;

    if (ledger == NULL) {
        return NULL;
    }
    ledger->max = max;
    ledger->user = strdup(user);
    if (ledger->user == NULL) {
        free(ledger);
        return NULL;
    }
    /* none of these can fail on Linux */
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&ledger->came, &attributes);
    pthread_condattr_destroy(&attributes);
    return ledger;
}

/* NULL: it was not added. */
static struct claim *
claim_find(const struct ledger *ledger, const char *source)
{
    uint64_t hash = ledger_entry_hash(source, ledger->user);
    for (size_t i = 0; i < ledger->count; i++) {
        if (ledger_entry_is(ledger->claims[i].entry, hash, source, ledger->user)) {
            return &ledger->claims[i];
        }
    }
    return NULL;
}

bool
ledger_add(struct ledger *ledger, const char *source)
{
    if (claim_find(ledger, source) != NULL) {
        return true;
    }
    struct claim *more = reallocarray(ledger->claims, ledger->count + 1, sizeof *more);
    if (more == NULL) {
        return false;
    }
    ledger->claims = more;
    pthread_mutex_lock(&mutex);
    struct ledger_entry *entry = ledger_entry_use(source, ledger->user);
    pthread_mutex_unlock(&mutex);
    if (entry == NULL) {
        return false;
    }
    more[ledger->count++] = (struct claim){.entry = entry};
    return true;
}

enum ledger_result
ledger_claim(struct ledger *ledger, const char *source, bool again, int server_fd,
             struct deadline deadline)
{
    struct claim *claim = claim_find(ledger, source);
    enum ledger_result result = LEDGER_GRANTED;

    pthread_mutex_lock(&mutex);
    if (again) {
        refuse(claim);
        release(claim);
        serve_queue();
    }
    if (claim->entry->refused >= ledger->max) {
        result = LEDGER_REFUSED;
    } else if (!claim->held) {
        ledger->wanted = claim;
        queue_up(ledger);
        serve_queue();
        result = wait_for_turn(ledger, server_fd, deadline);
    }
    claim->sent = claim->sent || result == LEDGER_GRANTED;
    pthread_mutex_unlock(&mutex);
    return result;
}

unsigned
ledger_refused(const struct ledger *ledger, const char *source)
{
    pthread_mutex_lock(&mutex);
    unsigned refused = claim_find(ledger, source)->entry->refused;
    pthread_mutex_unlock(&mutex);
    return refused;
}

void
ledger_close(struct ledger *ledger, bool refused)
{
    if (ledger == NULL) {
        return;
    }
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < ledger->count; i++) {
        if (refused) {
            refuse(&ledger->claims[i]);
        }
        release(&ledger->claims[i]);
        ledger_entry_drop(ledger->claims[i].entry);
    }
    serve_queue();
    pthread_mutex_unlock(&mutex);
    pthread_cond_destroy(&ledger->came);
    free(ledger->claims);
    free(ledger->user);
    free(ledger);
}

void
ledger_forget_all(void)
{
    pthread_mutex_lock(&mutex);
    ledger_entry_forget_all();
    pthread_mutex_unlock(&mutex);
}
