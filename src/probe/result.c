/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chains of one target, one after the other.
 */
#include <config.h>

#include "probe/result.h"

#include <stdlib.h>

#include "probe/probe.h"
#include "util/signals.h"

/* Until then nothing but a key exchange happened, which the server may see once more. What the
 * shortage was of is not known, nor whether it was one at all: a defect looks the same. */
static bool
wants_room(const struct verdict *verdict)
{
    return verdict->outcome == OUTCOME_INTERNAL && verdict->stage < STAGE_AUTH &&
           !signals_caught();
}

static enum result_state
run_next(struct result *result, const struct chain *chain, bool alone, struct slots_wait *wait,
         const struct result_watch *watch)
{
    struct verdict *verdict = &result->verdicts[result->count];

    wait->begun = result->count > 0;
    if (watch->begin)
        watch->begin(watch->context);
    if (!probe_run(result->request, chain, watch->observer, watch->context, wait, verdict))
        return RESULT_NO_SLOT;
    if (!alone && wants_room(verdict)) {
        verdict_free(verdict);
        return RESULT_NO_ROOM;
    }
    result->met = result->met && verdict->met;
    if (!result->exit_status && verdict->exit_status) {
        result->exit_status = verdict->exit_status;
        result->deciding = result->count;
    }
    result->count++;
    if (watch->end)
        watch->end(watch->context, verdict);
    return RESULT_DONE;
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
    result->met = !result->expected || (result->expected & (outcome_set)1 << failure->outcome);
    if (!result->time)
        result->time = time(NULL);
}

/* The first time only. */
static bool
begin(struct result *result, size_t count)
{
    if (result->verdicts)
        return true;
    result->met = true;
    result->verdicts = calloc(count, sizeof *result->verdicts);
    return result->verdicts != NULL;
}

enum result_state
result_run(struct result *result, const struct chain *chains, size_t count, bool alone,
           struct slots_wait *wait, const struct result_watch *watch)
{
    struct failure failure = FAILURE_INIT;
    enum result_state state = RESULT_DONE;

    if (!begin(result, count)) {
        if (!alone)
            return RESULT_NO_ROOM;
        failure_no_memory(&failure);
    }
    if (!result->count)
        result->time = time(NULL);
    while (result->verdicts && result->count < count && state == RESULT_DONE &&
           !signals_caught())
        state = run_next(result, &chains[result->count], alone, wait, watch);
    if (state == RESULT_DONE && result->verdicts && !result->count)
        failure_set(&failure, OUTCOME_INTERRUPTED, "interrupted by a signal");
    if (failure_is_set(&failure))
        result_fail(result, &failure);
    return state;
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
