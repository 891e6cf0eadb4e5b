/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far a run is, for whoever shows progress.
 */
#ifndef POOL_STATE_H
#define POOL_STATE_H

#include <stdbool.h>

struct pool_state {
    unsigned long read;    /* targets that next() gave so far */
    unsigned long total;   /* how many there will be; 0: nobody knows */
    bool exact;            /* else it is about so many */
    unsigned long done;    /* finished, reported or waiting for their turn */
    unsigned long failed;  /* of those done: exit status not 0 */
    unsigned long running; /* being worked on */
};

#endif
