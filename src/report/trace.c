/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * -v: one line for each userauth message, in both directions. Secrets are "(N bytes)": the
 * decoded messages do not even hold them.
 */
#include <config.h>

#include "report/trace.h"

#include "util/deadline.h"
#include "util/escape.h"

static void
text(FILE *log, const char *label, struct span span)
{
    char buffer[512];

    fprintf(log, " %s\"%s\"", label,
            escape_into(buffer, sizeof buffer, span.bytes, span.len, ESCAPE_LINE));
}

static void
trace_request(FILE *log, const struct userauth_msg *msg)
{
    text(log, "user ", msg->u.request.user);
    text(log, "method ", msg->u.request.method);
    switch (msg->method) {
    case USERAUTH_PASSWORD:
        fprintf(log, " password (%zu bytes)", msg->u.request.secret);
        break;
    case USERAUTH_PUBLICKEY:
        text(log, "algorithm ", msg->u.request.key_type);
        if (msg->u.request.flag)
            fprintf(log, " signature (%zu bytes)", msg->u.request.secret);
        else
            fputs(" query", log);
        break;
    case USERAUTH_GSSAPI:
        fprintf(log, " %u mechanism%s", (unsigned)msg->u.request.count,
                msg->u.request.count == 1 ? "" : "s");
        break;
    case USERAUTH_NONE:
    case USERAUTH_KBDINT:
    case USERAUTH_OTHER:
        break;
    }
}

static void
trace_info_request(FILE *log, const struct userauth_msg *msg)
{
    struct span rest = msg->u.info_request.prompts;
    struct userauth_prompt prompt;

    text(log, "name ", msg->u.info_request.name);
    text(log, "instruction ", msg->u.info_request.instruction);
    fprintf(log, " %u prompt%s", (unsigned)msg->u.info_request.count,
            msg->u.info_request.count == 1 ? "" : "s");
    while (userauth_prompt_next(&rest, &prompt))
        text(log, prompt.echo ? "echo " : "no-echo ", prompt.text);
}

static void
trace_info_response(FILE *log, const struct userauth_msg *msg)
{
    struct span rest = msg->u.info_response.responses;
    size_t len;

    fprintf(log, " %u response%s", (unsigned)msg->u.info_response.count,
            msg->u.info_response.count == 1 ? "" : "s");
    while (userauth_response_next(&rest, &len))
        fprintf(log, " (%zu bytes)", len);
}

static void
trace_gssapi(FILE *log, const struct userauth_msg *msg)
{
    if (msg->type == MSG_USERAUTH_GSSAPI_ERROR) {
        fprintf(log, " major %u minor %u", (unsigned)msg->u.error.major,
                (unsigned)msg->u.error.minor);
        text(log, "message ", msg->u.error.message);
    } else if (msg->type == MSG_USERAUTH_GSSAPI_RESPONSE) {
        fprintf(log, " mechanism (%zu bytes)", msg->u.token.token.len);
    } else if (msg->type != MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE) {
        fprintf(log, " (%zu bytes)", msg->u.token.token.len);
    }
}

static void
trace_method_message(FILE *log, const struct userauth_msg *msg)
{
    switch (msg->method) {
    case USERAUTH_KBDINT:
        if (msg->type == MSG_USERAUTH_INFO_REQUEST)
            trace_info_request(log, msg);
        else
            trace_info_response(log, msg);
        break;
    case USERAUTH_GSSAPI:
        trace_gssapi(log, msg);
        break;
    case USERAUTH_PUBLICKEY:
        text(log, "algorithm ", msg->u.pk_ok.algorithm);
        break;
    case USERAUTH_PASSWORD:
        text(log, "", msg->u.banner.message);
        break;
    case USERAUTH_NONE:
    case USERAUTH_OTHER:
        break;
    }
}

void
trace_message(FILE *log, int64_t started, const struct userauth_msg *msg)
{
    const char *name = userauth_msg_name(msg->type, msg->method);

    fprintf(log, "%9.1f ms %s %s", clock_ms_since(started),
            msg->direction == USERAUTH_SENT ? "->" : "<-", name ? name : "message");
    if (msg->refused) {
        fprintf(log, " (type %u, %zu bytes) refused: %s\n", (unsigned)msg->type, msg->size,
                msg->refused);
        return;
    }
    switch (msg->type) {
    case MSG_USERAUTH_REQUEST:
        trace_request(log, msg);
        break;
    case MSG_USERAUTH_FAILURE:
        text(log, "can continue with ", msg->u.failure.methods);
        fputs(msg->u.failure.partial ? " partial success TRUE" : " partial success FALSE", log);
        break;
    case MSG_USERAUTH_BANNER:
        text(log, "", msg->u.banner.message);
        break;
    case MSG_USERAUTH_SUCCESS:
        break;
    default:
        trace_method_message(log, msg);
        break;
    }
    putc('\n', log);
}
