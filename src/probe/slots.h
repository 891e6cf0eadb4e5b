/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many connections are open to one address: sshd drops at random those beyond its
 * MaxStartups (sshd_config(5)), 10 by default. State of the whole process, as connections are;
 * threads may use it at the same time.
 *
 * An address is one of the network with its port; where another process connects for us, it is
 * that one's: the first jump host, or the target behind a proxy command.
 */
#ifndef SLOTS_H
#define SLOTS_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>

struct request;
struct slots; /* those that one connection holds */

/* From here on at most so many connections to one address; 0, as at the start: no limit, and
 * nothing is counted. */
void slots_limit(unsigned per_address);

/*
 * A slot at each of the addresses, or at none: which of them it will be is known when one is
 * connected, and slots_keep() then gives the others back. True with *held set (NULL where
 * there is no limit). False where one of the addresses has no slot left, with errno EBUSY, or
 * ENOMEM.
 */
bool slots_take(const struct addrinfo *addresses, struct slots **held);
bool slots_take_named(const char *name, struct slots **held);
void slots_keep(struct slots *held, const struct addrinfo *address);

/* The connection is closed. NULL is allowed. */
void slots_give(struct slots *held);

#endif
