/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libssh2_userauth_gssapi_with_mic_ex() for a libssh2 that lacks it: the call, and what it
 * leaves. gssapi_login.h has the state machine.
 */
#include <config.h>

#include "ssh2/gssapi_with_mic.h"

#include <stdlib.h>
#include <string.h>

#include "ssh2/gssapi_login.h"

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
    login->exchange = gss_exchange_new(host, host_len, delegate, session->gss_choice);
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
            rc = gssapi_advance(session, session->gssapi);
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
