/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whose ticket it is: the default credential cache's, or that of what the user named and of
 * nothing else.
 */
#include <config.h>

#include "gss/internal.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
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

char *
gss_principal_text(krb5_context krb5, krb5_const_principal principal)
{
    char *name, *copy;

    if (!principal || krb5_unparse_name(krb5, principal, &name))
        return NULL;
    copy = escape_dup(name, strlen(name), ESCAPE_LINE);
    krb5_free_unparsed_name(krb5, name);
    return copy;
}

static bool
no_memory(struct gss_exchange *exchange)
{
    exchange->failed = true;
    return failure_no_memory(&exchange->failure);
}

/* What was named is used or nothing is: GSSAPI, asked without it, would take the default cache.
 */
static bool
no_kerberos(struct gss_exchange *exchange, const struct gss_look *look, krb5_error_code code)
{
    char text[GSS_TEXT_MAX];

    if (code == ENOMEM)
        return no_memory(exchange);
    exchange->failed = true;
    failure_set(&exchange->failure, OUTCOME_GSSAPI_FAILURE, "Kerberos: %s",
                gss_krb5_text(look->krb5, code, text));
    return false;
}

/* That were made in memory: one that could not be destroyed is not found by another again. */
static atomic_ulong caches;

/*
 * The cache to use, by its full name: the one that was looked at, or with a keytab one in
 * memory. Without one of its own a keytab's ticket would go to the user's default cache.
 */
static bool
choose_cache(struct gss_exchange *exchange, const struct gss_look *look)
{
    krb5_error_code code;
    char *name;

    if (exchange->choice.keytab) {
        exchange->cache_is_ours = true;
        return asprintf(&exchange->cache, "MEMORY:" PACKAGE_NAME "-%lu",
                        atomic_fetch_add(&caches, 1)) > 0 ||
               no_memory(exchange);
    }
    if (!exchange->choice.ccache)
        return true;
    code = krb5_cc_get_full_name(look->krb5, look->ccache, &name);
    if (code)
        return no_kerberos(exchange, look, code);
    exchange->cache = strdup(name);
    krb5_free_string(look->krb5, name);
    return exchange->cache || no_memory(exchange);
}

/* Whose credentials to ask GSSAPI for: nobody's in particular where only a cache is named. */
static bool
import_client(struct gss_exchange *exchange, const struct gss_look *look, gss_name_t *name)
{
    krb5_principal principal = exchange->choice.keytab ? look->principal : look->client;
    char *text;
    OM_uint32 minor;

    if (!principal)
        return true;
    if (krb5_unparse_name(look->krb5, principal, &text))
        return no_memory(exchange);
    gss_buffer_desc buffer = {.value = text, .length = strlen(text)};
    OM_uint32 major =
        gss_import_name(&minor, &buffer, (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME, name);
    krb5_free_unparsed_name(look->krb5, text);
    if (GSS_ERROR(major))
        gss_status_record(exchange, "gss_import_name", major, minor);
    return !GSS_ERROR(major);
}

/* What is known before GSSAPI is asked can be told of any failure. */
static bool
prepare(struct gss_exchange *exchange, gss_name_t *client)
{
    struct gss_look look;
    bool good = gss_look_open(&look, &exchange->choice, &exchange->failure);

    if (!good)
        gss_status_record_look(exchange, &look);
    if (look.krb5)
        exchange->record.client =
            gss_principal_text(look.krb5, look.principal ? look.principal : look.client);
    if (good && look.krb5)
        good = choose_cache(exchange, &look) && import_client(exchange, &look, client);
    else if (good && gss_choice_is_named(&exchange->choice))
        good = no_kerberos(exchange, &look, look.code);
    gss_look_close(&look);
    return good;
}

/*
 * A named cache comes with a keytab without keys: else the library would fill it from
 * KRB5_CLIENT_KTNAME's, and what was named is all that is used.
 */
static OM_uint32
acquire(struct gss_exchange *exchange, gss_name_t client, OM_uint32 *minor)
{
    gss_OID_desc mechanism = gss_krb5_mechanism;
    gss_OID_set_desc mechanisms = {1, &mechanism};
    gss_key_value_element_desc elements[] = {
        {"client_keytab",
         exchange->choice.keytab ? exchange->choice.keytab : "MEMORY:" PACKAGE_NAME "-no-keys"},
        {"ccache", exchange->cache},
    };
    gss_key_value_set_desc store = {sizeof elements / sizeof *elements, elements};

    return gss_acquire_cred_from(minor, client, GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE,
                                 exchange->cache ? &store : GSS_C_NO_CRED_STORE,
                                 &exchange->credential, NULL, NULL);
}

bool
gss_credential_acquire(struct gss_exchange *exchange)
{
    gss_name_t client = GSS_C_NO_NAME;
    OM_uint32 major = GSS_S_FAILURE, minor, ignored;

    if (prepare(exchange, &client)) {
        major = acquire(exchange, client, &minor);
        if (GSS_ERROR(major))
            gss_status_record(exchange, "gss_acquire_cred", major, minor);
    }
    if (client != GSS_C_NO_NAME)
        gss_release_name(&ignored, &client);
    return !GSS_ERROR(major);
}

/* A cache in memory outlives the credentials that were acquired with it. */
static void
destroy_cache(const char *name)
{
    krb5_context krb5;
    krb5_ccache cache;

    if (krb5_init_context(&krb5))
        return;
    if (krb5_cc_resolve(krb5, name, &cache) == 0)
        krb5_cc_destroy(krb5, cache);
    krb5_free_context(krb5);
}

void
gss_credential_drop(struct gss_exchange *exchange)
{
    OM_uint32 minor;

    if (exchange->credential != GSS_C_NO_CREDENTIAL)
        gss_release_cred(&minor, &exchange->credential);
    if (exchange->cache_is_ours && exchange->cache)
        destroy_cache(exchange->cache);
    exchange->cache_is_ours = false;
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
