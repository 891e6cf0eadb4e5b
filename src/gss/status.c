/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why it failed, in words that help: the library's texts in full, and a remedy for the failures
 * that people meet.
 */
#include <config.h>

#include "gss/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/escape.h"

/* of MIT krb5's GSSAPI, in no header that is installed */
#define CACHE_OF_ANOTHER 39756032 /* KG_CCACHE_NOMATCH */
#define CACHE_EMPTY      39756044 /* KG_EMPTY_CCACHE */

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
    struct gss_look look = {.code = 0};
    krb5_error *error = NULL;
    krb5_data packet;
    krb5_timestamp ours;
    time_t theirs = time(NULL);
    bool known = false;

    if (krb5_init_context(&look.krb5))
        return false;
    if (exchange->choice.client && !exchange->cache)
        krb5_parse_name(look.krb5, exchange->choice.client, &look.client);
    gss_look_ccache(&look, exchange->cache);
    if (exchange->error_token &&
        find_krb_error(exchange->error_token, exchange->error_token_len, &packet) &&
        krb5_rd_error(look.krb5, &packet, &error) == 0) {
        theirs = (time_t)(uint32_t)error->stime;
        krb5_free_error(look.krb5, error);
    }
    if (krb5_timeofday(look.krb5, &ours) == 0) {
        *offset = (long)(theirs - (time_t)(uint32_t)ours);
        known = true;
    }
    gss_look_close(&look);
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

/*
 * Is it what an option names that cannot be used? Only then: a KDC that does not answer, a
 * clock, a service, the server's tokens say nothing of it.
 */
static bool
is_credential(const struct gss_exchange *exchange, krb5_error_code code)
{
    static const krb5_error_code codes[] = {
        (krb5_error_code)KRB5_FCC_NOFILE, /* no cache */
        (krb5_error_code)KRB5_CC_NOTFOUND,
        (krb5_error_code)KRB5_FCC_PERM,
        (krb5_error_code)KRB5_CC_FORMAT,
        (krb5_error_code)KRB5_CCACHE_BADVNO,
        CACHE_OF_ANOTHER,
        CACHE_EMPTY,
        (krb5_error_code)KRB5KRB_AP_ERR_TKT_EXPIRED, /* no ticket in it */
        (krb5_error_code)KRB5_KT_NOTFOUND,           /* no key */
        (krb5_error_code)KRB5_KT_KVNONOTFOUND,
        (krb5_error_code)KRB5KDC_ERR_PREAUTH_FAILED, /* another key than the KDC's */
        (krb5_error_code)KRB5_PREAUTH_FAILED,
        (krb5_error_code)KRB5KRB_AP_ERR_BAD_INTEGRITY,
        (krb5_error_code)KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, /* no such client */
        (krb5_error_code)KRB5KDC_ERR_CLIENT_REVOKED,
        (krb5_error_code)KRB5KDC_ERR_CLIENT_NOTYET,
        (krb5_error_code)KRB5KDC_ERR_NAME_EXP,
    };

    if (exchange->server_spoke || !gss_choice_is_named(&exchange->choice))
        return false;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i] == code)
            return true;
    }
    return false;
}

static void
hint_credential(struct gss_exchange *exchange, krb5_error_code code)
{
    const char *client = exchange->record.client ? exchange->record.client : "the client";

    switch (code) {
    case KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
        failure_hint(&exchange->failure,
                     "the KDC does not know %s: was it deleted, is the realm right?", client);
        return;
    case KRB5KDC_ERR_CLIENT_REVOKED:
    case KRB5KDC_ERR_CLIENT_NOTYET:
    case KRB5KDC_ERR_NAME_EXP:
        failure_hint(&exchange->failure, "the KDC gives %s no tickets", client);
        return;
    case KRB5KDC_ERR_PREAUTH_FAILED:
    case KRB5_PREAUTH_FAILED:
    case KRB5KRB_AP_ERR_BAD_INTEGRITY:
    case KRB5_KT_NOTFOUND:
    case KRB5_KT_KVNONOTFOUND:
        if (!exchange->choice.keytab)
            break;
        failure_hint(&exchange->failure,
                     "the KDC has another key for %s than the keytab: was it changed since?",
                     client);
        return;
    default:
        break;
    }
    failure_hint(&exchange->failure,
                 code == KRB5KRB_AP_ERR_TKT_EXPIRED
                     ? "the ticket has expired: run kinit"
                     : "get a ticket with kinit; klist -A shows what there is");
}

