/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A person sees no difference between a prompt and one that was about to be shown: both end in
 * the words of ask/prompt.c.
 */
#include <config.h>

#include "ask/turn.h"

#include <string.h>

#include "util/errand.h"
#include "util/signals.h"
#include "util/wipe.h"

struct turn {
    void (*run)(void *context);
    void *context;
};

static void
run_and_wipe(void *context)
{
    const struct turn *turn = context;
    turn->run(turn->context);
    wipe_stack(); /* of the main thread, which ends nothing when a probe ends */
}

enum outcome
turn_take(void (*run)(void *context), void *context, int server_fd, struct deadline *deadline,
          struct failure *failure)
{
    struct turn turn = {run, context};
    switch (errand_run(run_and_wipe, &turn, server_fd, deadline)) {
    case ERRAND_DONE:
        return OUTCOME_SUCCESS;
    case ERRAND_SIGNAL:
        return failure_set(failure, OUTCOME_INTERRUPTED, "interrupted at a prompt: %s",
                           strsignal(signals_caught()));
    case ERRAND_GONE:
        return failure_set(failure, OUTCOME_DISCONNECTED,
                           "the server hung up while a prompt was waiting for its answer");
    case ERRAND_FAILED:
        break;
    }
    return failure_set(failure, OUTCOME_INTERNAL,
                       "no prompt could be shown: out of memory or descriptors");
}
