/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an attempt takes from the rules, and how often the server did not like it: accounts lock
 * after some wrong answers, and a rule gives the same one again and again.
 */
#include <config.h>

#include "ask/respond_rules.h"

#include <stdlib.h>
#include <string.h>

#include "ask/source_kind.h"
#include "util/escape.h"
#include "util/hash.h"
#include "util/signals.h"

#define TAKEN_MAX 1024 /* answers that are remembered; a server may ask more */

/* One answer that was given: which source, and to what. */
struct taken {
    const char *source; /* the rules' own */
    uint64_t prompt;    /* its hash: prompts are as long as the server likes; who makes two
                           of one hash only has the source refused to himself */
};

struct respond_use {
    struct respond_rules *rules;
    char *user;
    char *login;
    struct taken *taken;
    size_t taken_count;
    size_t answers; /* with those that are not remembered any more */
};

struct respond_use *
respond_begin(struct respond_rules *rules, const char *user, const char *login)
{
    struct respond_use *use = calloc(1, sizeof *use);

    if (use == NULL) {
        return NULL;
    }
    use->rules = rules;
    use->user = strdup(user);
    use->login = strdup(login);
    if (use->user == NULL || use->login == NULL) {
        respond_end(use, false);
        return NULL;
    }
    return use;
}

/* ---- how often a source was refused ---- */

/* Under the mutex; NULL where it never was. */
static struct refused *
refused_find(const struct respond_use *use, const char *source)
{
    struct refused *refused = use->rules->refused;

    while (refused != NULL &&
           (strcmp(refused->source, source) != 0 || strcmp(refused->user, use->user) != 0)) {
        refused = refused->next;
    }
    return refused;
}

static struct refused *
refused_make(const struct respond_use *use, const char *source)
{
    struct refused *refused = calloc(1, sizeof *refused);
    char *user = strdup(use->user);

    if (refused == NULL || user == NULL) {
        free(refused);
        free(user);
        return NULL;
    }
    *refused = (struct refused){use->rules->refused, source, user, 0};
    use->rules->refused = refused;
    return refused;
}

/* False where memory is short. */
static bool
refused_add(const struct respond_use *use, const char *source)
{
    pthread_mutex_lock(&use->rules->mutex);
    struct refused *refused = refused_find(use, source);
    if (refused == NULL) {
        refused = refused_make(use, source);
    }
    if (refused != NULL) {
        refused->count++;
    }
    pthread_mutex_unlock(&use->rules->mutex);
    return refused != NULL;
}

static unsigned
refused_count(const struct respond_use *use, const char *source)
{
    pthread_mutex_lock(&use->rules->mutex);
    const struct refused *refused = refused_find(use, source);
    unsigned count = refused == NULL ? 0 : refused->count;
    pthread_mutex_unlock(&use->rules->mutex);
    return count;
}

static enum respond_result
refused_too_often(const struct respond_use *use, const char *source, unsigned count,
                  struct failure *failure)
{
    char shown[256], user[128];

    escape_into(shown, sizeof shown, source, strlen(source), ESCAPE_LINE);
    escape_into(user, sizeof user, use->user, strlen(use->user), ESCAPE_LINE);
    failure_set(failure, OUTCOME_CREDENTIAL,
                "%s: refused %u time%s for %s: not used again, since accounts lock", shown,
                count, count == 1 ? "" : "s", user);
    failure_hint(failure, "--max-refused=N changes the limit");
    return RESPOND_FAILED;
}

/* ---- what the attempt took ---- */

static bool
taken_before(const struct respond_use *use, const char *source, uint64_t prompt)
{
    for (size_t i = 0; i < use->taken_count; i++) {
        if (use->taken[i].prompt == prompt && strcmp(use->taken[i].source, source) == 0) {
            return true;
        }
    }
    return false;
}

/* The oldest makes room where there are many. */
static bool
taken_add(struct respond_use *use, const char *source, uint64_t prompt)
{
    if (use->taken_count < TAKEN_MAX) {
        struct taken *more = reallocarray(use->taken, use->taken_count + 1, sizeof *use->taken);
        if (more == NULL) {
            return false;
        }
        use->taken = more;
        use->taken_count++;
    }
    use->taken[use->answers++ % TAKEN_MAX] = (struct taken){source, prompt};
    return true;
}

static enum respond_result
out_of_memory(struct failure *failure)
{
    failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    return RESPOND_FAILED;
}

/* The source's answer, unless the server refused it too often. */
static enum respond_result
take(struct respond_use *use, const struct source *source, uint64_t prompt,
     struct deadline deadline, struct secret *answer, struct failure *failure)
{
    bool again = taken_before(use, source->text, prompt);

    if (again && !refused_add(use, source->text)) {
        return out_of_memory(failure);
    }
    unsigned count = refused_count(use, source->text);
    if (count >= use->rules->max_refused) {
        return refused_too_often(use, source->text, count, failure);
    }
    /* remembered first: an answer that could not be counted must not leave */
    if (!again && !taken_add(use, source->text, prompt)) {
        return out_of_memory(failure);
    }
    if (!source_read(source, use->login, deadline, answer, failure)) {
        secret_clear(answer);
        return RESPOND_FAILED;
    }
    return RESPOND_ANSWERED;
}

enum respond_result
respond_answer(struct respond_use *use, const char *prompt, size_t len,
               struct deadline deadline, struct secret *answer, const char **source,
               struct failure *failure)
{
    const struct rule *rule;

    *source = NULL;
    secret_clear(answer);
    /* a packet may hold hundreds of prompts, and each takes its time with each rule */
    if (signals_check() != 0) {
        source_interrupted(failure);
        return RESPOND_FAILED;
    }
    if (deadline_passed(deadline)) {
        failure_set(failure, OUTCOME_TIMEOUT,
                    "the server's prompts were not all answered within the connection's limit");
        return RESPOND_FAILED;
    }
    if (!respond_find(use->rules, prompt, len, &rule)) {
        return out_of_memory(failure);
    }
    if (rule == NULL) {
        return RESPOND_NO_RULE;
    }
    *source = rule->source.text;
    if (source_asks(&rule->source)) {
        return RESPOND_ASK;
    }
    return take(use, &rule->source, hash_bytes(HASH_BEGIN, prompt, len), deadline, answer,
                failure);
}

/* Was this the first answer of its source? */
static bool
first_of_source(const struct respond_use *use, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(use->taken[i].source, use->taken[at].source) == 0) {
            return false;
        }
    }
    return true;
}

void
respond_end(struct respond_use *use, bool refused)
{
    if (use == NULL) {
        return;
    }
    for (size_t i = 0; refused && i < use->taken_count; i++) {
        if (first_of_source(use, i)) {
            /* without memory it is not counted; nothing else works then either */
            (void)refused_add(use, use->taken[i].source);
        }
    }
    free(use->taken);
    free(use->user);
    free(use->login);
    free(use);
}
