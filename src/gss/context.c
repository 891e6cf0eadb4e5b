/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tokens in, tokens out. The order of the calls is RFC 2743's; what the tokens travel in is not
 * this room's business.
 */
#include <config.h>

#include "gss/internal.h"

#include <stdlib.h>
#include <string.h>

struct gss_exchange *
gss_exchange_new(const char *host, size_t len, bool delegate, const struct gss_choice *choice)
{
    struct gss_exchange *exchange = calloc(1, sizeof *exchange);

    if (!exchange)
        return NULL;
    exchange->host = strndup(host, len);
    if (!gss_choice_copy(&exchange->choice, choice) || !exchange->host) {
        gss_choice_free(&exchange->choice);
        free(exchange->host);
        free(exchange);
        return NULL;
    }
    exchange->delegate = delegate;
    exchange->target = GSS_C_NO_NAME;
    exchange->credential = GSS_C_NO_CREDENTIAL;
    exchange->context = GSS_C_NO_CONTEXT;
    exchange->record.mechanism = "1.2.840.113554.1.2.2";
    exchange->record.delegation_requested = delegate;
    return exchange;
}

static void
input_clear(struct gss_exchange *exchange)
{
    if (exchange->input)
        explicit_bzero(exchange->input, exchange->input_len);
    free(exchange->input);
    exchange->input = NULL;
    exchange->input_len = 0;
}

static void
output_clear(struct gss_exchange *exchange)
{
    OM_uint32 minor;

    if (!exchange->output.value)
        return;
    explicit_bzero(exchange->output.value, exchange->output.length);
    gss_release_buffer(&minor, &exchange->output);
}

void
gss_exchange_free(void *argument)
{
    struct gss_exchange *exchange = argument;
    OM_uint32 minor;

    if (!exchange)
        return;
    if (exchange->context != GSS_C_NO_CONTEXT)
        gss_delete_sec_context(&minor, &exchange->context, GSS_C_NO_BUFFER);
    gss_credential_drop(exchange);
    if (exchange->target != GSS_C_NO_NAME)
        gss_release_name(&minor, &exchange->target);
    output_clear(exchange);
    input_clear(exchange);
    gss_record_free(&exchange->record);
    gss_choice_free(&exchange->choice);
    free(exchange->cache);
    free(exchange->host);
    free(exchange);
}

bool
gss_exchange_input(struct gss_exchange *exchange, const unsigned char *token, size_t len)
{
    input_clear(exchange);
    if (len > GSS_MAX_TOKEN)
        return false;
    exchange->input = malloc(len + 1);
    if (!exchange->input)
        return false;
    memcpy(exchange->input, token, len);
    exchange->server_spoke = true;
    exchange->input_len = len;
    return true;
}

/* The name as Kerberos will ask the KDC for it; the realm may be missing until a KDC has
 * answered. */
static void
describe_target(struct gss_exchange *exchange, gss_name_t name)
{
    gss_OID_desc mechanism = gss_krb5_mechanism;
    gss_name_t canonical = GSS_C_NO_NAME;
    OM_uint32 minor;

    if (GSS_ERROR(gss_canonicalize_name(&minor, name, &mechanism, &canonical)))
        return;
    free(exchange->record.target);
    exchange->record.target = gss_name_text(canonical);
    gss_release_name(&minor, &canonical);
}

static bool
import_target(struct gss_exchange *exchange)
{
    char *service = malloc(strlen(exchange->host) + sizeof "host@");
    OM_uint32 minor;

    if (!service) {
        failure_set(&exchange->failure, OUTCOME_INTERNAL, "out of memory");
        exchange->failed = true;
        return false;
    }
    strcpy(stpcpy(service, "host@"), exchange->host);
    gss_buffer_desc buffer = {.value = service, .length = strlen(service)};
    OM_uint32 major =
        gss_import_name(&minor, &buffer, GSS_C_NT_HOSTBASED_SERVICE, &exchange->target);
    free(service);
    if (GSS_ERROR(major)) {
        gss_status_record(exchange, "gss_import_name", major, minor);
        return false;
    }
    describe_target(exchange, exchange->target);
    return true;
}

/* The names that were used in the end, from the complete context. */
static void
describe_context(struct gss_exchange *exchange)
{
    struct gss_record *record = &exchange->record;
    gss_name_t client = GSS_C_NO_NAME, target = GSS_C_NO_NAME;
    OM_uint32 minor;

    record->complete = true;
    record->delegated = exchange->flags & GSS_C_DELEG_FLAG;
    if (GSS_ERROR(gss_inquire_context(&minor, exchange->context, &client, &target, NULL, NULL,
                                      NULL, NULL, NULL)))
        return;
    char *text = gss_name_text(target);
    if (text) {
        free(record->target);
        record->target = text;
    }
    if (!record->client)
        record->client = gss_name_text(client);
    gss_release_name(&minor, &client);
    gss_release_name(&minor, &target);
}

