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
    struct step *step;         /* filled in; zeroed but for `method` at the start */
    const struct step *before; /* the connection's earlier steps */
    size_t before_count;
    const char *offered;     /* the last list of methods on this connection; NULL: none came */
    struct respond_use *use; /* what this attempt takes from the rules */
    bool key_acceptable;     /* publickey ended with a query that the server said yes to */
};

/* Makes the attempt by step->method. step->outcome is set on return, with the details. */
void attempt_make(struct attempt *attempt);

/*
 * After EAGAIN: waits until libssh2's function is to be called again. False where the limit
 * passed or a signal came: the step's failure says so.
 */
bool attempt_wait(struct attempt *attempt);

/* Ends the attempt on our side, before anything was sent or in mid-dialogue: nothing more is.
 */
void attempt_break_off(struct attempt *attempt, const struct failure *failure);

/* Ends the attempt: `rc` is what the function returned, EAGAIN where a wait ended it. */
void attempt_conclude(struct attempt *attempt, int rc);

/* One function a method, for the table in method.def. */
void none_attempt(struct attempt *attempt);
void password_attempt(struct attempt *attempt);
void publickey_attempt(struct attempt *attempt);
void kbdint_attempt(struct attempt *attempt);
void gssapi_attempt(struct attempt *attempt);

#endif
