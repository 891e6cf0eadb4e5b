/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of this room share: not for anybody outside it.
 */
#ifndef GSS_INTERNAL_H
#define GSS_INTERNAL_H

#include <stdint.h>

#include "gss/context.h"
#include "gss/library.h"

#define GSS_LABEL_MAX 256 /* bytes of "--keytab NAME", cut to fit */
#define GSS_TEXT_MAX  512 /* bytes of an error's text, cut to fit */

struct gss_exchange {
    char *host;
    bool delegate;
    struct gss_choice choice; /* its strings are ours */
    char *cache;              /* the chosen cache's full name; NULL: the default, or none yet */
    bool cache_is_ours;       /* in memory, for a keytab's ticket: destroyed in the end */
    gss_name_t target;
    gss_cred_id_t credential;
    gss_ctx_id_t context;
    gss_buffer_desc output;
    unsigned char *input;
    size_t input_len;
    const unsigned char *error_token; /* during gss_exchange_error_token() only */
    size_t error_token_len;
    bool server_spoke; /* a token of its came: what is wrong since then is no KDC's doing */
    bool complete;
    bool failed;
    bool password_expired;
    OM_uint32 flags;
    struct gss_record record;
    struct failure failure;
};

/* 1.2.840.113554.1.2.2, Kerberos V5 (RFC 1964 section 1). */
extern const gss_OID_desc gss_krb5_mechanism;

/* Copies with strings of its own, which gss_choice_free() frees; false where memory is short.
 */
bool gss_choice_copy(struct gss_choice *to, const struct gss_choice *from);
void gss_choice_free(struct gss_choice *choice);

/* True where anything at all is named. */
bool gss_choice_is_named(const struct gss_choice *choice);

/* "--keytab NAME", "--ccache NAME" or "--gssapi-client NAME", printable: the option that names
 * where the credentials come from. Empty where nothing is named. Returns `label`. */
char *gss_choice_label(const struct gss_choice *choice, char label[GSS_LABEL_MAX]);

/* What libkrb5 itself sees of a choice. */
struct gss_look {
    krb5_context krb5;        /* NULL: Kerberos cannot be used at all */
    krb5_principal client;    /* asked for; NULL: nobody */
    krb5_principal principal; /* whose keytab's key or cache it is; NULL: not known */
    krb5_ccache ccache;       /* open; NULL with a keytab, or where there is none */
    krb5_error_code code;     /* of a failure, or why there is no krb5; 0 where it has none */
};

/*
 * Looks at the keytab, or at the cache, the one of the client's where a collection has several;
 * blocks no longer than a file lock or a cache's daemon does, and asks no KDC. The libraries
 * must have been loaded. False, with `failure` as gss_choice_check() has it; of the default
 * cache only damage is a failure (GSSAPI_FAILURE), since GSSAPI tells the rest best.
 * gss_look_close() is to be called in any case.
 */
bool gss_look_open(struct gss_look *look, const struct gss_choice *choice,
                   struct failure *failure);
void gss_look_close(struct gss_look *look);

/* The part of it that opens the cache `name` (NULL: the default) and reads its principal, which
 * makes the library read its clock's offset as well. look->krb5 is open already. */
krb5_error_code gss_look_ccache(struct gss_look *look, const char *name);

/* The text of an error, printable. Returns `text`. */
char *gss_krb5_text(krb5_context krb5, krb5_error_code code, char text[GSS_TEXT_MAX]);

/* A printable copy of a principal's name; NULL where there is none. To be freed by free(3). */
char *gss_principal_text(krb5_context krb5, krb5_const_principal principal);

/* Acquires the chosen initiator credentials; false, with the failure recorded. */
bool gss_credential_acquire(struct gss_exchange *exchange);

/* Releases them, and destroys a cache of ours. */
void gss_credential_drop(struct gss_exchange *exchange);

/* Notes principal and lifetime; which cache serves is certain only after the first step. */
void gss_credential_describe(struct gss_exchange *exchange);

/*
 * Records the failure of `call` with its texts, and the hint where one is known. To be called
 * in the thread where the call failed: the texts of minor statuses are thread-specific.
 */
void gss_status_record(struct gss_exchange *exchange, const char *call, OM_uint32 major,
                       OM_uint32 minor);

/* The same for what gss_look_open() did not like, and told in exchange->failure. */
void gss_status_record_look(struct gss_exchange *exchange, const struct gss_look *look);

/* A printable copy of a name; NULL where there is none. To be freed by free(3). */
char *gss_name_text(gss_name_t name);

#endif
