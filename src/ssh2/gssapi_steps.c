/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps of a gssapi-with-mic login on our side. Those that may wait for a KDC run in a
 * worker, so that the call returns EAGAIN meanwhile.
 */
#include <config.h>

#include <stdlib.h>

#include "ssh2/gssapi_login.h"
#include "util/pages.h"

/* MIC over session identifier and request (section 3.5), or EXCHANGE_COMPLETE (section 3.4). */
static bool
out_proof(struct session *session, struct gssapi_login *login)
{
    const struct packet *packet = &session->packet;
    struct outgoing signed_data = {NULL, 0};
    unsigned char *mic = NULL;
    size_t mic_len = 0;

    if (!gss_exchange_has_integrity(login->exchange))
        return outgoing_message(&login->out, MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE);
    bool made =
        outgoing_mic_data(&signed_data, packet->session_id, packet->session_id_len, login->user,
                          login->user_len) &&
        gss_exchange_mic(login->exchange, signed_data.bytes, signed_data.len, &mic, &mic_len) &&
        outgoing_string(&login->out, MSG_USERAUTH_GSSAPI_MIC, mic, mic_len);
    outgoing_free(&signed_data);
    free(mic);
    return made;
}

int
gssapi_finish(struct session *session, struct gssapi_login *login, int rc, const char *message)
{
    login->finished = true;
    outgoing_free(&login->out);
    return rc ? libssh2_session_set_last_error(session->lib, rc, message) : 0;
}

int
gssapi_finish_out_of_memory(struct session *session, struct gssapi_login *login)
{
    return gssapi_finish(session, login, LIBSSH2_ERROR_ALLOC, "out of memory");
}

static int
finish_failure(struct session *session, struct gssapi_login *login)
{
    const struct failure *failure = gss_exchange_failure(login->exchange);
    int rc = LIBSSH2_ERROR_GSSAPI_FAILURE;

    if (failure->outcome == OUTCOME_INTERNAL)
        rc = LIBSSH2_ERROR_ALLOC; /* or the libraries are not there: the message says which */
    else if (gss_exchange_password_expired(login->exchange))
        rc = LIBSSH2_ERROR_PASSWORD_EXPIRED;
    return gssapi_finish(session, login, rc, failure->message);
}

/* Runs `step` in a worker: EAGAIN until it is done, then 0. */
static int
in_worker(struct session *session, struct gssapi_login *login, void (*step)(void *))
{
    if (!login->worker) {
        if (!pages_could_be_had(GSS_ROOM))
            return gssapi_finish_out_of_memory(session, login);
        login->worker = worker_start(step, gss_exchange_free, login->exchange);
        if (!login->worker)
            return gssapi_finish(session, login, LIBSSH2_ERROR_ALLOC,
                                 "out of memory or threads");
        session->wake_fd = worker_fd(login->worker);
    }
    if (!worker_done(login->worker))
        return LIBSSH2_ERROR_EAGAIN;
    session->wake_fd = -1;
    worker_finish(login->worker);
    login->worker = NULL;
    return 0;
}

static int
step_first(struct session *session, struct gssapi_login *login)
{
    size_t oid_len;
    const unsigned char *oid = gss_mechanism_der(&oid_len);
    int rc = in_worker(session, login, gss_exchange_step);

    if (rc)
        return rc;
    if (gss_exchange_failed(login->exchange))
        return finish_failure(session, login);
    if (!outgoing_gssapi_request(&login->out, login->user, login->user_len, oid, oid_len))
        return gssapi_finish_out_of_memory(session, login);
    login->state = GSSAPI_REQUEST;
    return 0;
}

static int
send_out(struct session *session, struct gssapi_login *login, enum gssapi_state next)
{
    int rc = packet_send(session, login->out.bytes, login->out.len);

    if (rc == LIBSSH2_ERROR_EAGAIN)
        return rc;
    if (rc)
        return gssapi_finish(session, login, LIBSSH2_ERROR_SOCKET_SEND,
                             "Unable to send a gssapi-with-mic message");
    outgoing_free(&login->out);
    login->state = next;
    return 0;
}

