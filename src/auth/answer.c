/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rules first, then the person. What is missing is said in full: it is the one failure that the
 * user can mend at once.
 */
#include <config.h>

#include "auth/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/prompt.h"
#include "ask/turn.h"
#include "util/escape.h"

void
answer_say(const char *heading, const void *text, size_t len)
{
    char *printable = escape_dup(text, len, ESCAPE_TEXT);
    char *rest = printable;
    char *line;

    if (len && printable) {
        prompt_say(heading);
        while ((line = strsep(&rest, "\n"))) {
            char *marked = NULL;
            if ((*line || rest) && asprintf(&marked, "  | %s", line) >= 0)
                prompt_say(marked);
            free(marked);
        }
    }
    free(printable);
}

void
answer_say_banners(struct attempt *attempt)
{
    struct packet *packet = &attempt->session->packet;

    char heading[256] = "banner from the server:";

    if (attempt->request->settings->crowd)
        snprintf(heading, sizeof heading,
                 "(%s) banner from the server:", attempt->request->label);
    while (packet->banners_said < packet->banner_count) {
        const struct bytes *banner = &packet->banners[packet->banners_said++];
        answer_say(heading, banner->data, banner->len);
    }
}

bool
answer_person_present(const struct attempt *attempt)
{
    return !attempt->request->settings->batch && prompt_possible();
}

static enum outcome
no_answer(const struct attempt *attempt, const struct question *question,
          struct failure *failure)
{
    char text[256];

    escape_into(text, sizeof text, question->text, question->len, ESCAPE_LINE);
    failure_set(
        failure, OUTCOME_NO_RESPONSE, "no answer to the prompt \"%s\": %s, and %s", text,
        attempt->request->settings->batch ? "--batch was given" : "there is no terminal",
        question->len > RESPOND_PROMPT_MAX ? "it is too long to match a rule"
                                           : "no rule matches");
    failure_hint(failure, "-r PATTERN=SOURCE answers prompts that match PATTERN");
    return failure->outcome;
}

/* A question in its turn. */
struct asking {
    struct attempt *attempt;
    const struct question *question;
    struct secret *answer;
    struct failure *failure;
    enum outcome outcome;
};

static void
ask_in_turn(void *context)
{
    struct asking *asking = context;
    const struct question *question = asking->question;
    struct session *session = asking->attempt->session;
    struct prompt prompt = {.text = question->shown,
                            .echo = question->echo,
                            .server_fd = session->fd,
                            .deadline = &session->deadline};

    answer_say_banners(asking->attempt);
    if (question->before)
        question->before(question->context);
    asking->outcome = prompt_read(&prompt, asking->answer, asking->failure);
}

static enum outcome
ask_person(struct attempt *attempt, const struct question *question, struct secret *answer,
           struct failure *failure)
{
    struct asking asking = {attempt, question, answer, failure, OUTCOME_INTERNAL};
    struct session *session = attempt->session;

    if (!answer_person_present(attempt))
        return no_answer(attempt, question, failure);
    enum outcome outcome =
        turn_take(ask_in_turn, &asking, session->fd, &session->deadline, failure);
    return outcome == OUTCOME_SUCCESS ? asking.outcome : outcome;
}

static char *
copy(const char *source, struct failure *failure)
{
    char *text = strdup(source);

    if (!text)
        failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    return text;
}

enum outcome
answer_find(struct attempt *attempt, const struct question *question, struct secret *answer,
            char **source, struct failure *failure)
{
    const char *rule = NULL;
    enum outcome outcome = OUTCOME_SUCCESS;

    *source = NULL;
    switch (respond_answer(attempt->use, question->text, question->len,
                           attempt->session->deadline, answer, &rule, failure)) {
    case RESPOND_FAILED:
        return failure->outcome;
    case RESPOND_ANSWERED:
        break;
    case RESPOND_ASK:
    case RESPOND_NO_RULE:
        rule = prompt_place();
        outcome = ask_person(attempt, question, answer, failure);
        break;
    }
    if (outcome == OUTCOME_SUCCESS)
        *source = copy(rule, failure);
    return outcome == OUTCOME_SUCCESS && !*source ? OUTCOME_INTERNAL : outcome;
}
