/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libssh2_userauth_gssapi_with_mic_ex() for a libssh2 that lacks it: RFC 4462 section 3 as a
 * state machine. It speaks through packet.h and gets its tokens from gss/; the steps that may
 * wait for a KDC run in a worker, so that the call returns EAGAIN meanwhile.
 *
 *   FIRST -> REQUEST -> MECHANISM -> TOKEN_OUT -> TOKEN_IN -> STEP -+-> PROOF -> VERDICT
 *                                        ^                          |
 *                                        +--------------------------+
 *
 * The first token is made before the request leaves: without a ticket nothing is sent.
 */
#include <config.h>

#include "ssh2/gssapi_with_mic.h"

#include <stdlib.h>
#include <string.h>

#include "gss/context.h"
#include "ssh2/outgoing.h"
#include "ssh2/session.h"
#include "util/worker.h"

enum state { FIRST, REQUEST, MECHANISM, TOKEN_OUT, TOKEN_IN, STEP, PROOF, VERDICT, ERROR_IN };

struct gssapi_login {
    enum state state;
    enum state after; /* of STEP and ERROR_IN: where to go on */
    char *user;
    size_t user_len;
    struct gss_exchange *exchange;
    struct worker *worker;
    struct outgoing out; /* being sent: the same bytes after EAGAIN */
    bool server_error;   /* ERROR or ERRTOK came: only a FAILURE may follow */
    bool finished;
};

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

/* The steps ------------------------------------------------------------------------------- */

/* Ends the login with one of the results that compat.h lists. */
static int
finish(struct session *session, struct gssapi_login *login, int rc, const char *message)
{
    login->finished = true;
    outgoing_free(&login->out);
    return rc ? libssh2_session_set_last_error(session->lib, rc, message) : 0;
}

static int
finish_out_of_memory(struct session *session, struct gssapi_login *login)
{
    return finish(session, login, LIBSSH2_ERROR_ALLOC, "out of memory");
}

static int
finish_gss_failure(struct session *session, struct gssapi_login *login)
{
    if (gss_exchange_failure(login->exchange)->outcome == OUTCOME_INTERNAL)
        return finish_out_of_memory(session, login);
    return finish(session, login,
                  gss_exchange_password_expired(login->exchange)
                      ? LIBSSH2_ERROR_PASSWORD_EXPIRED
                      : LIBSSH2_ERROR_GSSAPI_FAILURE,
                  gss_exchange_failure(login->exchange)->message);
}

