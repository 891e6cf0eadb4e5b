/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an attempt takes from the rules. Accounts lock after some wrong answers, and a rule
 * gives the same one again and again: how often the server did not like it is ask/ledger.c's.
 */
#include <config.h>

#include "ask/respond_rules.h"

#include <stdlib.h>
#include <string.h>

#include "ask/ledger.h"
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
    size_t round;       /* in which it was asked last */
};

struct respond_use {
    const struct respond_rules *rules;
    struct ledger *ledger;
    char *user;
    char *login;
    unsigned max_refused;
    bool dialogue;
    int server_fd;
    int64_t waited;
    struct taken *taken;
    size_t taken_count;
    size_t answers; /* with those that are not remembered any more */
    size_t round;
};

struct respond_use *
respond_begin(const struct respond_rules *rules, const struct respond_attempt *attempt)
{
    struct respond_use *use = calloc(1, sizeof *use);

    if (use == NULL) {
        return NULL;
    }
    use->rules = rules;
    use->max_refused = attempt->max_refused;
    use->dialogue = attempt->dialogue;
    use->server_fd = attempt->server_fd;
    use->ledger = ledger_open(attempt->user, attempt->max_refused);
    use->user = strdup(attempt->user);
    use->login = strdup(attempt->login);
    if (use->ledger == NULL || use->user == NULL || use->login == NULL) {
        respond_end(use, false);
        return NULL;
    }
    return use;
}

/* ---- what the server refused ---- */

static enum respond_result
out_of_memory(struct failure *failure)
{
    failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    return RESPOND_FAILED;
}

/* Source and user as messages show them. */
struct shown {
    char source[256], user[128];
};

static struct shown
show(const struct respond_use *use, const char *source)
{
    struct shown shown;

    escape_into(shown.source, sizeof shown.source, source, strlen(source), ESCAPE_LINE);
    escape_into(shown.user, sizeof shown.user, use->user, strlen(use->user), ESCAPE_LINE);
    return shown;
}

static void
refused_too_often(const struct respond_use *use, const char *source, struct failure *failure)
{
    struct shown shown = show(use, source);
    unsigned count = ledger_refused(use->ledger, source);

    failure_set(failure, OUTCOME_CREDENTIAL,
                "%s: refused %u time%s for %s: not used again, since accounts lock",
                shown.source, count, count == 1 ? "" : "s", shown.user);
    failure_hint(failure, "--max-refused=N changes the limit");
}

static void
waited_too_long(const struct respond_use *use, const char *source, struct failure *failure)
{
    struct shown shown = show(use, source);

    failure_set(failure, OUTCOME_TIMEOUT,
                "%s: not used within the connection's limit: as many answers for %s as may be "
                "refused were refused or waiting for other servers' verdicts, and accounts "
                "lock",
                shown.source, shown.user);
    failure_hint(failure,
                 "--max-refused=N, which is %u now, is also how many may be on their way at "
                 "once; or a larger --timeout",
                 use->max_refused);
}

/* What came of a claim, in words; true: the answer may leave. */
static bool
judge_claim(const struct respond_use *use, const char *source, enum ledger_result result,
            struct failure *failure)
{
    switch (result) {
    case LEDGER_GRANTED:
        return true;
    case LEDGER_REFUSED:
        refused_too_often(use, source, failure);
        break;
    case LEDGER_SIGNAL:
        source_interrupted(failure);
        break;
    case LEDGER_TIMEOUT:
        waited_too_long(use, source, failure);
        break;
    case LEDGER_GONE:
        failure_set(failure, OUTCOME_DISCONNECTED,
                    "the server hung up while an answer waited until others were not refused");
        break;
    }
    return false;
}

/*
 * What may be asked for in a dialogue is not known before: all that could answer is claimed
 * together, see ask/ledger.h.
 */
static bool
add_sources(struct respond_use *use, const struct source *source)
{
    for (size_t i = 0; use->dialogue && use->answers == 0 && i < use->rules->count; i++) {
        const struct source *other = &use->rules->rules[i].source;
        if (!source_asks(other) && !ledger_add(use->ledger, other->text)) {
            return false;
        }
    }
    return ledger_add(use->ledger, source->text);
}

/* ---- what the attempt took ---- */

static struct taken *
find_taken(const struct respond_use *use, const char *source, uint64_t prompt)
{
    for (size_t i = 0; i < use->taken_count; i++) {
        if (use->taken[i].prompt == prompt && strcmp(use->taken[i].source, source) == 0) {
            return &use->taken[i];
        }
    }
    return NULL;
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
    use->taken[use->answers++ % TAKEN_MAX] = (struct taken){source, prompt, use->round};
    return true;
}

/* The source's answer, unless the server refused it too often. */
static enum respond_result
take(struct respond_use *use, const struct source *source, uint64_t prompt,
     struct deadline deadline, struct secret *answer, struct failure *failure)
{
    struct taken *before = find_taken(use, source->text, prompt);
    bool again = before && before->round != use->round;

    if (!add_sources(use, source)) {
        return out_of_memory(failure);
    }
    int64_t started = clock_now();
    enum ledger_result claimed =
        ledger_claim(use->ledger, source->text, again, use->server_fd, deadline);
    use->waited += clock_now() - started;
    if (!judge_claim(use, source->text, claimed, failure)) {
        return RESPOND_FAILED;
    }
    /* remembered first: an answer that could not be counted must not leave */
    if (before) {
        before->round = use->round;
    } else if (!taken_add(use, source->text, prompt)) {
        return out_of_memory(failure);
    }
    if (!source_read(source, use->login, deadline, answer, failure)) {
        secret_clear(answer);
        return RESPOND_FAILED;
    }
    return RESPOND_ANSWERED;
}

void
respond_round(struct respond_use *use)
{
    use->round++;
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

int64_t
respond_waited(const struct respond_use *use)
{
    return use->waited;
}

void
respond_end(struct respond_use *use, bool refused)
{
    if (use == NULL) {
        return;
    }
    ledger_close(use->ledger, refused);
    free(use->taken);
    free(use->user);
    free(use->login);
    free(use);
}
