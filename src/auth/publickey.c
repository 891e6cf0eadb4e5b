/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * publickey (RFC 4252 section 7): the keys in their order, each a query and, where the server
 * would accept the key and there is a private half, a signature. Which keys there are is
 * decided here; how one is offered in publickey_offer.c.
 *
 * A named key that cannot be used ends the step: whoever named it wants it to be tried. One of
 * many in an agent is passed over, and told of.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/publickey.h"

/* What a later step of a chain should not offer again: a server counts each key once. */
static bool
used_before(const struct attempt *attempt, const char *file, const char *fingerprint)
{
    for (size_t i = 0; i < attempt->before_count; i++) {
        const struct step *step = &attempt->before[i];
        for (size_t j = 0; j < step->key_count; j++) {
            const struct key_try *key = &step->keys[j];
            if (key->outcome == OUTCOME_PARTIAL_SUCCESS &&
                (*fingerprint ? strcmp(key->fingerprint, fingerprint) == 0
                              : file && key->file == file))
                return true;
        }
    }
    return false;
}

/* A certificate has its key's fingerprint, and is another thing to offer. */
static bool
tried_now(const struct step *step, const char *type, const char *fingerprint)
{
    for (size_t i = 0; i < step->key_count; i++) {
        if (strcmp(step->keys[i].type, type) == 0 &&
            strcmp(step->keys[i].fingerprint, fingerprint) == 0)
            return true;
    }
    return false;
}

/* Adds a candidate; NULL where memory is short. */
static struct candidate *
add(struct candidates *list)
{
    struct candidate *more = reallocarray(list->list, list->count + 1, sizeof *more);

    if (!more)
        return NULL;
    list->list = more;
    memset(&more[list->count], 0, sizeof *more);
    return &more[list->count++];
}

static const struct agent_key *
find_in_agent(const struct agent *agent, const struct public_key *key)
{
    for (size_t i = 0; i < agent->count; i++) {
        if (agent->keys[i].key.len == key->len &&
            memcmp(agent->keys[i].key.blob, key->blob, key->len) == 0)
            return &agent->keys[i];
    }
    return NULL;
}

/* One -i. A public key alone is only asked about, unless the agent has its private half. */
static bool
add_identity(struct candidates *list, const struct attempt *attempt,
             const struct identity *identity, struct failure *failure)
{
    struct candidate *candidate = add(list);

    if (!candidate) {
        return failure_no_memory(failure);
    }
    candidate->identity = identity;
    if (!keyfile_load(&candidate->file, identity->file, failure))
        return false;
    if (!attempt->request->settings->agent || candidate->file.is_private)
        return true;
    list->named_in_agent = true;
    candidate->agent_key = find_in_agent(&list->agent, &candidate->file.key);
    if (candidate->agent_key)
        return true;
    char text[300];
    failure_set(
        failure, OUTCOME_CREDENTIAL, "%s: the agent does not have this key",
        escape_into(text, sizeof text, identity->file, strlen(identity->file), ESCAPE_LINE));
    failure_hint(failure, "ssh-add -L shows the keys that it has");
    return false;
}

/* All that is to be tried. False with the reason. */
static bool
gather(struct candidates *list, const struct attempt *attempt, struct failure *failure)
{
    const struct settings *settings = attempt->request->settings;

    if (settings->agent && !agent_open(&list->agent, attempt->session, failure))
        return false;
    for (size_t i = 0; i < settings->identity_count; i++) {
        if (!add_identity(list, attempt, &settings->identities[i], failure))
            return false;
    }
    for (size_t i = 0; !list->named_in_agent && i < list->agent.count; i++) {
        struct candidate *candidate = add(list);
        if (!candidate) {
            return failure_no_memory(failure);
        }
        candidate->agent_key = &list->agent.keys[i];
    }
    return true;
}

static void
drop(struct candidates *list)
{
    for (size_t i = 0; i < list->count; i++)
        keyfile_free(&list->list[i].file);
    free(list->list);
    agent_close(&list->agent);
}

