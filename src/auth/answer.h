/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One answer to one question of the server's, whatever the method: by rule, or by asking the
 * person at the terminal.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include "auth/attempt.h"
#include "util/secret.h"

struct question {
    const char *text; /* the prompt that rules are matched against; any bytes */
    size_t len;
    const char *shown; /* as a person is to see it, printable */
    bool echo;
    /* called once before a person is asked, in the thread that has the terminal, to show what
     * belongs to the question, behind the banners; may be NULL */
    void (*before)(void *context);
    void *context;
};

/* True where a person can be asked: not with --batch. */
bool answer_person_present(const struct attempt *attempt);

/*
 * Finds the answer. SUCCESS with `answer` (initialised by the caller) filled and *source set to
 * what answered, "env:PW", or what prompt_place() says, to be freed; else the outcome, with the
 * reason in `failure`: NO_RESPONSE, CREDENTIAL, TIMEOUT, DISCONNECTED, INTERRUPTED, INTERNAL.
 */
enum outcome answer_find(struct attempt *attempt, const struct question *question,
                         struct secret *answer, char **source, struct failure *failure);

/* Shows the person the server's banners that came since the last time on this connection; in a
 * turn of ask/turn.h. */
void answer_say_banners(struct attempt *attempt);

/* Shows text of the server's to the person at the terminal, each line marked, so that it cannot
 * pose as ours, under the printable heading; in a turn. Nothing for an empty text. */
void answer_say(const char *heading, const void *text, size_t len);

#endif
