/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the three files of gssapi-with-mic share: not for anybody else.
 *
 *   FIRST -> REQUEST -> MECHANISM -> TOKEN_OUT -> TOKEN_IN -> STEP -+-> PROOF -> VERDICT
 *                                        ^                          |
 *                                        +--------------------------+
 *
 * The first token is made before the request leaves: without a ticket nothing is sent.
 */
#ifndef GSSAPI_LOGIN_H
#define GSSAPI_LOGIN_H

#include "gss/context.h"
#include "ssh2/outgoing.h"
#include "ssh2/session.h"
#include "util/worker.h"

enum gssapi_state {
    GSSAPI_FIRST,
    GSSAPI_REQUEST,
    GSSAPI_MECHANISM,
    GSSAPI_TOKEN_OUT,
    GSSAPI_TOKEN_IN,
    GSSAPI_STEP,
    GSSAPI_PROOF,
    GSSAPI_VERDICT,
    GSSAPI_ERROR_IN
};

struct gssapi_login {
    enum gssapi_state state;
    enum gssapi_state after; /* of GSSAPI_STEP and GSSAPI_ERROR_IN: where to go on */
    char *user;
    size_t user_len;
    struct gss_exchange *exchange;
    struct worker *worker;
    struct outgoing out; /* being sent: the same bytes after EAGAIN */
    bool server_error;   /* ERROR or ERRTOK came: only a FAILURE may follow */
    bool finished;
};

/* Each of these returns 0 to go on (or the login is finished), EAGAIN, or the call's result. */

/* One step of the state machine. */
int gssapi_advance(struct session *session, struct gssapi_login *login);

/* Takes what the server says: `expected`, FAILURE, SUCCESS, ERROR or ERRTOK. */
int gssapi_receive_reply(struct session *session, struct gssapi_login *login,
                         unsigned char expected);

/* Prepares what follows a step of the exchange: a token that is owed first, then the proof. */
int gssapi_after_step(struct session *session, struct gssapi_login *login);

/* End the login with one of the results that compat.h lists; 0 is one of them. */
int gssapi_finish(struct session *session, struct gssapi_login *login, int rc,
                  const char *message);
int gssapi_finish_out_of_memory(struct session *session, struct gssapi_login *login);

#endif
