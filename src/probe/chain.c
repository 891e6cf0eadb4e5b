/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A chain of methods on one connection, step by step, and the outcome of the whole.
 */
#include <config.h>

#include "probe/chain.h"

#include <stdlib.h>
#include <string.h>

#include "auth/attempt.h"

struct walk {
    struct session *session;
    const struct request *request;
    const struct chain *chain;
    struct verdict *verdict;
};

/* The last list that came on this connection; NULL: none. */
static const char *
last_list(const struct verdict *verdict)
{
    for (size_t i = verdict->step_count; i > 0; i--) {
        if (verdict->steps[i - 1].remaining)
            return verdict->steps[i - 1].remaining;
    }
    return verdict->listing.remaining;
}

/* One request of a method, into a step that is zeroed; its outcome. */
static enum outcome
take_step(struct walk *walk, struct step *step, const struct method *method)
{
    struct verdict *verdict = walk->verdict;
    struct attempt attempt = {.session = walk->session,
                              .request = walk->request,
                              .step = step,
                              .before = verdict->steps,
                              .before_count = verdict->step_count,
                              .offered = last_list(verdict)};

    step->method = method;
    attempt_make(&attempt);
    if (failure_is_set(&step->failure))
        verdict->failure = step->failure;
    if (!verdict->offered && step->remaining) {
        verdict->offered = strdup(step->remaining);
        if (!verdict->offered)
            return failure_set(&verdict->failure, OUTCOME_INTERNAL, "out of memory");
    }
    return step->outcome;
}

/* A step of the chain's. It counts as one of the verdict's once it was made. */
static enum outcome
take_next_step(struct walk *walk, const struct method *method)
{
    struct verdict *verdict = walk->verdict;
    enum outcome outcome = take_step(walk, &verdict->steps[verdict->step_count], method);

    verdict->step_count++;
    return outcome;
}

static enum outcome
list_methods(struct walk *walk)
{
    struct step *step = walk->verdict->steps;
    enum outcome outcome = take_next_step(walk, method_find("none", strlen("none")));

    if (outcome == OUTCOME_FAILURE || outcome == OUTCOME_PARTIAL_SUCCESS) {
        step->outcome = OUTCOME_LISTED;
        step->code = 0;
        step->code_name = NULL;
        step->library_code = 0;
        return OUTCOME_LISTED;
    }
    return outcome == OUTCOME_SUCCESS ? OUTCOME_TRIVIAL : outcome;
}

/* Is a list expected that the chain itself does not begin by asking for? */
static bool
wants_list(const struct walk *walk)
{
    const struct settings *settings = walk->request->settings;

    return (settings->expect_offered || settings->forbid_offered) &&
           walk->chain->steps[0]->id != USERAUTH_NONE;
}

/*
 * A `none` request beside the chain, for the list that an expectation or a method needs. It may
 * be accepted: then there is nothing left to try. SUCCESS: go on with the chain.
 */
static enum outcome
ask_for_list(struct walk *walk)
{
    struct verdict *verdict = walk->verdict;
    enum outcome outcome;

    verdict->listed = true;
    outcome = take_step(walk, &verdict->listing, method_find("none", strlen("none")));
    if (outcome == OUTCOME_SUCCESS)
        return OUTCOME_EARLY_SUCCESS;
    return outcome == OUTCOME_FAILURE || outcome == OUTCOME_PARTIAL_SUCCESS ? OUTCOME_SUCCESS
                                                                            : outcome;
}

/* A chain stops at the first step that is not partial success; a success may come too early. */
static enum outcome
walk_chain(struct walk *walk)
{
    const struct chain *chain = walk->chain;
    enum outcome outcome = OUTCOME_INTERNAL;

    for (size_t i = 0; i < chain->count; i++) {
        bool list = (i == 0 && wants_list(walk)) ||
                    (chain->steps[i]->needs_list && !last_list(walk->verdict));
        if (list && (outcome = ask_for_list(walk)) != OUTCOME_SUCCESS)
            return outcome;
        outcome = take_next_step(walk, chain->steps[i]);
        if (outcome == OUTCOME_SUCCESS && i + 1 < chain->count)
            return OUTCOME_EARLY_SUCCESS;
        if (outcome != OUTCOME_PARTIAL_SUCCESS)
            break;
    }
    return outcome;
}

enum outcome
chain_walk(struct session *session, const struct request *request, const struct chain *chain,
           struct verdict *verdict)
{
    struct walk walk = {session, request, chain, verdict};

    verdict->steps = calloc(chain->count + 1, sizeof *verdict->steps);
    if (!verdict->steps)
        return failure_set(&verdict->failure, OUTCOME_INTERNAL, "out of memory");
    enum outcome outcome = chain->count ? walk_chain(&walk) : list_methods(&walk);
    verdict->trivial = (outcome == OUTCOME_SUCCESS || outcome == OUTCOME_EARLY_SUCCESS ||
                        outcome == OUTCOME_TRIVIAL) &&
                       !session->packet.credential_sent;
    if (verdict->trivial && request->settings->no_trivial_auth)
        return OUTCOME_TRIVIAL;
    return outcome;
}