static void
fingerprint_of(const struct candidate *candidate, char out[PUBLIC_FINGERPRINT])
{
    const struct public_key *key = candidate_key(candidate);

    *out = '\0';
    if (key->blob)
        public_key_fingerprint(out, key->blob, key->len);
}

/* Keys that an earlier step has used up are left out, as long as there are others. */
static void
leave_out_used(struct candidates *list, const struct attempt *attempt)
{
    char fingerprint[PUBLIC_FINGERPRINT];
    size_t left = list->count;

    for (size_t i = 0; i < list->count; i++) {
        struct candidate *candidate = &list->list[i];
        fingerprint_of(candidate, fingerprint);
        candidate->left_out = used_before(
            attempt, candidate->identity ? candidate->identity->file : NULL, fingerprint);
        left -= candidate->left_out;
    }
    for (size_t i = 0; left == 0 && i < list->count; i++)
        list->list[i].left_out = false;
}

/* Of the agent's keys, one that a file has brought already is not offered twice. */
static bool
again(const struct candidate *candidate, const struct step *step)
{
    char fingerprint[PUBLIC_FINGERPRINT];

    if (candidate->identity)
        return false;
    fingerprint_of(candidate, fingerprint);
    return tried_now(step, candidate_key(candidate)->type, fingerprint);
}

/* A key that could not be used leaves open whether the server accepts the user. */
static void
tell_unusable(struct step *step)
{
    for (size_t i = 0; i < step->key_count; i++) {
        const struct key_try *key = &step->keys[i];
        char name[256];
        if (key->outcome != OUTCOME_CREDENTIAL)
            continue;
        if (key->file)
            escape_into(name, sizeof name, key->file, strlen(key->file), ESCAPE_LINE);
        else
            snprintf(name, sizeof name, "agent: %s", key->fingerprint);
        failure_set(&step->failure, OUTCOME_CREDENTIAL, "%s: %s", name, key->reason);
    }
}

static bool
is_accepted(const struct attempt *attempt)
{
    const struct packet_reply *reply = &attempt->session->packet.reply;

    return reply->success || reply->partial || attempt->key_acceptable;
}

/* Returns the last offer's result. */
static int
offer_all(struct attempt *attempt, struct candidates *list)
{
    enum offer offer = OFFER_NEXT;
    int rc = LIBSSH2_ERROR_NONE;

    for (size_t i = 0; offer == OFFER_NEXT && i < list->count; i++) {
        struct candidate *candidate = &list->list[i];
        if (!candidate->left_out && !again(candidate, attempt->step))
            offer = publickey_offer(attempt, &list->agent, candidate, &rc);
    }
    if (offer != OFFER_BROKEN && !is_accepted(attempt))
        tell_unusable(attempt->step);
    return rc;
}

/* The key that was being offered when the dialogue ended shares the step's outcome. */
static void
conclude(struct attempt *attempt, int rc)
{
    struct step *step = attempt->step;

    attempt_conclude(attempt, rc);
    if (step->key_count == 0 || step->keys[step->key_count - 1].outcome != KEY_UNDECIDED)
        return;
    struct key_try *key = &step->keys[step->key_count - 1];
    key->outcome = step->outcome;
    if (step->outcome == OUTCOME_CREDENTIAL)
        escape_into(key->reason, sizeof key->reason, step->failure.message,
                    strlen(step->failure.message), ESCAPE_LINE);
}

void
publickey_attempt(struct attempt *attempt)
{
    struct candidates list = {0};
    struct failure failure = FAILURE_INIT;
    struct step *step = attempt->step;
    int rc = 0;

    if (gather(&list, attempt, &failure)) {
        step->keys = calloc(list.count, sizeof *step->keys);
        if (step->keys) {
            leave_out_used(&list, attempt);
            rc = offer_all(attempt, &list);
        } else {
            failure_set(&failure, OUTCOME_INTERNAL, "out of memory");
        }
    }
    if (failure_is_set(&failure))
        attempt_break_off(attempt, &failure);
    else
        conclude(attempt, rc);
    drop(&list);
}