/* What only a KDC may say. A server can put the same numbers into its tokens. */
static bool
hint_kdc(struct gss_exchange *exchange, krb5_error_code code, const char *target)
{
    struct failure *failure = &exchange->failure;

    switch (code) {
    case KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN:
        failure_hint(failure,
                     "the KDC was asked for %s; --gssapi-host=NAME asks for another host's",
                     target);
        return true;
    case KRB5KDC_ERR_KEY_EXP:
        exchange->password_expired = true;
        failure_hint(failure, "the principal's password has expired: change it with kpasswd%s",
                     exchange->choice.keytab ? ", then make a new keytab" : "");
        return true;
    case KRB5_KDC_UNREACH:
    case KRB5_REALM_CANT_RESOLVE:
        failure_hint(failure, "no KDC answers: check the network and krb5.conf");
        return true;
    default:
        return false;
    }
}

static void
hint(struct gss_exchange *exchange, OM_uint32 major, krb5_error_code code)
{
    struct failure *failure = &exchange->failure;
    const char *target = exchange->record.target ? exchange->record.target : "the service";

    if (!exchange->server_spoke && hint_kdc(exchange, code, target))
        return;
    switch (code) {
    case KRB5KRB_AP_ERR_SKEW:
    case KRB5KRB_AP_ERR_TKT_NYV:
        hint_clock_skew(exchange);
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
    else if (exchange->server_spoke || exchange->record.server_error)
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
gss_status_record_look(struct gss_exchange *exchange, const struct gss_look *look)
{
    struct gss_record *record = &exchange->record;
    char text[GSS_TEXT_MAX];

    exchange->failed = true;
    if (!look->code)
        return;
    record->major = GSS_S_NO_CRED;
    record->minor = (OM_uint32)look->code;
    keep_texts(record, record->major, GSS_C_GSS_CODE);
    record->texts[record->text_count] = strdup(gss_krb5_text(look->krb5, look->code, text));
    record->text_count += record->texts[record->text_count] ? 1 : 0;
}

void
gss_status_record(struct gss_exchange *exchange, const char *call, OM_uint32 major,
                  OM_uint32 minor)
{
    struct gss_record *record = &exchange->record;
    krb5_error_code code = (krb5_error_code)minor;
    char label[GSS_LABEL_MAX];
    size_t major_texts;

    exchange->failed = true;
    if (record->major) /* the first error is the cause */
        return;
    record->major = major;
    record->minor = minor;
    if (code == ENOMEM) {
        failure_no_memory(&exchange->failure);
        return;
    }
    keep_texts(record, major, GSS_C_GSS_CODE);
    major_texts = record->text_count;
    if (minor)
        keep_texts(record, minor, GSS_C_MECH_CODE);
    /* of a minor status that is none of the mechanism's own the library says "Success" */
    while (record->text_count > major_texts &&
           strcmp(record->texts[record->text_count - 1], "Success") == 0)
        free(record->texts[--record->text_count]);
    bool named = is_credential(exchange, code);
    failure_set(&exchange->failure, named ? OUTCOME_CREDENTIAL : OUTCOME_GSSAPI_FAILURE,
                "%s: %s", named ? gss_choice_label(&exchange->choice, label) : call,
                telling_text(record, major, major_texts));
    if (named)
        hint_credential(exchange, code);
    else
        hint(exchange, major, code);
}
