/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the server says in a gssapi-with-mic login (RFC 4462 sections 3.3 to 3.9).
 */
#include <config.h>

#include <string.h>

#include "ssh2/gssapi_login.h"

/* What the server says ----------------------------------------------------------------------
 */

static int
on_failure(struct session *session, struct gssapi_login *login, const struct userauth_msg *msg)
{
    if (msg->u.failure.partial)
        return gssapi_finish(session, login, LIBSSH2_ERROR_PARTIAL_SUCCESS,
                             "Accepted; further authentication is needed (gssapi-with-mic)");
    if (login->server_error)
        return gssapi_finish(session, login, LIBSSH2_ERROR_GSSAPI_FAILURE,
                             "GSSAPI error at the server");
    return gssapi_finish(session, login, LIBSSH2_ERROR_AUTHENTICATION_FAILED,
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
        return gssapi_finish_out_of_memory(session, login);
    return 0;
}

static int
on_token(struct session *session, struct gssapi_login *login, const struct userauth_msg *msg,
         enum gssapi_state next)
{
    struct span token = msg->u.token.token;

    if (token.len > GSS_MAX_TOKEN) {
        packet_refuse(&session->packet, OUTCOME_PROTOCOL_ERROR,
                      "a GSSAPI token of %zu bytes from the server", token.len);
        return gssapi_finish(session, login, LIBSSH2_ERROR_GSSAPI_FAILURE,
                             "GSSAPI token too long");
    }
    if (!gss_exchange_input(login->exchange, token.bytes, token.len))
        return gssapi_finish_out_of_memory(session, login);
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
        return gssapi_finish(session, login, LIBSSH2_ERROR_GSSAPI_FAILURE, "wrong mechanism");
    }
    return gssapi_after_step(session, login);
}

int
gssapi_receive_reply(struct session *session, struct gssapi_login *login,
                     unsigned char expected)
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
        return gssapi_finish(session, login, LIBSSH2_ERROR_AUTHENTICATION_FAILED,
                             "Waiting for a gssapi-with-mic message");
    /* packet.c let it pass: it is well-formed */
    userauth_msg_decode(&msg, USERAUTH_RECEIVED, USERAUTH_GSSAPI, payload, len);
    switch (msg.type) {
    case MSG_USERAUTH_FAILURE:
        rc = on_failure(session, login, &msg);
        break;
    case MSG_USERAUTH_SUCCESS:
        packet_mark_authenticated(session);
        rc = gssapi_finish(session, login, 0, NULL);
        break;
    case MSG_USERAUTH_GSSAPI_ERROR:
        rc = on_error(session, login, &msg);
        break;
    case MSG_USERAUTH_GSSAPI_ERRTOK:
        login->server_error = true;
        rc = on_token(session, login, &msg, GSSAPI_ERROR_IN);
        break;
    case MSG_USERAUTH_GSSAPI_TOKEN:
        rc = on_token(session, login, &msg, GSSAPI_STEP);
        break;
    default:
        rc = on_mechanism(session, login, &msg);
        break;
    }
    packet_payload_free(session, payload);
    return rc;
}
