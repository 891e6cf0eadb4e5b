/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keyboard-interactive (RFC 4256): libssh2's call, and the callback that finds the answers. The
 * callback cannot refuse, and libssh2 sends what it leaves, empty answers included: where an
 * answer is missing the seam is told to send nothing more.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/turn.h"
#include "auth/answer.h"
#include "util/escape.h"

static const char *
server_says(const struct attempt *attempt, char *heading, size_t size)
{
    snprintf(heading, size, "(%s) the server says:", attempt->request->label);
    return heading;
}

/* What a person must see before answering. */
static void
say_round(struct attempt *attempt, const struct kbdint_round *round)
{
    char heading[256];

    server_says(attempt, heading, sizeof heading);
    answer_say(heading, round->name.data, round->name.len);
    answer_say(round->name.len ? "and:" : heading, round->instruction.data,
               round->instruction.len);
}

/* Where the last line of a prompt begins. OpenSSH puts PAM's messages before the question. */
static size_t
last_line(const struct bytes *text)
{
    const char *newline = text->len ? memrchr(text->data, '\n', text->len - 1) : NULL;

    return newline ? (size_t)(newline + 1 - text->data) : 0;
}

/* The prompt as it is shown, "(alice@host) Password: ", as ssh marks it: its last line. */
static char *
prompt_shown(const struct attempt *attempt, const struct bytes *text)
{
    size_t from = last_line(text);
    char *printable = escape_dup(text->data + from, text->len - from, ESCAPE_LINE);
    char *whole = NULL;

    if (printable && asprintf(&whole, "(%s) %s", attempt->request->label, printable) < 0)
        whole = NULL;
    free(printable);
    return whole;
}

/* What a person sees of a round: the round itself, and the prompt's lines but the last. Another
 * target may ask between two prompts of a round, which is then said again. */
struct showing {
    struct attempt *attempt;
    const struct kbdint_round *round;
    const struct kbdint_prompt *asked;
    bool done;
};

static void
show_round(void *context)
{
    struct showing *showing = context;
    const struct bytes *text = &showing->asked->text;
    char heading[256];

    if (!showing->done || showing->attempt->request->settings->crowd)
        say_round(showing->attempt, showing->round);
    showing->done = true;
    answer_say(server_says(showing->attempt, heading, sizeof heading), text->data,
               last_line(text));
}

static enum outcome
find_answer(struct attempt *attempt, struct showing *showing, struct kbdint_prompt *asked,
            struct secret *answer, struct failure *failure)
{
    char *shown = prompt_shown(attempt, &asked->text);
    struct question question = {.text = asked->text.data,
                                .len = asked->text.len,
                                .shown = shown,
                                .echo = asked->echo,
                                .before = show_round,
                                .context = showing};
    showing->asked = asked;
    enum outcome outcome =
        shown ? answer_find(attempt, &question, answer, &asked->source, failure)
              : failure_set(failure, OUTCOME_INTERNAL, "out of memory");

    free(shown);
    return outcome;
}

/* Keeps one INFO_REQUEST for the report. NULL where memory is short. */
static struct kbdint_round *
keep_round(struct step *step, const struct userauth_msg *msg)
{
    struct kbdint_round *rounds =
        realloc(step->rounds, (step->round_count + 1) * sizeof *step->rounds);
    struct span rest = msg->u.info_request.prompts;
    struct userauth_prompt prompt;

    if (!rounds)
        return NULL;
    step->rounds = rounds;
    struct kbdint_round *round = &rounds[step->round_count++];
    memset(round, 0, sizeof *round);
    round->prompts = calloc(msg->u.info_request.count + 1, sizeof *round->prompts);
    if (!round->prompts ||
        !bytes_copy(&round->name, msg->u.info_request.name.bytes,
                    msg->u.info_request.name.len) ||
        !bytes_copy(&round->instruction, msg->u.info_request.instruction.bytes,
                    msg->u.info_request.instruction.len))
        return NULL;
    while (userauth_prompt_next(&rest, &prompt)) {
        struct kbdint_prompt *kept = &round->prompts[round->prompt_count];
        kept->echo = prompt.echo;
        if (!bytes_copy(&kept->text, prompt.text.bytes, prompt.text.len))
            return NULL;
        round->prompt_count++;
    }
    return round;
}

