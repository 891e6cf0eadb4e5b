/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What came of one target: the verdicts on its chains, in the order of the command line.
 */
#ifndef RESULT_H
#define RESULT_H

#include <time.h>

#include "probe/verdict.h"
#include "ssh2/packet.h"

struct result {
    const struct request *request;
    struct verdict *verdicts;
    size_t count;
    size_t deciding; /* index of the verdict that the exit status is of: the first that is not
                        0, else the first */
    int exit_status;
    bool met;    /* by every chain */
    time_t time; /* when its first chain began, of the system's clock */
};

/* Who wants to know while it happens; each may be NULL. */
struct result_watch {
    void (*begin)(void *context); /* a connection is about to be made */
    packet_observer *observer;
    void (*end)(void *context, const struct verdict *verdict);
    void *context;
};

/*
 * Runs the chains on the target, one after the other, until a signal is caught: those behind it
 * are not in the result. *result (any content before) is to be freed by result_free(), in any
 * case; false where memory is short, and nothing was run. probe_setup() must have been called.
 */
bool result_run(struct result *result, const struct request *request,
                const struct chain *chains, size_t count, const struct result_watch *watch);
void result_free(struct result *result);

#endif
