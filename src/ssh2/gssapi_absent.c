/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In place of gssapi_with_mic.c where libssh2 has the call itself, or with --disable-gssapi:
 * there is nothing to tell of it, and nothing to free.
 */
#include <config.h>

#include "ssh2/gssapi_with_mic.h"

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
