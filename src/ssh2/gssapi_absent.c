/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In place of gssapi_with_mic.c and of gss/choice.c where libssh2 has the call itself, or with
 * --disable-gssapi: there is nothing to tell of it, nothing to free, and nothing to choose.
 */
#include <config.h>

#include "ssh2/gssapi_with_mic.h"

#include <stddef.h>

#include "gss/choice.h"

bool
gssapi_with_mic_take_record(struct session *session, struct gss_record *record)
{
    (void)session;
    (void)record;
    return false;
}

const struct failure *
gssapi_with_mic_failure(const struct session *session)
{
    static const struct failure none;

    (void)session;
    return &none;
}

void
gssapi_with_mic_free(struct session *session)
{
    (void)session;
}

bool
gss_choice_load(struct failure *failure)
{
    (void)failure;
    return true;
}

bool
gss_choice_check(const struct gss_choice *choice, struct failure *failure)
{
    const char *option = choice->keytab   ? "--keytab"
                         : choice->ccache ? "--ccache"
                         : choice->client ? "--gssapi-client"
                                          : NULL;

    if (!option)
        return true;
    failure_set(failure, OUTCOME_USAGE,
                "%s: this program was built with libssh2's own gssapi-with-mic, or without it: "
                "only the default credentials can be used",
                option);
    return false;
}
