/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How often the answers of a source were refused for a user, and how many are on their way to a
 * server that has not said yet. State of the whole process, as accounts lock whichever server
 * was asked; threads may use it at the same time. ask/respond_use.c is who does.
 *
 * An answer on its way counts as one that will be refused: an attempt whose answer could be one
 * too many waits until others are decided. Refused and on its way are together never more than
 * the limit, whatever the order in which servers answer.
 *
 * Attempts do not wait for each other for ever:
 * - An attempt claims all that it may use before its first answer, all of it or nothing, and
 *   waits holding nothing. So those that hold something do not wait, and are decided some day.
 * - The exception is a prompt that comes again: its last answer is decided, and the next one
 *   needs a new claim while the attempt still holds those of its other sources. Such an attempt
 *   is served before all others, for they may wait for what it holds. Two that hold what the
 *   other one lost do wait for each other, until the deadline of one.
 * - Those who hold nothing are served in the order in which they came: who needs much is not
 *   passed for ever by those who need little.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>

#include "util/deadline.h"

struct ledger; /* one attempt's account */

enum ledger_result {
    LEDGER_GRANTED,
    LEDGER_REFUSED, /* too often: the limit is reached */
    LEDGER_SIGNAL,  /* the wait for others ended by a signal of util/signals.h */
    LEDGER_TIMEOUT, /* by the deadline */
    LEDGER_GONE     /* the server hung up meanwhile */
};

/* An attempt of the user's, of whose sources each may be refused `max` times, at least once.
 * NULL: memory is short. */
struct ledger *ledger_open(const char *user, unsigned max);

/* The attempt may use this source, "env:PW"; not copied, and again is of no effect. Before the
 * first ledger_claim() for those that it is to claim at once. False: memory is short. */
bool ledger_add(struct ledger *ledger, const char *source);

/*
 * An answer of the source, which was added, is about to leave. `again`: its last one is known
 * to be refused. Waits for other attempts; not for what this one has claimed itself.
 * `server_fd` is watched for a hang-up, -1: none.
 */
enum ledger_result ledger_claim(struct ledger *ledger, const char *source, bool again,
                                int server_fd, struct deadline deadline);

/* How often answers of the source, which was added, were refused for the user. */
unsigned ledger_refused(const struct ledger *ledger, const char *source);

/* The attempt is over; `refused`: so are its sources of which an answer left, each once. NULL
 * is allowed. */
void ledger_close(struct ledger *ledger, bool refused);

/* Forgets what was refused, when no attempt is open: for tests, of which each begins anew. In
 * the program it stays until the end, and is bounded by the users and sources that were
 * refused. */
void ledger_forget_all(void);

#endif
