/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many connections are open to one address: sshd drops at random those beyond its
 * MaxStartups (sshd_config(5)), 10 by default. State of the whole process, as connections are;
 * threads may use it at the same time.
 *
 * An address is one of the network with its port; where another process connects for us, it is
 * that one's: the first jump host, or the target behind a proxy command.
 *
 * Nobody waits in here: who finds no slot is put into a queue, and told when it is his turn. He
 * then has the slot that he asked for, so that nobody takes it from him meanwhile, and takes
 * again to get the others.
 */
#ifndef SLOTS_H
#define SLOTS_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>

#include "probe/request.h"

struct slots; /* those that one connection holds */

/* One who waits, zeroed by its owner but for the first fields; must not be moved. */
struct slots_wait {
    /* It is its turn: take again, or forget. Called once for each refusal, by the thread that
     * gave the slot, with the lock of all slots held: no function of this file is to be called.
     * It may come before slots_take() has returned. */
    void (*ready)(struct slots_wait *wait);
    /* It has been connected before, and wants more: it goes before those who have not, so that
     * what was begun is ended. Not to be changed while it waits. */
    bool begun;
    /* Of those alike in that the smaller goes first, and of equal ones who came first; likewise
     * not to be changed. */
    unsigned long order;
    struct slots *got;       /* the rest is slots.c's: those that it has so far */
    struct slots_wait *next; /* in the queue for the next one */
    bool queued;
};

/* From here on at most so many connections to one address; 0, as at the start: no limit, and
 * nothing is counted. Not to be changed while there are connections. */
void slots_limit(unsigned per_address);

/*
 * A slot at each of the addresses: which of them it will be is known when one is connected, and
 * slots_keep() then gives the others back. True with *held set (NULL where there is no limit).
 * False with *held NULL and errno EBUSY where one of the addresses has no slot left: `wait` is
 * then in the queue, and has the slots at other addresses that it got so far; or with ENOMEM.
 */
bool slots_take(const struct addrinfo *addresses, struct slots_wait *wait, struct slots **held);

/* The same for a request that leads through a proxy, see above. */
bool slots_take_proxy(const struct request *request, struct slots_wait *wait,
                      struct slots **held);

/* Of all addresses the one that `fd` is connected to. */
void slots_keep(struct slots *held, int fd);

/* The connection is closed. NULL is allowed. */
void slots_give(struct slots *held);

/* It waits no longer, and gives back what it got meanwhile; harmless where it did not wait. */
void slots_forget(struct slots_wait *wait);

#endif
