/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of this room share: not for anybody outside it.
 */
#ifndef GSS_INTERNAL_H
#define GSS_INTERNAL_H

#include <gssapi/gssapi.h>
#include <krb5.h>

#include "gss/context.h"

struct gss_exchange {
    char *host;
    bool delegate;
    gss_name_t target;
    gss_cred_id_t credential;
    gss_ctx_id_t context;
    gss_buffer_desc output;
    unsigned char *input;
    size_t input_len;
    const unsigned char *error_token; /* during gss_exchange_error_token() only */
    size_t error_token_len;
    bool complete;
    bool failed;
    bool password_expired;
    OM_uint32 flags;
    struct gss_record record;
    struct failure failure;
};

/* 1.2.840.113554.1.2.2, Kerberos V5 (RFC 1964 section 1). */
extern const gss_OID_desc gss_krb5_mechanism;

/* Acquires the default initiator credentials; false, with the failure recorded. */
bool gss_credential_acquire(struct gss_exchange *exchange);

/* Notes principal and lifetime; which cache serves is certain only after the first step. */
void gss_credential_describe(struct gss_exchange *exchange);

/*
 * Records the failure of `call` with its texts, and the hint where one is known. To be called
 * in the thread where the call failed: the texts of minor statuses are thread-specific.
 */
void gss_status_record(struct gss_exchange *exchange, const char *call, OM_uint32 major,
                       OM_uint32 minor);

/* The same for a credential cache that Kerberos itself cannot use. */
void gss_status_record_cache(struct gss_exchange *exchange, krb5_context krb5,
                             krb5_error_code code);

/* A printable copy of a name; NULL where there is none. To be freed by free(3). */
char *gss_name_text(gss_name_t name);

#endif
