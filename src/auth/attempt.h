/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One attempt by one method on an open session: what each method's file needs to make it, and
 * how its outcome is found. Verdicts come from the seam's record of what the server said, not
 * from libssh2's return code, which says "authentication failed" of almost anything.
 */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include "auth/method.h"
#include "auth/step.h"
#include "probe/request.h"
#include "ssh2/session.h"

struct attempt {
    struct session *session;
    const struct request *request;
    struct step *step;           /* filled in; zeroed but for `method` at the start */
    size_t banners_said;         /* how many of the session's banners a person has been shown */
    struct respond_use *answers; /* what the rules gave, from attempt_answers_begin() on */
};

/* Makes the attempt by step->method. step->outcome is set on return, with the details. */
void attempt_make(struct attempt *attempt);

/*
 * After EAGAIN: waits until libssh2's function is to be called again. False where the limit
 * passed or a signal came: the step's failure says so.
 */
bool attempt_wait(struct attempt *attempt);

/* For a method that answers prompts, before its first message. False where memory is short: the
 * step's failure says so. */
bool attempt_answers_begin(struct attempt *attempt);

/* Ends the attempt: `rc` is what the function returned, EAGAIN where a wait ended it. */
void attempt_conclude(struct attempt *attempt, int rc);

/* One function a method, for the table in method.c. */
void none_attempt(struct attempt *attempt);
void kbdint_attempt(struct attempt *attempt);
void gssapi_attempt(struct attempt *attempt);

#endif
