/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * password (RFC 4252 section 8). It is asked for and sent only where the server lists the
 * method: a password is worth more than an answer to a question. A new one is never set.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/answer.h"
#include "util/escape.h"
#include "util/name_list.h"

/* libssh2 makes no request of its own where the callback gives no new password, and says so.
 * After that it may not be asked to authenticate again: up to 1.11.1 it would crash. */
static LIBSSH2_PASSWD_CHANGEREQ_FUNC(refuse_change)
{
    (void)session;
    (void)abstract;
    *newpw = NULL;
    *newpw_len = 0;
}

static enum outcome
find_password(struct attempt *attempt, struct secret *password, struct failure *failure)
{
    const struct request *request = attempt->request;
    char *text = NULL, *shown = NULL;
    enum outcome outcome = OUTCOME_INTERNAL;

    if (asprintf(&text, "%s@%s's password: ", request->user, request->host) < 0)
        text = NULL;
    if (asprintf(&shown, "%s's password: ", request->label) < 0)
        shown = NULL;
    if (text && shown) {
        struct question question = {.text = text, .len = strlen(text), .shown = shown};
        outcome = answer_find(attempt, &question, password, &attempt->step->source, failure);
    } else {
        failure_set(failure, outcome, "out of memory");
    }
    free(text);
    free(shown);
    return outcome;
}

static int
send_password(struct attempt *attempt, const struct secret *password)
{
    const char *user = attempt->request->user;
    int rc;

    do {
        rc = libssh2_userauth_password_ex(attempt->session->lib, user, (unsigned)strlen(user),
                                          password->text, (unsigned)password->len,
                                          refuse_change);
    } while (rc == LIBSSH2_ERROR_EAGAIN && attempt_wait(attempt));
    return rc;
}

/* The server's demand for a new password (RFC 4252 section 8, PASSWD_CHANGEREQ). */
static void
note_change(struct attempt *attempt)
{
    struct bytes *text = &attempt->session->packet.change_text;
    char printable[512];

    if (!text->data || failure_is_set(&attempt->session->packet.failure))
        return;
    escape_into(printable, sizeof printable, text->data, text->len, ESCAPE_LINE);
    failure_set(&attempt->step->failure, OUTCOME_PASSWORD_EXPIRED,
                "the server demands a new password: \"%s\"", printable);
    attempt->step->change_text = *text;
    *text = (struct bytes){NULL, 0};
}

static bool
is_listed(const struct attempt *attempt)
{
    const char *name = attempt->step->method->name;

    return name_list_has(attempt->offered, name, strlen(name));
}

void
password_attempt(struct attempt *attempt)
{
    struct secret password = {NULL, 0, 0};
    struct failure failure = FAILURE_INIT;

    if (!is_listed(attempt)) {
        attempt->step->outcome = OUTCOME_NOT_OFFERED;
        return;
    }
    if (!secret_init(&password))
        failure_set(&failure, OUTCOME_INTERNAL, "out of memory");
    else
        find_password(attempt, &password, &failure);
    if (failure_is_set(&failure)) {
        secret_free(&password);
        attempt_break_off(attempt, &failure);
        return;
    }
    int rc = send_password(attempt, &password);
    secret_free(&password);
    note_change(attempt);
    attempt_conclude(attempt, rc);
}
