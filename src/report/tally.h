/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many targets came to what: the summary at the end of a run.
 */
#ifndef TALLY_H
#define TALLY_H

#include <stdio.h>

#include "probe/result.h"

struct tally {
    unsigned long targets;
    unsigned long outcomes[OUTCOME_COUNT]; /* of each target the one that it is reported with */
    unsigned long unmet;                   /* targets with an expectation that was not met */
    int status;                            /* of the first target whose own is not 0 */
    bool expecting;                        /* something was expected of one of them at least */
};

void tally_add(struct tally *tally, const struct result *result);

/* "3 targets: 2 listed, 1 timeout, 1 not as expected", in the order of outcome.def; one line.
 */
void tally_put(FILE *out, const struct tally *tally);

#endif
