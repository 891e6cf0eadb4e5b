/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why it failed, in words that help: the library's texts in full, and a remedy for the failures
 * that people meet.
 */
#include <config.h>

#include "gss/internal.h"

#include <krb5.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/escape.h"

#define MAX_MESSAGES 4 /* of one status: message_context may go on for ever */

static void
keep_texts(struct gss_record *record, OM_uint32 status, int type)
{
    gss_OID_desc mechanism = gss_krb5_mechanism;
    OM_uint32 minor, more = 0;

    for (int i = 0; i < MAX_MESSAGES && record->text_count < GSS_RECORD_TEXTS; i++) {
        gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
        if (GSS_ERROR(gss_display_status(&minor, status, type, &mechanism, &more, &text)))
            return;
        char *copy = escape_dup(text.value, text.length, ESCAPE_LINE);
        gss_release_buffer(&minor, &text);
        if (!copy)
            return;
        record->texts[record->text_count++] = copy;
        if (!more)
            return;
    }
}

/* The KRB-ERROR inside a GSSAPI token (RFC 2743 section 3.1, RFC 1964 section 1.1.1). */
static bool
find_krb_error(const unsigned char *token, size_t len, krb5_data *error)
{
    static const unsigned char inner[] = "\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03\x00";
    size_t header = 2;

    if (len < 2 || token[0] != 0x60)
        return false;
    if (token[1] & 0x80)
        header += token[1] & 0x7f;
    if (len < header || len - header < sizeof inner - 1 ||
        memcmp(token + header, inner, sizeof inner - 1) != 0)
        return false;
    size_t start = header + sizeof inner - 1;
    *error = (krb5_data){.length = (unsigned)(len - start),
                         .data = (char *)(uintptr_t)(token + start)};
    return true;
}

/*
 * By how many seconds the server's clock is ahead of the time that Kerberos uses here, which is
 * the local clock plus the offset kept in the credential cache (kdc_timesync). The server's
 * time is in its KRB-ERROR; without one, the cache's offset is all that can be said.
 */
static bool
clock_offset(const struct gss_exchange *exchange, long *offset)
{
    krb5_context krb5 = NULL;
    krb5_ccache ccache = NULL;
    krb5_principal principal = NULL;
    krb5_error *error = NULL;
    krb5_data packet;
    krb5_timestamp ours;
    time_t theirs = time(NULL);
    bool known = false;

    if (krb5_init_context(&krb5))
        return false;
    /* reading the cache's principal makes the library read its offset as well */
    if (krb5_cc_default(krb5, &ccache) == 0)
        krb5_cc_get_principal(krb5, ccache, &principal);
    if (exchange->error_token &&
        find_krb_error(exchange->error_token, exchange->error_token_len, &packet) &&
        krb5_rd_error(krb5, &packet, &error) == 0) {
        theirs = (time_t)(uint32_t)error->stime;
        krb5_free_error(krb5, error);
    }
    if (krb5_timeofday(krb5, &ours) == 0) {
        *offset = (long)(theirs - (time_t)(uint32_t)ours);
        known = true;
    }
    krb5_free_principal(krb5, principal);
    if (ccache)
        krb5_cc_close(krb5, ccache);
    krb5_free_context(krb5);
    return known;
}

static void
hint_clock_skew(struct gss_exchange *exchange)
{
    long offset;

    if (clock_offset(exchange, &offset) && labs(offset) >= 2)
        failure_hint(&exchange->failure,
                     "the other side's clock is %ld s %s the time that Kerberos uses here: "
                     "synchronise the clocks, then run kinit again",
                     labs(offset), offset > 0 ? "ahead of" : "behind");
    else
        failure_hint(&exchange->failure, "synchronise the clocks of client, server and KDC");
}

