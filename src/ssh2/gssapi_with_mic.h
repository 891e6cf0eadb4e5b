/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What there is to tell of a gssapi-with-mic login besides its return code; the call itself is
 * in compat.h. Where libssh2 has the call, or with --disable-gssapi, there is nothing to tell.
 */
#ifndef GSSAPI_WITH_MIC_H
#define GSSAPI_WITH_MIC_H

#include "gss/record.h"
#include "util/failure.h"

struct session;

/*
 * Moves the record of the last attempt to the caller, who frees it by gss_record_free(). False
 * where there was none, or its helper thread still waits.
 */
bool gssapi_with_mic_take_record(struct session *session, struct gss_record *record);

/* The reason of the last failure on our side or the server's; empty where there is none. */
const struct failure *gssapi_with_mic_failure(const struct session *session);

/* Frees the state; a helper thread that still waits for a KDC is abandoned. */
void gssapi_with_mic_free(struct session *session);

#endif
