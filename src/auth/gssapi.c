/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gssapi-with-mic (RFC 4462 section 3), as libssh2's API has it or is to have it.
 */
#include <config.h>

#include <string.h>

#include "auth/attempt.h"
#include "ssh2/gssapi_with_mic.h"
#include "util/escape.h"

/* What the API's return code cannot say: texts, hints, and what the server called wrong. */
static void
explain(struct attempt *attempt, int rc)
{
    struct step *step = attempt->step;
    const struct failure *failure = gssapi_with_mic_failure(attempt->session);
    char text[512];

    if (failure_is_set(&attempt->session->packet.failure))
        return;
    if (rc == LIBSSH2_ERROR_ALLOC && failure_is_set(failure))
        failure_set(&step->failure, failure->outcome, "%s", failure->message);
    if (rc != LIBSSH2_ERROR_PASSWORD_EXPIRED && rc != LIBSSH2_ERROR_GSSAPI_FAILURE)
        return;
    if (rc == LIBSSH2_ERROR_PASSWORD_EXPIRED) {
        failure_set(&step->failure, OUTCOME_PASSWORD_EXPIRED, "%s",
                    failure_is_set(failure) ? failure->message
                                            : "the principal's password has expired");
    } else if (failure_is_set(failure)) {
        failure_set(&step->failure, failure->outcome, "%s", failure->message);
    } else if (step->has_gss && step->gss.server_error) {
        escape_into(text, sizeof text, step->gss.server_text.data, step->gss.server_text.len,
                    ESCAPE_LINE);
        failure_set(&step->failure, OUTCOME_GSSAPI_FAILURE,
                    "the server reports a GSSAPI error: \"%s\"", text);
    } else {
        failure_set(&step->failure, OUTCOME_GSSAPI_FAILURE, "the GSSAPI exchange failed");
    }
    if (*failure->hint)
        failure_hint(&step->failure, "%s", failure->hint);
}

void
gssapi_attempt(struct attempt *attempt)
{
    const struct request *request = attempt->request;
    const struct settings *settings = request->settings;
    const char *host = request->route.gssapi_host;
    int rc;

    attempt->session->gss_choice = &settings->gss;
    do {
        rc = libssh2_userauth_gssapi_with_mic_ex(attempt->session->lib, request->user,
                                                 (unsigned)strlen(request->user), host,
                                                 (unsigned)strlen(host), settings->delegate);
    } while (rc == LIBSSH2_ERROR_EAGAIN && attempt_wait(attempt));
    attempt->step->has_gss = gssapi_with_mic_take_record(attempt->session, &attempt->step->gss);
    explain(attempt, rc);
    attempt_conclude(attempt, rc);
}