/* Runs `step` in a worker: EAGAIN until it is done, then 0. */
static int
in_worker(struct session *session, struct gssapi_login *login, void (*step)(void *))
{
    if (!login->worker) {
        login->worker = worker_start(step, gss_exchange_free, login->exchange);
        if (!login->worker)
            return finish(session, login, LIBSSH2_ERROR_ALLOC, "no helper thread");
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
        return finish_gss_failure(session, login);
    if (!outgoing_gssapi_request(&login->out, login->user, login->user_len, oid, oid_len))
        return finish_out_of_memory(session, login);
    login->state = REQUEST;
    return 0;
}

static int
send_out(struct session *session, struct gssapi_login *login, enum state next)
{
    int rc = packet_send(session, login->out.bytes, login->out.len);

    if (rc == LIBSSH2_ERROR_EAGAIN)
        return rc;
    if (rc)
        return finish(session, login, LIBSSH2_ERROR_SOCKET_SEND,
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
        return finish_out_of_memory(session, login);
    if (login->out.bytes &&
        packet_send(session, login->out.bytes, login->out.len) == LIBSSH2_ERROR_EAGAIN)
        return LIBSSH2_ERROR_EAGAIN;
    return finish_gss_failure(session, login);
}

static int
prepare_proof(struct session *session, struct gssapi_login *login)
{
    if (!out_proof(session, login))
        return gss_exchange_failed(login->exchange) ? finish_gss_failure(session, login)
                                                    : finish_out_of_memory(session, login);
    login->state = PROOF;
    return 0;
}

/* A complete context may still have owed a token: once that is sent, it is the proof's turn. */
static int
send_token(struct session *session, struct gssapi_login *login)
{
    int rc = send_out(session, login, TOKEN_IN);

    if (rc == 0 && gss_exchange_complete(login->exchange))
        return prepare_proof(session, login);
    return rc;
}

/* Prepares what follows a step: a token that is owed first, then the proof. */
static int
after_step(struct session *session, struct gssapi_login *login)
{
    size_t len;
    const unsigned char *token = gss_exchange_output(login->exchange, &len);

    if (token) {
        if (!outgoing_string(&login->out, MSG_USERAUTH_GSSAPI_TOKEN, token, len))
            return finish_out_of_memory(session, login);
        login->state = TOKEN_OUT;
        return 0;
    }
    if (gss_exchange_complete(login->exchange))
        return prepare_proof(session, login);
    packet_refuse(&session->packet, OUTCOME_PROTOCOL_ERROR,
                  "USERAUTH_GSSAPI_TOKEN from the server: the exchange has nothing to go on "
                  "with (RFC 4462 section 3.4)");
    return finish(session, login, LIBSSH2_ERROR_GSSAPI_FAILURE, "GSSAPI exchange stuck");
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
    return after_step(session, login);
}

static int
step_error_token(struct session *session, struct gssapi_login *login)
{
    int rc = in_worker(session, login, gss_exchange_error_token);

    if (rc == 0)
        login->state = login->after;
    return rc;
}

/* What the server says ----------------------------------------------------------------------
 */

static int
on_failure(struct session *session, struct gssapi_login *login, const struct userauth_msg *msg)
{
    if (msg->u.failure.partial)
        return finish(session, login, LIBSSH2_ERROR_PARTIAL_SUCCESS,
                      "Accepted; further authentication is needed (gssapi-with-mic)");
    if (login->server_error)
        return finish(session, login, LIBSSH2_ERROR_GSSAPI_FAILURE,
                      "GSSAPI error at the server");
    return finish(session, login, LIBSSH2_ERROR_AUTHENTICATION_FAILED,
                  "Authentication failed (gssapi-with-mic)");
}

static int
on_error(struct session *session, struct gssapi_login *login, const struct userauth_msg *msg)
{
    struct gss_record *record = gss_exchange_record(login->exchange);
    struct span text = msg->u.error.message;

    login->server_error = true;
    record->server_error = true;
    record->server_major = msg->u.error.major;
    record->server_minor = msg->u.error.minor;
    bytes_free(&record->server_text);
    if (!bytes_copy(&record->server_text, text.bytes, text.len))
        return finish_out_of_memory(session, login);
    return 0;
}

static int
on_token(struct session *session, struct gssapi_login *login, const struct userauth_msg *msg,
         enum state next)
{
    struct span token = msg->u.token.token;

    if (token.len > GSS_MAX_TOKEN) {
        packet_refuse(&session->packet, OUTCOME_PROTOCOL_ERROR,
                      "a GSSAPI token of %zu bytes from the server", token.len);
        return finish(session, login, LIBSSH2_ERROR_GSSAPI_FAILURE, "GSSAPI token too long");
    }
    if (!gss_exchange_input(login->exchange, token.bytes, token.len))
        return finish_out_of_memory(session, login);
    login->after = login->state;
    login->state = next;
    return 0;
}

static int
on_mechanism(struct session *session, struct gssapi_login *login,
             const struct userauth_msg *msg)
{
    size_t len;
    const unsigned char *offered = gss_mechanism_der(&len);
    struct span chosen = msg->u.token.token;

    if (chosen.len != len || memcmp(chosen.bytes, offered, len) != 0) {
        packet_refuse(&session->packet, OUTCOME_PROTOCOL_ERROR,
                      "USERAUTH_GSSAPI_RESPONSE from the server: a mechanism that was not "
                      "offered (RFC 4462 section 3.3)");
        return finish(session, login, LIBSSH2_ERROR_GSSAPI_FAILURE, "wrong mechanism");
    }
    return after_step(session, login);
}

static int
receive_reply(struct session *session, struct gssapi_login *login, unsigned char expected)
{
    const unsigned char types[] = {MSG_USERAUTH_FAILURE,
                                   MSG_USERAUTH_GSSAPI_ERROR,
                                   MSG_USERAUTH_GSSAPI_ERRTOK,
                                   login->server_error ? 0 : MSG_USERAUTH_SUCCESS,
                                   expected,
                                   0};
    struct userauth_msg msg;
    unsigned char *payload;
    size_t len;
    int rc = packet_receive(session, types, &payload, &len);

    if (rc == LIBSSH2_ERROR_EAGAIN)
        return rc;
    if (rc)
        return finish(session, login, LIBSSH2_ERROR_AUTHENTICATION_FAILED,
                      "Waiting for a gssapi-with-mic message");
    /* packet.c let it pass: it is well-formed */
    userauth_msg_decode(&msg, USERAUTH_RECEIVED, USERAUTH_GSSAPI, payload, len);
    switch (msg.type) {
    case MSG_USERAUTH_FAILURE:
        rc = on_failure(session, login, &msg);
        break;
    case MSG_USERAUTH_SUCCESS:
        packet_mark_authenticated(session);
        rc = finish(session, login, 0, NULL);
        break;
    case MSG_USERAUTH_GSSAPI_ERROR:
        rc = on_error(session, login, &msg);
        break;
    case MSG_USERAUTH_GSSAPI_ERRTOK:
        login->server_error = true;
        rc = on_token(session, login, &msg, ERROR_IN);
        break;
    case MSG_USERAUTH_GSSAPI_TOKEN:
        rc = on_token(session, login, &msg, STEP);
        break;
    default:
        rc = on_mechanism(session, login, &msg);
        break;
    }
    packet_payload_free(session, payload);
    return rc;
}

static int
advance(struct session *session, struct gssapi_login *login)
{
    switch (login->state) {
    case FIRST:
        return step_first(session, login);
    case REQUEST:
        return send_out(session, login, MECHANISM);
    case MECHANISM:
        return receive_reply(session, login, MSG_USERAUTH_GSSAPI_RESPONSE);
    case TOKEN_OUT:
        return send_token(session, login);
    case TOKEN_IN:
        return receive_reply(session, login, MSG_USERAUTH_GSSAPI_TOKEN);
    case STEP:
        return step_token(session, login);
    case PROOF:
        return send_out(session, login, VERDICT);
    case VERDICT:
        return receive_reply(session, login, 0);
    case ERROR_IN:
        return step_error_token(session, login);
    }
    return LIBSSH2_ERROR_INVAL;
}

/* The call ----------------------------------------------------------------------------------
 */

static bool
login_new(struct session *session, const char *user, size_t user_len, const char *host,
          size_t host_len, bool delegate)
{
    gssapi_with_mic_free(session);
    struct gssapi_login *login = calloc(1, sizeof *login);
    if (!login)
        return false;
    session->gssapi = login;
    login->user = malloc(user_len + 1);
    if (login->user)
        memcpy(login->user, user, user_len);
    login->user_len = user_len;
    login->exchange = gss_exchange_new(host, host_len, delegate);
    return login->user && login->exchange;
}

int
libssh2_userauth_gssapi_with_mic_ex(LIBSSH2_SESSION *lib, const char *username,
                                    unsigned int username_len, const char *hostname,
                                    unsigned int hostname_len, int delegation_flag)
{
    struct session *session = session_of(lib);
    int rc;

    if (!session)
        return libssh2_session_set_last_error(lib, LIBSSH2_ERROR_BAD_USE,
                                              "not a session of session_open()");
    if ((!session->gssapi || session->gssapi->finished) &&
        !login_new(session, username, username_len, hostname, hostname_len,
                   delegation_flag != 0)) {
        if (session->gssapi)
            session->gssapi->finished = true;
        return libssh2_session_set_last_error(lib, LIBSSH2_ERROR_ALLOC, "out of memory");
    }
    for (;;) {
        do {
            rc = advance(session, session->gssapi);
        } while (rc == 0 && !session->gssapi->finished);
        if (rc != LIBSSH2_ERROR_EAGAIN || !libssh2_session_get_blocking(lib))
            return rc;
        if (session_wait(session) != OUTCOME_SUCCESS)
            return libssh2_session_set_last_error(lib, LIBSSH2_ERROR_TIMEOUT, "timed out");
    }
}

void
gssapi_with_mic_free(struct session *session)
{
    struct gssapi_login *login = session->gssapi;

    if (!login)
        return;
    if (login->worker) {
        worker_abandon(login->worker); /* the exchange is the thread's now */
        session->wake_fd = -1;
    } else {
        gss_exchange_free(login->exchange);
    }
    outgoing_free(&login->out);
    free(login->user);
    free(login);
    session->gssapi = NULL;
}

bool
gssapi_with_mic_take_record(struct session *session, struct gss_record *record)
{
    if (!session->gssapi || session->gssapi->worker || !session->gssapi->exchange)
        return false;
    struct gss_record *ours = gss_exchange_record(session->gssapi->exchange);
    *record = *ours;
    memset(ours, 0, sizeof *ours);
    return true;
}

const struct failure *
gssapi_with_mic_failure(const struct session *session)
{
    static const struct failure none;

    if (!session->gssapi || session->gssapi->worker || !session->gssapi->exchange)
        return &none;
    return gss_exchange_failure(session->gssapi->exchange);
}
