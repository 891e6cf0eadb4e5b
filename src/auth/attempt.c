/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all methods have in common: the wait, and the verdict.
 */
#include <config.h>

#include "auth/attempt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/escape.h"
#include "util/name_list.h"

void
step_free(struct step *step)
{
    for (size_t i = 0; i < step->round_count; i++) {
        struct kbdint_round *round = &step->rounds[i];
        for (size_t j = 0; j < round->prompt_count; j++) {
            bytes_free(&round->prompts[j].text);
            free(round->prompts[j].source);
        }
        free(round->prompts);
        bytes_free(&round->name);
        bytes_free(&round->instruction);
    }
    for (size_t i = 0; i < step->key_count; i++)
        bytes_free(&step->keys[i].comment);
    free(step->rounds);
    free(step->keys);
    free(step->source);
    bytes_free(&step->change_text);
    free(step->remaining);
    free(step->earlier);
    gss_record_free(&step->gss);
}

bool
attempt_wait(struct attempt *attempt)
{
    struct step *step = attempt->step;
    bool kdc = attempt->session->wake_fd >= 0;
    enum outcome outcome = session_wait(attempt->session);

    if (outcome == OUTCOME_SUCCESS)
        return true;
    if (outcome == OUTCOME_INTERRUPTED)
        failure_set(&step->failure, outcome, "%s: interrupted by a signal", step->method->name);
    else
        failure_set(&step->failure, outcome,
                    "%s: no answer from the %s within the limit of %g s", step->method->name,
                    kdc ? "KDC" : "server",
                    (double)attempt->request->settings->timeout / DEADLINE_SECOND);
    return false;
}

/* Did the server say no? Instead of the last FAILURE that it allows, sshd disconnects. */
static bool
answers_refused(enum outcome outcome)
{
    return outcome == OUTCOME_FAILURE || outcome == OUTCOME_NOT_OFFERED ||
           outcome == OUTCOME_DISCONNECTED;
}

/* Where the server gave no answer, or the dialogue went wrong on either side. */
static enum outcome
judge_failure(struct attempt *attempt, int rc)
{
    struct step *step = attempt->step;

    if (failure_is_set(&attempt->session->packet.failure))
        step->failure = attempt->session->packet.failure;
    if (!failure_is_set(&step->failure))
        session_diagnose(attempt->session, rc, &step->failure);
    return step->failure.outcome;
}

static enum outcome
judge(struct attempt *attempt, int rc)
{
    const struct packet_reply *reply = &attempt->session->packet.reply;
    struct step *step = attempt->step;

    if (failure_is_set(&attempt->session->packet.failure))
        return judge_failure(attempt, rc);
    if (reply->success)
        return OUTCOME_SUCCESS;
    if (attempt->key_acceptable)
        return OUTCOME_KEY_ACCEPTABLE;
    if (!reply->failure || failure_is_set(&step->failure))
        return judge_failure(attempt, rc);
    if (reply->partial)
        return OUTCOME_PARTIAL_SUCCESS;
    /* what was sent only because it was listed was refused, whatever is listed now */
    if (!reply->dialogue && step->method->id != USERAUTH_NONE && !step->method->needs_list &&
        !name_list_has(reply->methods, step->method->name, strlen(step->method->name)))
        return OUTCOME_NOT_OFFERED;
    return OUTCOME_FAILURE;
}

/*
 * An attempt that we broke off has no result of libssh2's: it was never asked for one. Kerberos
 * credentials are an argument of the reference API, which has a code for those it cannot use.
 */
static bool
broken_off(enum outcome outcome, int rc)
{
    return outcome == OUTCOME_NO_RESPONSE || outcome == OUTCOME_KEY_ACCEPTABLE ||
           outcome == OUTCOME_INTERRUPTED ||
           (outcome == OUTCOME_CREDENTIAL && rc != LIBSSH2_ERROR_GSSAPI_FAILURE);
}

