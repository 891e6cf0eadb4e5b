/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results for tests.
 */
#include <config.h>

#include "report_many_fixture.h"

#include <stdio.h>

#include "json_fixture.h"

struct verdict verdicts[TARGETS];
struct result results[TARGETS];

static const struct chain listing = {.count = 0};
static struct request requests[TARGETS];
static char labels[TARGETS][16];

int
make_results(void **state)
{
    json_reset(state);
    for (int i = 0; i < TARGETS; i++) {
        snprintf(labels[i], sizeof labels[i], "user%d@h", i);
        requests[i] = json_request;
        requests[i].label = labels[i];
        verdicts[i] = (struct verdict){.request = &requests[i],
                                       .chain = &listing,
                                       .outcome = OUTCOME_LISTED,
                                       .stage = STAGE_AUTH,
                                       .offered = (char *)"password",
                                       .met = true};
        results[i] = (struct result){
            .request = &requests[i], .verdicts = &verdicts[i], .count = 1, .met = true};
    }
    return 0;
}
