/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whose ticket it is. The default credential cache and nothing else: what the user did not name
 * is not looked for.
 */
#include <config.h>

#include "gss/internal.h"

#include <stdlib.h>

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

bool
gss_credential_acquire(struct gss_exchange *exchange)
{
    gss_OID_desc mechanism = gss_krb5_mechanism;
    gss_OID_set_desc mechanisms = {1, &mechanism};
    OM_uint32 minor;
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

    if (exchange->credential == GSS_C_NO_CREDENTIAL || record->client)
        return;
    if (GSS_ERROR(gss_inquire_cred(&minor, exchange->credential, &name, &lifetime, NULL, NULL)))
        return;
    record->client = gss_name_text(name);
    record->lifetime = lifetime;
    record->has_lifetime = true;
    if (name != GSS_C_NO_NAME)
        gss_release_name(&minor, &name);
}
