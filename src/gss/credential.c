/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whose ticket it is. The default credential cache and nothing else: what the user did not name
 * is not looked for.
 */
#include <config.h>

#include "gss/internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/escape.h"

/* writable only because the type's member is */
static char krb5_oid[] = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
const gss_OID_desc gss_krb5_mechanism = {sizeof krb5_oid - 1, krb5_oid};

const unsigned char *
gss_mechanism_der(size_t *len)
{
    static const unsigned char der[] = "\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";

    *len = sizeof der - 1;
    return der;
}

char *
gss_name_text(gss_name_t name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    char *copy = NULL;

    if (name == GSS_C_NO_NAME || gss_display_name(&minor, name, &text, NULL) != GSS_S_COMPLETE)
        return NULL;
    copy = escape_dup(text.value, text.length, ESCAPE_LINE);
    gss_release_buffer(&minor, &text);
    return copy;
}

/*
 * Looks at the default cache before GSSAPI does: whose it is can then be told of any failure,
 * and MIT krb5 1.20.1 frees what it never set when it comes upon a damaged one. A cache that is
 * not there is left to GSSAPI, which says so best. False, with the failure recorded, for a
 * damaged one.
 */
static bool
look_at_cache(struct gss_exchange *exchange)
{
    krb5_context krb5 = NULL;
    krb5_ccache ccache = NULL;
    krb5_principal principal = NULL;
    char *name = NULL;

    if (krb5_init_context(&krb5))
        return true;
    krb5_error_code code = krb5_cc_default(krb5, &ccache);
    if (code == 0)
        code = krb5_cc_get_principal(krb5, ccache, &principal);
    if (code == 0 && krb5_unparse_name(krb5, principal, &name) == 0) {
        exchange->record.client = escape_dup(name, strlen(name), ESCAPE_LINE);
        krb5_free_unparsed_name(krb5, name);
    }
    bool usable = code == 0 || code == KRB5_FCC_NOFILE || code == KRB5_CC_NOTFOUND;
    if (!usable)
        gss_status_record_cache(exchange, krb5, code);
    krb5_free_principal(krb5, principal);
    if (ccache)
        krb5_cc_close(krb5, ccache);
    krb5_free_context(krb5);
    return usable;
}

bool
gss_credential_acquire(struct gss_exchange *exchange)
{
    gss_OID_desc mechanism = gss_krb5_mechanism;
    gss_OID_set_desc mechanisms = {1, &mechanism};
    OM_uint32 minor;

    if (!look_at_cache(exchange))
        return false;
    OM_uint32 major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms,
                                       GSS_C_INITIATE, &exchange->credential, NULL, NULL);
    if (GSS_ERROR(major)) {
        gss_status_record(exchange, "gss_acquire_cred", major, minor);
        return false;
    }
    return true;
}

void
gss_credential_describe(struct gss_exchange *exchange)
{
    struct gss_record *record = &exchange->record;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor, lifetime = 0;

    if (GSS_ERROR(gss_inquire_cred(&minor, exchange->credential, &name, &lifetime, NULL, NULL)))
        return;
    char *client = gss_name_text(name);
    if (client) { /* of a collection, not always the default cache was taken */
        free(record->client);
        record->client = client;
    }
    record->lifetime = lifetime;
    record->has_lifetime = true;
    if (name != GSS_C_NO_NAME)
        gss_release_name(&minor, &name);
}