/* The code that the reference API gives for what happened, whatever libssh2 made of it. */
static int
reference_code(enum outcome outcome, int rc)
{
    if (outcome == OUTCOME_SUCCESS)
        return 0;
    if (outcome == OUTCOME_PARTIAL_SUCCESS)
        return LIBSSH2_ERROR_PARTIAL_SUCCESS;
    if (outcome == OUTCOME_TIMEOUT)
        return LIBSSH2_ERROR_TIMEOUT;
    return rc ? rc : LIBSSH2_ERROR_AUTHENTICATION_FAILED;
}

void
attempt_conclude(struct attempt *attempt, int rc)
{
    struct session *session = attempt->session;
    struct step *step = attempt->step;
    char *message = NULL;

    if (rc && rc != LIBSSH2_ERROR_EAGAIN &&
        libssh2_session_last_error(session->lib, &message, NULL, 0) && message)
        escape_into(step->library_message, sizeof step->library_message, message,
                    strlen(message), ESCAPE_LINE);
    step->outcome = judge(attempt, rc);
    step->remaining = session->packet.reply.methods; /* the record is done with it */
    session->packet.reply.methods = NULL;
    if (broken_off(step->outcome, rc)) {
        *step->library_message = '\0';
        return;
    }
    step->has_code = true;
    step->library_code = rc;
    step->code = reference_code(step->outcome, rc);
    step->code_name = compat_error_name(step->code);
    packet_collect_banners(session);
}

void
attempt_break_off(struct attempt *attempt, const struct failure *failure)
{
    packet_refuse_for(&attempt->session->packet, failure);
    attempt_conclude(attempt, LIBSSH2_ERROR_NONE);
}

/* "alice@host:22": whose answers these are, for rules. To be freed; NULL: memory is short. */
static char *
make_login(const struct request *request)
{
    char *login;
    int len = asprintf(&login, "%s@%s:%u", request->user, request->route.hostname,
                       (unsigned)request->port);

    return len < 0 ? NULL : login;
}

/* Nobody whom libssh2 asks for memory can say that there is none: it looks like a key that
 * cannot be used, or a server that says nonsense. */
static void
blame_memory(struct attempt *attempt)
{
    struct step *step = attempt->step;

    if ((step->outcome == OUTCOME_CREDENTIAL || step->outcome == OUTCOME_PROTOCOL_ERROR) &&
        session_memory_was_short(attempt->session)) {
        step->failure = FAILURE_INIT;
        step->outcome = failure_set(&step->failure, OUTCOME_INTERNAL, "out of memory");
    }
}

/* The method's own function, with rules at hand that know whose answers they give. */
static void
make(struct attempt *attempt)
{
    struct step *step = attempt->step;
    char *login = make_login(attempt->request);
    const struct settings *settings = attempt->request->settings;
    const struct respond_attempt who = {.user = attempt->request->user,
                                        .login = login,
                                        .max_refused = settings->max_refused,
                                        .dialogue = step->method->id != USERAUTH_PASSWORD,
                                        .server_fd = attempt->session->fd};

    if (login)
        attempt->use = respond_begin(settings->rules, &who);
    free(login);
    if (attempt->use)
        step->method->attempt(attempt);
    else
        step->outcome = failure_set(&step->failure, OUTCOME_INTERNAL, "out of memory");
    if (attempt->use)
        attempt->session->waited += respond_waited(attempt->use);
    respond_end(attempt->use, answers_refused(step->outcome));
    attempt->use = NULL;
}

void
attempt_make(struct attempt *attempt)
{
    struct session *session = attempt->session;
    int64_t started = clock_now(), deadline = session->deadline.at, waited = session->waited;

    packet_begin(&session->packet);
    session->attempt = attempt;
    make(attempt);
    blame_memory(attempt);
    session->attempt = NULL;
    /* the deadline was moved by the time that typing took */
    int64_t typing = session->deadline.at - deadline;
    attempt->step->ms = clock_ms_since(started + typing + session->waited - waited);
}