static void
hint(struct gss_exchange *exchange, OM_uint32 major, krb5_error_code code)
{
    struct failure *failure = &exchange->failure;
    const char *target = exchange->record.target ? exchange->record.target : "the service";

    switch (code) {
    case KRB5KRB_AP_ERR_SKEW:
    case KRB5KRB_AP_ERR_TKT_NYV:
        hint_clock_skew(exchange);
        return;
    case KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN:
        failure_hint(failure,
                     "the KDC was asked for %s; --gssapi-host=NAME asks for another host's",
                     target);
        return;
    case KRB5KDC_ERR_KEY_EXP:
        exchange->password_expired = true;
        failure_hint(failure, "the principal's password has expired: change it with kpasswd");
        return;
    case KRB5_KDC_UNREACH:
    case KRB5_REALM_CANT_RESOLVE:
        failure_hint(failure, "no KDC answers: check the network and krb5.conf");
        return;
    case KRB5KRB_AP_ERR_TKT_EXPIRED:
        failure_hint(failure, "the ticket has expired: run kinit");
        return;
    case KRB5KRB_AP_ERR_NOT_US:
    case KRB5KRB_AP_ERR_NOKEY:
    case KRB5KRB_AP_ERR_BADKEYVER:
    case KRB5KRB_AP_WRONG_PRINC:
    case KRB5KRB_AP_ERR_MODIFIED:
    case KRB5_KT_NOTFOUND:
    case KRB5_KT_KVNONOTFOUND:
        failure_hint(failure, "the server's keytab has no such key for %s", target);
        return;
    default:
        break;
    }
    if (GSS_ROUTINE_ERROR(major) == GSS_S_CREDENTIALS_EXPIRED)
        failure_hint(failure, "the ticket has expired: run kinit");
    else if (GSS_ROUTINE_ERROR(major) == GSS_S_NO_CRED || code == KRB5_FCC_NOFILE ||
             code == KRB5_CC_NOTFOUND)
        failure_hint(failure, "get a ticket with kinit; klist shows what there is");
    else if (exchange->record.server_errtok || exchange->record.server_error)
        failure_hint(failure, "the server's log says more");
}

/* For one line: the mechanism's text where the general one only points to it. */
static const char *
telling_text(const struct gss_record *record, OM_uint32 major, size_t major_texts)
{
    bool vague =
        GSS_ROUTINE_ERROR(major) == GSS_S_FAILURE || GSS_ROUTINE_ERROR(major) == GSS_S_NO_CRED;

    if (record->text_count == 0)
        return "no text";
    return record->texts[vague && record->text_count > major_texts ? major_texts : 0];
}

void
gss_status_record_cache(struct gss_exchange *exchange, krb5_context krb5, krb5_error_code code)
{
    struct gss_record *record = &exchange->record;
    const char *text = krb5_get_error_message(krb5, code);
    char printable[512];

    escape_into(printable, sizeof printable, text, strlen(text), ESCAPE_LINE);
    krb5_free_error_message(krb5, text);
    exchange->failed = true;
    record->major = GSS_S_NO_CRED;
    record->minor = (OM_uint32)code;
    keep_texts(record, record->major, GSS_C_GSS_CODE);
    record->texts[record->text_count] = strdup(printable);
    record->text_count += record->texts[record->text_count] ? 1 : 0;
    failure_set(&exchange->failure, OUTCOME_GSSAPI_FAILURE, "credential cache: %s", printable);
    failure_hint(&exchange->failure,
                 "the cache cannot be used: klist says more, kinit makes a new one");
}

void
gss_status_record(struct gss_exchange *exchange, const char *call, OM_uint32 major,
                  OM_uint32 minor)
{
    struct gss_record *record = &exchange->record;
    size_t major_texts;

    exchange->failed = true;
    if (record->major) /* the first error is the cause */
        return;
    record->major = major;
    record->minor = minor;
    keep_texts(record, major, GSS_C_GSS_CODE);
    major_texts = record->text_count;
    if (minor)
        keep_texts(record, minor, GSS_C_MECH_CODE);
    /* of a minor status that is none of the mechanism's own the library says "Success" */
    while (record->text_count > major_texts &&
           strcmp(record->texts[record->text_count - 1], "Success") == 0)
        free(record->texts[--record->text_count]);
    failure_set(&exchange->failure, OUTCOME_GSSAPI_FAILURE, "%s: %s", call,
                telling_text(record, major, major_texts));
    hint(exchange, major, (krb5_error_code)minor);
}
