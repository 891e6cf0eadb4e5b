/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calls that src/gss makes and that can fail. What the libraries call themselves is theirs.
 */
#include "inject.h"

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <krb5.h>

#define FAILS                                                                                  \
    (inject_in_program(__builtin_return_address(0)) &&                                         \
     inject_due(INJECT_GSSAPI, __builtin_return_address(0)))

#define NEXT(name) ((__typeof__(name) *)inject_next(#name))

/* Each leaves its results as they are. */
#define GSS(name, parameters, arguments)                                                       \
    OM_uint32 name parameters                                                                  \
    {                                                                                          \
        if (FAILS) {                                                                           \
            *minor = (OM_uint32)inject_error();                                                \
            return GSS_S_FAILURE;                                                              \
        }                                                                                      \
        return NEXT(name) arguments;                                                           \
    }

#define KRB5(name, parameters, arguments)                                                      \
    krb5_error_code name parameters                                                            \
    {                                                                                          \
        return FAILS ? inject_error() : NEXT(name) arguments;                                  \
    }

GSS(gss_acquire_cred_from,
    (OM_uint32 * minor, gss_name_t name, OM_uint32 time, gss_OID_set mechanisms,
     gss_cred_usage_t usage, gss_const_key_value_set_t store, gss_cred_id_t *credential,
     gss_OID_set *actual, OM_uint32 *actual_time),
    (minor, name, time, mechanisms, usage, store, credential, actual, actual_time))
GSS(gss_canonicalize_name,
    (OM_uint32 * minor, const gss_name_t name, const gss_OID mechanism, gss_name_t *canonical),
    (minor, name, mechanism, canonical))
GSS(gss_display_name, (OM_uint32 * minor, gss_name_t name, gss_buffer_t text, gss_OID *type),
    (minor, name, text, type))
GSS(gss_display_status,
    (OM_uint32 * minor, OM_uint32 status, int type, gss_OID mechanism, OM_uint32 *more,
     gss_buffer_t text),
    (minor, status, type, mechanism, more, text))
GSS(gss_get_mic,
    (OM_uint32 * minor, gss_ctx_id_t context, gss_qop_t quality, gss_buffer_t message,
     gss_buffer_t mic),
    (minor, context, quality, message, mic))
GSS(gss_import_name, (OM_uint32 * minor, gss_buffer_t text, gss_OID type, gss_name_t *name),
    (minor, text, type, name))
GSS(gss_init_sec_context,
    (OM_uint32 * minor, gss_cred_id_t credential, gss_ctx_id_t *context, gss_name_t target,
     gss_OID mechanism, OM_uint32 flags, OM_uint32 time, gss_channel_bindings_t bindings,
     gss_buffer_t input, gss_OID *actual, gss_buffer_t output, OM_uint32 *actual_flags,
     OM_uint32 *actual_time),
    (minor, credential, context, target, mechanism, flags, time, bindings, input, actual,
     output, actual_flags, actual_time))
GSS(gss_inquire_context,
    (OM_uint32 * minor, gss_ctx_id_t context, gss_name_t *source, gss_name_t *target,
     OM_uint32 *time, gss_OID *mechanism, OM_uint32 *flags, int *ours, int *open),
    (minor, context, source, target, time, mechanism, flags, ours, open))
GSS(gss_inquire_cred,
    (OM_uint32 * minor, gss_cred_id_t credential, gss_name_t *name, OM_uint32 *time, int *usage,
     gss_OID_set *mechanisms),
    (minor, credential, name, time, usage, mechanisms))

KRB5(krb5_cc_cache_match, (krb5_context context, krb5_principal client, krb5_ccache *cache),
     (context, client, cache))
KRB5(krb5_cc_default, (krb5_context context, krb5_ccache *cache), (context, cache))
KRB5(krb5_cc_get_full_name, (krb5_context context, krb5_ccache cache, char **name),
     (context, cache, name))
KRB5(krb5_cc_get_principal, (krb5_context context, krb5_ccache cache, krb5_principal *client),
     (context, cache, client))
KRB5(krb5_cc_resolve, (krb5_context context, const char *name, krb5_ccache *cache),
     (context, name, cache))
KRB5(krb5_cc_set_default_name, (krb5_context context, const char *name), (context, name))
KRB5(krb5_copy_principal,
     (krb5_context context, krb5_const_principal from, krb5_principal *copy),
     (context, from, copy))
KRB5(krb5_init_context, (krb5_context * context), (context))
KRB5(krb5_kt_next_entry,
     (krb5_context context, krb5_keytab keytab, krb5_keytab_entry *entry,
      krb5_kt_cursor *cursor),
     (context, keytab, entry, cursor))
KRB5(krb5_kt_resolve, (krb5_context context, const char *name, krb5_keytab *keytab),
     (context, name, keytab))
KRB5(krb5_kt_start_seq_get, (krb5_context context, krb5_keytab keytab, krb5_kt_cursor *cursor),
     (context, keytab, cursor))
KRB5(krb5_parse_name, (krb5_context context, const char *text, krb5_principal *name),
     (context, text, name))
KRB5(krb5_timeofday, (krb5_context context, krb5_timestamp *time), (context, time))
KRB5(krb5_unparse_name, (krb5_context context, krb5_const_principal name, char **text),
     (context, name, text))