/* After our own failure in mid-exchange the peer is told, where there is a token (section 3.9).
 */
static int
send_error_token(struct session *session, struct gssapi_login *login)
{
    size_t len;
    const unsigned char *token = gss_exchange_output(login->exchange, &len);

    if (token && !login->out.bytes &&
        !outgoing_string(&login->out, MSG_USERAUTH_GSSAPI_ERRTOK, token, len))
        return gssapi_finish_out_of_memory(session, login);
    if (login->out.bytes &&
        packet_send(session, login->out.bytes, login->out.len) == LIBSSH2_ERROR_EAGAIN)
        return LIBSSH2_ERROR_EAGAIN;
    return finish_failure(session, login);
}

static int
prepare_proof(struct session *session, struct gssapi_login *login)
{
    if (!out_proof(session, login))
        return gss_exchange_failed(login->exchange)
                   ? finish_failure(session, login)
                   : gssapi_finish_out_of_memory(session, login);
    login->state = GSSAPI_PROOF;
    return 0;
}

/* A complete context may still have owed a token: once that is sent, it is the proof's turn. */
static int
send_token(struct session *session, struct gssapi_login *login)
{
    int rc = send_out(session, login, GSSAPI_TOKEN_IN);

    if (rc == 0 && gss_exchange_complete(login->exchange))
        return prepare_proof(session, login);
    return rc;
}

int
gssapi_after_step(struct session *session, struct gssapi_login *login)
{
    size_t len;
    const unsigned char *token = gss_exchange_output(login->exchange, &len);

    if (token) {
        if (!outgoing_string(&login->out, MSG_USERAUTH_GSSAPI_TOKEN, token, len))
            return gssapi_finish_out_of_memory(session, login);
        login->state = GSSAPI_TOKEN_OUT;
        return 0;
    }
    if (gss_exchange_complete(login->exchange))
        return prepare_proof(session, login);
    packet_refuse(&session->packet, OUTCOME_PROTOCOL_ERROR,
                  "USERAUTH_GSSAPI_TOKEN from the server: the exchange has nothing to go on "
                  "with (RFC 4462 section 3.4)");
    return gssapi_finish(session, login, LIBSSH2_ERROR_GSSAPI_FAILURE, "GSSAPI exchange stuck");
}

static int
step_token(struct session *session, struct gssapi_login *login)
{
    if (login->out.bytes) /* the error token did not fit into the socket at once */
        return send_error_token(session, login);
    int rc = in_worker(session, login, gss_exchange_step);
    if (rc)
        return rc;
    if (gss_exchange_failed(login->exchange))
        return send_error_token(session, login);
    return gssapi_after_step(session, login);
}

static int
step_error_token(struct session *session, struct gssapi_login *login)
{
    int rc = in_worker(session, login, gss_exchange_error_token);

    if (rc == 0)
        login->state = login->after;
    return rc;
}

int
gssapi_advance(struct session *session, struct gssapi_login *login)
{
    switch (login->state) {
    case GSSAPI_FIRST:
        return step_first(session, login);
    case GSSAPI_REQUEST:
        return send_out(session, login, GSSAPI_MECHANISM);
    case GSSAPI_MECHANISM:
        return gssapi_receive_reply(session, login, MSG_USERAUTH_GSSAPI_RESPONSE);
    case GSSAPI_TOKEN_OUT:
        return send_token(session, login);
    case GSSAPI_TOKEN_IN:
        return gssapi_receive_reply(session, login, MSG_USERAUTH_GSSAPI_TOKEN);
    case GSSAPI_STEP:
        return step_token(session, login);
    case GSSAPI_PROOF:
        return send_out(session, login, GSSAPI_VERDICT);
    case GSSAPI_VERDICT:
        return gssapi_receive_reply(session, login, 0);
    case GSSAPI_ERROR_IN:
        return step_error_token(session, login);
    }
    return LIBSSH2_ERROR_INVAL;
}