static bool
respond(struct session *session, LIBSSH2_USERAUTH_KBDINT_RESPONSE *response,
        const struct secret *answer)
{
    response->text = memory_allocate(&session->memory, answer->len);
    if (!response->text)
        return false;
    memcpy(response->text, answer->text, answer->len);
    response->length = (unsigned)answer->len;
    return true;
}

/* From the second round on libssh2 would swallow its own error, and wait for the limit. */
static enum outcome
fits_one_packet(const LIBSSH2_USERAUTH_KBDINT_RESPONSE *responses, size_t count,
                struct failure *failure)
{
    size_t size = 1 + 4;

    for (size_t i = 0; i < count; i++)
        size += 4 + responses[i].length;
    if (size <= PACKET_MAX_SENT)
        return OUTCOME_SUCCESS;
    return failure_set(
        failure, OUTCOME_CREDENTIAL,
        "the answers to %zu prompts are %zu bytes long together, more than the %d "
        "that libssh2 sends in one packet",
        count, size, PACKET_MAX_SENT);
}

/* Nothing to answer, but "approve the login on your phone" is to be seen now. */
static void
show_message(void *context)
{
    struct showing *showing = context;

    answer_say_banners(showing->attempt);
    say_round(showing->attempt, showing->round);
}

static enum outcome
say_message(struct attempt *attempt, struct showing *showing, struct failure *failure)
{
    struct session *session = attempt->session;

    if (!answer_person_present(attempt))
        return OUTCOME_SUCCESS;
    return turn_take(show_message, showing, session->fd, &session->deadline, failure);
}

/* All answers of a round, or OUTCOME_SUCCESS's absence with the reason. */
static enum outcome
answer_round(struct attempt *attempt, struct kbdint_round *round,
             LIBSSH2_USERAUTH_KBDINT_RESPONSE *responses, struct failure *failure)
{
    enum outcome outcome = OUTCOME_SUCCESS;
    struct secret answer = {NULL, 0, 0};
    struct showing showing = {.attempt = attempt, .round = round};

    if (!secret_init(&answer))
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    respond_round(attempt->use);
    if (round->prompt_count == 0)
        outcome = say_message(attempt, &showing, failure);
    for (size_t i = 0; i < round->prompt_count && outcome == OUTCOME_SUCCESS; i++) {
        secret_clear(&answer);
        outcome = find_answer(attempt, &showing, &round->prompts[i], &answer, failure);
        if (outcome == OUTCOME_SUCCESS && !respond(attempt->session, &responses[i], &answer))
            outcome = failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    }
    secret_free(&answer);
    if (outcome == OUTCOME_SUCCESS)
        outcome = fits_one_packet(responses, round->prompt_count, failure);
    return outcome;
}

/* libssh2 gives name, instruction and prompts too; the seam has them as the server sent them.
 */
static LIBSSH2_USERAUTH_KBDINT_RESPONSE_FUNC(on_info_request)
{
    struct session *session = *abstract;
    struct packet *packet = &session->packet;
    struct attempt *attempt = session->attempt;
    struct failure failure = FAILURE_INIT;
    struct userauth_msg msg;

    (void)name;
    (void)name_len;
    (void)instruction;
    (void)instruction_len;
    (void)prompts;
    struct kbdint_round *round =
        packet_info_request(packet, &msg) ? keep_round(attempt->step, &msg) : NULL;
    if (!round || round->prompt_count != (size_t)num_prompts)
        failure_set(&failure, OUTCOME_INTERNAL, "out of memory");
    else
        answer_round(attempt, round, responses, &failure);
    if (failure_is_set(&failure))
        packet_refuse_for(packet, &failure);
}

/* Is there a reason not to wait for the server? */
static bool
swallowed_error(struct session *session)
{
    if (session->memory.exhausted)
        packet_refuse(&session->packet, OUTCOME_INTERNAL, "out of memory");
    return failure_is_set(&session->packet.failure) || session->packet.transport_error ||
           session->error;
}

void
kbdint_attempt(struct attempt *attempt)
{
    const char *user = attempt->request->user;
    int rc;

    do {
        rc = libssh2_userauth_keyboard_interactive_ex(attempt->session->lib, user,
                                                      (unsigned)strlen(user), on_info_request);
        /* from the second round on libssh2 swallows errors and says EAGAIN for ever */
        if (swallowed_error(attempt->session))
            break;
    } while (rc == LIBSSH2_ERROR_EAGAIN && attempt_wait(attempt));
    attempt_conclude(attempt, rc);
}
