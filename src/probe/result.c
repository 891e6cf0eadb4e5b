/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chains of one target, one after the other.
 */
#include <config.h>

#include "probe/result.h"

#include <stdlib.h>

#include "probe/probe.h"
#include "util/signals.h"

static void
run_next(struct result *result, const struct chain *chain, const struct result_watch *watch)
{
    struct verdict *verdict = &result->verdicts[result->count];

    if (watch->begin)
        watch->begin(watch->context);
    probe_run(result->request, chain, watch->observer, watch->context, verdict);
    result->met = result->met && verdict->met;
    if (!result->exit_status && verdict->exit_status) {
        result->exit_status = verdict->exit_status;
        result->deciding = result->count;
    }
    result->count++;
    if (watch->end)
        watch->end(watch->context, verdict);
}

bool
result_run(struct result *result, const struct request *request, const struct chain *chains,
           size_t count, const struct result_watch *watch)
{
    *result = (struct result){.request = request,
                              .verdicts = calloc(count, sizeof *result->verdicts),
                              .met = true,
                              .time = time(NULL)};
    if (!result->verdicts)
        return false;
    for (size_t i = 0; i < count && !signals_caught(); i++)
        run_next(result, &chains[i], watch);
    return true;
}

void
result_free(struct result *result)
{
    for (size_t i = 0; i < result->count; i++)
        verdict_free(&result->verdicts[i]);
    free(result->verdicts);
    *result = (struct result){.request = NULL};
}
