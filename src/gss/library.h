/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What this room calls of MIT Kerberos, which a run with gssapi-with-mic loads.
 */
#ifndef GSS_LIBRARY_H
#define GSS_LIBRARY_H

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>

#include "util/failure.h"

/* Before anything of it is called; see late_load(). May take as long as a disk does. */
bool gss_library_load(struct failure *failure);

#ifdef LATE_GSSAPI
/* clang-format off */

#define GSS_LIBRARY(ROW) \
    ROW(GSS_C_NT_HOSTBASED_SERVICE) \
    ROW(GSS_KRB5_NT_PRINCIPAL_NAME) \
    ROW(gss_acquire_cred_from) \
    ROW(gss_canonicalize_name) \
    ROW(gss_delete_sec_context) \
    ROW(gss_display_name) \
    ROW(gss_display_status) \
    ROW(gss_get_mic) \
    ROW(gss_import_name) \
    ROW(gss_init_sec_context) \
    ROW(gss_inquire_context) \
    ROW(gss_inquire_cred) \
    ROW(gss_release_buffer) \
    ROW(gss_release_cred) \
    ROW(gss_release_name) \
    ROW(krb5_cc_cache_match) \
    ROW(krb5_cc_close) \
    ROW(krb5_cc_default) \
    ROW(krb5_cc_destroy) \
    ROW(krb5_cc_get_full_name) \
    ROW(krb5_cc_get_principal) \
    ROW(krb5_cc_resolve) \
    ROW(krb5_cc_set_default_name) \
    ROW(krb5_copy_principal) \
    ROW(krb5_free_context) \
    ROW(krb5_free_error) \
    ROW(krb5_free_error_message) \
    ROW(krb5_free_keytab_entry_contents) \
    ROW(krb5_free_principal) \
    ROW(krb5_free_string) \
    ROW(krb5_free_unparsed_name) \
    ROW(krb5_get_error_message) \
    ROW(krb5_init_context) \
    ROW(krb5_kt_close) \
    ROW(krb5_kt_end_seq_get) \
    ROW(krb5_kt_next_entry) \
    ROW(krb5_kt_resolve) \
    ROW(krb5_kt_start_seq_get) \
    ROW(krb5_parse_name) \
    ROW(krb5_principal_compare) \
    ROW(krb5_rd_error) \
    ROW(krb5_timeofday) \
    ROW(krb5_unparse_name)

#include "util/late.h"

LATE_TABLE(gss, GSS_LIBRARY);

#define GSS_C_NT_HOSTBASED_SERVICE      (*gss_library.of.GSS_C_NT_HOSTBASED_SERVICE)
#define GSS_KRB5_NT_PRINCIPAL_NAME      (*gss_library.of.GSS_KRB5_NT_PRINCIPAL_NAME)
#define gss_acquire_cred_from           (*gss_library.of.gss_acquire_cred_from)
#define gss_canonicalize_name           (*gss_library.of.gss_canonicalize_name)
#define gss_delete_sec_context          (*gss_library.of.gss_delete_sec_context)
#define gss_display_name                (*gss_library.of.gss_display_name)
#define gss_display_status              (*gss_library.of.gss_display_status)
#define gss_get_mic                     (*gss_library.of.gss_get_mic)
#define gss_import_name                 (*gss_library.of.gss_import_name)
#define gss_init_sec_context            (*gss_library.of.gss_init_sec_context)
#define gss_inquire_context             (*gss_library.of.gss_inquire_context)
#define gss_inquire_cred                (*gss_library.of.gss_inquire_cred)
#define gss_release_buffer              (*gss_library.of.gss_release_buffer)
#define gss_release_cred                (*gss_library.of.gss_release_cred)
#define gss_release_name                (*gss_library.of.gss_release_name)
#define krb5_cc_cache_match             (*gss_library.of.krb5_cc_cache_match)
#define krb5_cc_close                   (*gss_library.of.krb5_cc_close)
#define krb5_cc_default                 (*gss_library.of.krb5_cc_default)
#define krb5_cc_destroy                 (*gss_library.of.krb5_cc_destroy)
#define krb5_cc_get_full_name           (*gss_library.of.krb5_cc_get_full_name)
#define krb5_cc_get_principal           (*gss_library.of.krb5_cc_get_principal)
#define krb5_cc_resolve                 (*gss_library.of.krb5_cc_resolve)
#define krb5_cc_set_default_name        (*gss_library.of.krb5_cc_set_default_name)
#define krb5_copy_principal             (*gss_library.of.krb5_copy_principal)
#define krb5_free_context               (*gss_library.of.krb5_free_context)
#define krb5_free_error                 (*gss_library.of.krb5_free_error)
#define krb5_free_error_message         (*gss_library.of.krb5_free_error_message)
#define krb5_free_keytab_entry_contents (*gss_library.of.krb5_free_keytab_entry_contents)
#define krb5_free_principal             (*gss_library.of.krb5_free_principal)
#define krb5_free_string                (*gss_library.of.krb5_free_string)
#define krb5_free_unparsed_name         (*gss_library.of.krb5_free_unparsed_name)
#define krb5_get_error_message          (*gss_library.of.krb5_get_error_message)
#define krb5_init_context               (*gss_library.of.krb5_init_context)
#define krb5_kt_close                   (*gss_library.of.krb5_kt_close)
#define krb5_kt_end_seq_get             (*gss_library.of.krb5_kt_end_seq_get)
#define krb5_kt_next_entry              (*gss_library.of.krb5_kt_next_entry)
#define krb5_kt_resolve                 (*gss_library.of.krb5_kt_resolve)
#define krb5_kt_start_seq_get           (*gss_library.of.krb5_kt_start_seq_get)
#define krb5_parse_name                 (*gss_library.of.krb5_parse_name)
#define krb5_principal_compare          (*gss_library.of.krb5_principal_compare)
#define krb5_rd_error                   (*gss_library.of.krb5_rd_error)
#define krb5_timeofday                  (*gss_library.of.krb5_timeofday)
#define krb5_unparse_name               (*gss_library.of.krb5_unparse_name)

/* clang-format on */
#endif

#endif
