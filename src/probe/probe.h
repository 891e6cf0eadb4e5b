/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One request and one chain in, one verdict out: the whole of a connection.
 */
#ifndef PROBE_H
#define PROBE_H

#include "probe/slots.h"
#include "probe/verdict.h"
#include "ssh2/packet.h"

/* Readies libssh2, once and before any thread; false, with the reason, where that fails. */
bool probe_setup(struct failure *failure);

/* Undoes it; harmless where it was not done. */
void probe_teardown(void);

/*
 * Connects, checks the host key, tries the methods of the chain in turn, each once, and
 * disconnects. *verdict is overwritten and to be freed by verdict_free(). `observer` is told of
 * each userauth message as it passes; it may be NULL. probe_setup() must have been called.
 * False where no slot was left for the address: no connection was made, there is no verdict,
 * and `wait` is told of its turn.
 */
bool probe_run(const struct request *request, const struct chain *chain,
               packet_observer *observer, void *observer_context, struct slots_wait *wait,
               struct verdict *verdict);

#endif