static OM_uint32
init_sec_context(struct gss_exchange *exchange, gss_buffer_t input, OM_uint32 *minor)
{
    gss_OID_desc mechanism = gss_krb5_mechanism;
    OM_uint32 wanted = GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG;

    if (exchange->delegate)
        wanted |= GSS_C_DELEG_FLAG;
    output_clear(exchange);
    /* RFC 4462 section 3.4: no channel bindings */
    return gss_init_sec_context(
        minor, exchange->credential, &exchange->context, exchange->target, &mechanism, wanted,
        0, GSS_C_NO_CHANNEL_BINDINGS, input, NULL, &exchange->output, &exchange->flags, NULL);
}

void
gss_exchange_step(void *argument)
{
    struct gss_exchange *exchange = argument;
    OM_uint32 minor;

    if (!gss_library_load(&exchange->failure)) {
        exchange->failed = true;
        return;
    }
    if (exchange->target == GSS_C_NO_NAME && !import_target(exchange))
        return;
    if (exchange->credential == GSS_C_NO_CREDENTIAL && !gss_credential_acquire(exchange))
        return;
    gss_buffer_desc input = {.value = exchange->input, .length = exchange->input_len};
    OM_uint32 major =
        init_sec_context(exchange, exchange->input ? &input : GSS_C_NO_BUFFER, &minor);
    input_clear(exchange);
    if (GSS_ERROR(major)) {
        gss_status_record(exchange, "gss_init_sec_context", major, minor);
        return;
    }
    /* not after a failure: of an expired credential MIT krb5 1.20.1 leaks the name */
    if (!exchange->record.has_lifetime)
        gss_credential_describe(exchange);
    if (exchange->output.length > GSS_MAX_TOKEN_SENT) {
        exchange->failed = true;
        failure_set(
            &exchange->failure, OUTCOME_GSSAPI_FAILURE,
            "GSSAPI: the token is %zu bytes long, more than the %zu that libssh2 sends in "
            "one packet",
            exchange->output.length, GSS_MAX_TOKEN_SENT);
        return;
    }
    if (major == GSS_S_COMPLETE) {
        exchange->complete = true;
        describe_context(exchange);
        /* RFC 4462 section 3.4: without mutual authentication the server is anybody */
        if (!(exchange->flags & GSS_C_MUTUAL_FLAG)) {
            exchange->failed = true;
            failure_set(&exchange->failure, OUTCOME_GSSAPI_FAILURE,
                        "GSSAPI: the server was not authenticated in turn");
        }
    }
}

void
gss_exchange_error_token(void *argument)
{
    struct gss_exchange *exchange = argument;
    OM_uint32 minor;

    unsigned char *token = exchange->input;
    size_t len = exchange->input_len;
    gss_buffer_desc input = {.value = token, .length = len};

    exchange->record.server_errtok = true;
    exchange->input = NULL;
    exchange->input_len = 0;
    exchange->error_token = token;
    exchange->error_token_len = len;
    OM_uint32 major = init_sec_context(exchange, &input, &minor);
    if (GSS_ERROR(major))
        gss_status_record(exchange, "the server's error token", major, minor);
    exchange->error_token = NULL;
    free(token);
    exchange->failed = true;
    output_clear(exchange);
}

const unsigned char *
gss_exchange_output(const struct gss_exchange *exchange, size_t *len)
{
    *len = exchange->output.length;
    return exchange->output.length ? exchange->output.value : NULL;
}

bool
gss_exchange_complete(const struct gss_exchange *exchange)
{
    return exchange->complete;
}

bool
gss_exchange_failed(const struct gss_exchange *exchange)
{
    return exchange->failed;
}

bool
gss_exchange_has_integrity(const struct gss_exchange *exchange)
{
    return exchange->flags & GSS_C_INTEG_FLAG;
}

bool
gss_exchange_password_expired(const struct gss_exchange *exchange)
{
    return exchange->password_expired;
}

bool
gss_exchange_mic(struct gss_exchange *exchange, const unsigned char *data, size_t len,
                 unsigned char **mic, size_t *mic_len)
{
    gss_buffer_desc message = {.value = (void *)(uintptr_t)data, .length = len};
    gss_buffer_desc result = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major =
        gss_get_mic(&minor, exchange->context, GSS_C_QOP_DEFAULT, &message, &result);

    if (GSS_ERROR(major)) {
        gss_status_record(exchange, "gss_get_mic", major, minor);
        return false;
    }
    *mic = malloc(result.length + 1);
    if (*mic) {
        memcpy(*mic, result.value, result.length);
        *mic_len = result.length;
    }
    gss_release_buffer(&minor, &result);
    return *mic;
}

struct gss_record *
gss_exchange_record(struct gss_exchange *exchange)
{
    return &exchange->record;
}

const struct failure *
gss_exchange_failure(const struct gss_exchange *exchange)
{
    return &exchange->failure;
}
