/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What came of one target: the verdicts on its chains, in the order of the command line.
 */
#ifndef RESULT_H
#define RESULT_H

#include <time.h>

#include "probe/slots.h"
#include "probe/verdict.h"
#include "ssh2/packet.h"

/* Where a target was named. Strings belong to whoever made the task. */
struct result_place {
    const char *file;   /* as -f has it, "-" for standard input; NULL: the command line */
    unsigned long line; /* of the file, from 1; 0: the command line */
    const char *named;  /* the target as it was typed, printable; "": nothing to be told */
};

struct result {
    const struct request *request; /* NULL: what was named could not be made one */
    outcome_set expected;          /* applied to `failure`; 0 where that is not known */
    struct result_place place;
    struct verdict *verdicts;
    size_t count;
    size_t deciding; /* index of the verdict that the exit status is of: the first that is not
                        0, else the first */
    /* Why there is no verdict at all: a bad line of a list, ssh's configuration, INTERRUPTED
     * before the first chain, memory. Not set where there is one. */
    struct failure failure;
    int exit_status;
    bool met; /* what was expected, by every chain, or by the failure; true where nothing was */
    time_t time; /* when its first chain began, of the system's clock */
    void *notes; /* of whoever watched, see result_watch; to be freed by him */
};

/* Who wants to know while it happens; each may be NULL. */
struct result_watch {
    /* a connection is about to be made; again where that came to nothing for NO_SLOT, NO_ROOM
     */
    void (*begin)(void *context);
    packet_observer *observer;
    void (*end)(void *context, const struct verdict *verdict);
    void *context;
};

/* Of the verdict that decides, else of the failure. */
enum outcome result_outcome(const struct result *result);

/* It will have no verdict, because of `failure`, which is copied; sets exit_status and, unless
 * it is set, the time; and whether that was expected. */
void result_fail(struct result *result, const struct failure *failure);

enum result_state {
    RESULT_DONE,
    /* Nothing more was done, and is to be tried again: */
    RESULT_NO_SLOT, /* once probe/slots.h has one for the address */
    RESULT_NO_ROOM  /* once others have given descriptors or memory back */
};

/*
 * Runs the chains on the target, one after the other, until a signal is caught: those behind it
 * are not in the result, and where it is none at all, `failure` says so. *result is zeroed but
 * for its place, request and expected set; called again after NO_SLOT or NO_ROOM it goes on
 * with the chain it was at. `alone`: nobody else runs who could give anything back, so that
 * want of room is a verdict like any other. `wait` is told when there is a slot, after NO_SLOT;
 * slots_forget() must be called where this function is not, any more. To be freed by
 * result_free(), in any case. probe_setup() must have been called.
 */
enum result_state result_run(struct result *result, const struct chain *chains, size_t count,
                             bool alone, struct slots_wait *wait,
                             const struct result_watch *watch);
void result_free(struct result *result); /* but for `notes` */

#endif
