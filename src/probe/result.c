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

enum outcome
result_outcome(const struct result *result)
{
    return result->count ? result->verdicts[result->deciding].outcome : result->failure.outcome;
}

void
result_fail(struct result *result, const struct failure *failure)
{
    result->failure = *failure;
    result->exit_status = outcome_exit(failure->outcome, result->expected);
    result->met = true;
    if (!result->time)
        result->time = time(NULL);
}

enum result_state
result_run(struct result *result, const struct chain *chains, size_t count, bool alone,
           const struct result_watch *watch)
{
    struct failure failure = FAILURE_INIT;

    (void)alone;
    result->met = true;
    result->time = time(NULL);
    result->verdicts = calloc(count, sizeof *result->verdicts);
    if (!result->verdicts)
        failure_no_memory(&failure);
    for (size_t i = 0; result->verdicts && i < count && !signals_caught(); i++)
        run_next(result, &chains[i], watch);
    if (result->verdicts && !result->count)
        failure_set(&failure, OUTCOME_INTERRUPTED, "interrupted by a signal");
    if (failure_is_set(&failure))
        result_fail(result, &failure);
    return RESULT_DONE;
}

void
result_free(struct result *result)
{
    for (size_t i = 0; i < result->count; i++)
        verdict_free(&result->verdicts[i]);
    free(result->verdicts);
    result->verdicts = NULL;
    result->count = 0;
}
