/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table of the addresses that somebody is connected to or waits for. Slots at several
 * addresses are taken in the order of the table's keys, and kept while waiting for the next
 * one: whoever waits for one waits for a connection that has all of its own, so nobody waits
 * for ever. Those that were begun are few, and end: they may go first.
 */
#include <config.h>

#include "probe/slots.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BUCKETS = 1024 };

/* The struct of which `field` is at `address`. */
#define CONTAINER(address, type, field)                                                        \
    ((type *)(void *)((char *)(address)-offsetof(type, field)))

/* The bytes that tell addresses apart. */
struct key {
    const void *bytes;
    size_t len;
};

struct cell {
    struct cell *next; /* in its bucket */
    size_t held, users;
    struct slots_wait *first, **end; /* the queue: none but where all slots are held */
    size_t len;
    unsigned char bytes[];
};

struct slots {
    size_t count, taken; /* the first `taken` of the cells */
    struct cell *cells[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all that follows */
static struct cell *buckets[BUCKETS];
static size_t limit;

/* ---- cells: with the lock held ---- */

static int
compare(const struct cell *cell, struct key key)
{
    if (cell->len != key.len)
        return cell->len < key.len ? -1 : 1;
    return memcmp(cell->bytes, key.bytes, key.len);
}

/* FNV-1a. Who could choose addresses so that they collide gains nothing but some time. */
static struct cell **
bucket(const unsigned char *bytes, size_t len)
{
    uint32_t hash = 2166136261U;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * 16777619U;
    return &buckets[hash % BUCKETS];
}

static struct cell *
cell_use(struct key key)
{
    struct cell **place = bucket(key.bytes, key.len), *cell = *place;

    while (cell && compare(cell, key) != 0)
        cell = cell->next;
    if (!cell) {
        cell = calloc(1, sizeof *cell + key.len);
        if (!cell)
            return NULL;
        cell->len = key.len;
        memcpy(cell->bytes, key.bytes, key.len);
        cell->end = &cell->first;
        cell->next = *place;
        *place = cell;
    }
    cell->users++;
    return cell;
}

static void
cell_drop(struct cell *cell)
{
    struct cell **place = bucket(cell->bytes, cell->len);

    if (--cell->users > 0)
        return;
    while (*place != cell)
        place = &(*place)->next;
    *place = cell->next;
    free(cell);
}

static bool
goes_before(const struct slots_wait *a, const struct slots_wait *b)
{
    return a->begun != b->begun ? a->begun : a->order < b->order;
}

static void
queue_add(struct cell *cell, struct slots_wait *wait)
{
    struct slots_wait **place = &cell->first;

    /* mostly they come in order: then nobody is looked at but the last one */
    if (*place && !goes_before(wait, CONTAINER(cell->end, struct slots_wait, next)))
        place = cell->end;
    while (*place && !goes_before(wait, *place))
        place = &(*place)->next;
    wait->next = *place;
    wait->queued = true;
    *place = wait;
    if (!wait->next)
        cell->end = &wait->next;
}

static void
queue_remove(struct cell *cell, struct slots_wait *wait)
{
    struct slots_wait **place = &cell->first;

    while (*place != wait)
        place = &(*place)->next;
    *place = wait->next;
    if (!*place)
        cell->end = place;
    wait->queued = false;
}

/* A slot comes back: to the one who has waited longest. */
static void
cell_give(struct cell *cell)
{
    struct slots_wait *wait = cell->first;

    if (!wait) {
        cell->held--;
        return;
    }
    queue_remove(cell, wait);
    wait->got->taken++; /* of which this cell was the next one */
    wait->ready(wait);
}

/* ---- several: with the lock held ---- */

static struct slots *
slots_new(const struct key *keys, size_t count)
{
    struct slots *slots = calloc(1, sizeof *slots + count * sizeof *slots->cells);

    for (size_t i = 0; slots && i < count; i++) {
        size_t place = 0;
        while (place < slots->count && compare(slots->cells[place], keys[i]) < 0)
            place++;
        if (place < slots->count && compare(slots->cells[place], keys[i]) == 0)
            continue; /* resolvers give some addresses twice */
        struct cell *cell = cell_use(keys[i]);
        if (!cell) {
            while (slots->count > 0)
                cell_drop(slots->cells[--slots->count]);
            free(slots);
            return NULL;
        }
        memmove(&slots->cells[place + 1], &slots->cells[place],
                (slots->count - place) * sizeof *slots->cells);
        slots->cells[place] = cell;
        slots->count++;
    }
    return slots;
}

static void
slots_end(struct slots *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        if (i < slots->taken)
            cell_give(slots->cells[i]);
        cell_drop(slots->cells[i]);
    }
    free(slots);
}

static bool
same_cells(const struct slots *a, const struct slots *b)
{
    return a->count == b->count && memcmp(a->cells, b->cells, a->count * sizeof *a->cells) == 0;
}

static void
wait_end(struct slots_wait *wait)
{
    struct slots *got = wait->got;

    if (!got)
        return;
    if (wait->queued)
        queue_remove(got->cells[got->taken], wait);
    wait->got = NULL;
    slots_end(got);
}

/* What it got while it waited counts, unless its name has other addresses by now. */
static struct slots *
go_on(struct slots *wanted, struct slots_wait *wait)
{
    struct slots *got = wait->got;

    if (!got || wait->queued || !same_cells(got, wanted)) {
        wait_end(wait);
        return wanted;
    }
    slots_end(wanted); /* nothing of it was taken */
    wait->got = NULL;
    return got;
}

static bool
take(const struct key *keys, size_t count, struct slots_wait *wait, struct slots **held)
{
    struct slots *slots = slots_new(keys, count);

    if (!slots) {
        errno = ENOMEM;
        return false;
    }
    slots = go_on(slots, wait);
    while (slots->taken < slots->count && slots->cells[slots->taken]->held < limit)
        slots->cells[slots->taken++]->held++;
    if (slots->taken == slots->count) {
        *held = slots;
        return true;
    }
    wait->got = slots;
    queue_add(slots->cells[slots->taken], wait);
    errno = EBUSY;
    return false;
}

/* ---- for everybody ---- */

/* The flow label and padding are not part of an address. */
struct address {
    uint16_t family, port;
    uint32_t scope;
    unsigned char bytes[16];
};

static struct address
plain(const struct sockaddr *from)
{
    struct address address = {.family = from->sa_family};
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;

    if (from->sa_family == AF_INET6) {
        memcpy(&ipv6, from, sizeof ipv6);
        address.port = ipv6.sin6_port;
        address.scope = ipv6.sin6_scope_id;
        memcpy(address.bytes, &ipv6.sin6_addr, sizeof ipv6.sin6_addr);
    } else if (from->sa_family == AF_INET) {
        memcpy(&ipv4, from, sizeof ipv4);
        address.port = ipv4.sin_port;
        memcpy(address.bytes, &ipv4.sin_addr, sizeof ipv4.sin_addr);
    }
    return address;
}

void
slots_limit(unsigned per_address)
{
    pthread_mutex_lock(&lock);
    limit = per_address;
    pthread_mutex_unlock(&lock);
}

static bool
take_locked(const struct key *keys, size_t count, struct slots_wait *wait, struct slots **held)
{
    bool good = true;

    *held = NULL;
    pthread_mutex_lock(&lock);
    if (limit > 0)
        good = take(keys, count, wait, held);
    pthread_mutex_unlock(&lock);
    return good;
}

bool
slots_take(const struct addrinfo *addresses, struct slots_wait *wait, struct slots **held)
{
    size_t count = 0;

    for (const struct addrinfo *each = addresses; each; each = each->ai_next)
        count++;
    struct address *plains = calloc(count + 1, sizeof *plains);
    struct key *keys = calloc(count + 1, sizeof *keys);
    bool good = plains && keys;
    if (good) {
        for (size_t i = 0; i < count; i++, addresses = addresses->ai_next) {
            plains[i] = plain(addresses->ai_addr);
            keys[i] = (struct key){&plains[i], sizeof plains[i]};
        }
        good = take_locked(keys, count, wait, held);
    } else {
        *held = NULL;
        errno = ENOMEM;
    }
    int error = errno;
    free(plains);
    free(keys);
    errno = error;
    return good;
}

bool
slots_take_proxy(const struct request *request, struct slots_wait *wait, struct slots **held)
{
    const char *jump = request->route.jump;
    char *name = NULL;

    /* with its NUL at the end, and none in the middle, it is equal to no address */
    int len = jump ? asprintf(&name, "%.*s", (int)strcspn(jump, ","), jump)
                   : asprintf(&name, "%s:%u", request->route.hostname, request->port);
    *held = NULL;
    if (len < 0) {
        errno = ENOMEM;
        return false;
    }
    const struct key key = {name, (size_t)len + 1};
    bool good = take_locked(&key, 1, wait, held);
    int error = errno;
    free(name);
    errno = error;
    return good;
}

void
slots_keep(struct slots *held, int fd)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;

    if (!held || getpeername(fd, (struct sockaddr *)&peer, &len) != 0)
        return;
    const struct address wanted = plain((struct sockaddr *)&peer);
    const struct key key = {&wanted, sizeof wanted};
    size_t kept = 0;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < held->count; i++) {
        if (compare(held->cells[i], key) == 0) {
            held->cells[kept++] = held->cells[i];
        } else {
            cell_give(held->cells[i]);
            cell_drop(held->cells[i]);
        }
    }
    held->count = held->taken = kept;
    pthread_mutex_unlock(&lock);
}

void
slots_give(struct slots *held)
{
    if (!held)
        return;
    pthread_mutex_lock(&lock);
    slots_end(held);
    pthread_mutex_unlock(&lock);
}

void
slots_forget(struct slots_wait *wait)
{
    pthread_mutex_lock(&lock);
    wait_end(wait);
    pthread_mutex_unlock(&lock);
}
