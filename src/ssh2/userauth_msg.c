/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Strict decoding of userauth messages. Nothing but bytes in and a struct out may enter here:
 * this file is what stands between a hostile packet and every other parser.
 */
#include <config.h>

#include "ssh2/userauth_msg.h"

#include <string.h>

/* A cursor over the payload; `broken` sticks, so that a decoder needs to look only once. */
struct reader {
    const unsigned char *at;
    size_t left;
    bool broken;
};

static unsigned char
read_byte(struct reader *reader)
{
    if (reader->left < 1) {
        reader->broken = true;
        return 0;
    }
    reader->left--;
    return *reader->at++;
}

static uint32_t
read_u32(struct reader *reader)
{
    if (reader->left < 4) {
        reader->broken = true;
        reader->left = 0;
        return 0;
    }
    uint32_t value = (uint32_t)reader->at[0] << 24 | (uint32_t)reader->at[1] << 16 |
                     (uint32_t)reader->at[2] << 8 | reader->at[3];
    reader->at += 4;
    reader->left -= 4;
    return value;
}

static struct span
read_string(struct reader *reader)
{
    uint32_t len = read_u32(reader);

    if (reader->broken || len > reader->left) {
        reader->broken = true;
        reader->left = 0;
        return (struct span){.bytes = (const unsigned char *)"", .len = 0};
    }
    struct span string = {.bytes = reader->at, .len = len};
    reader->at += len;
    reader->left -= len;
    return string;
}

static bool
span_is(struct span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.bytes, text, span.len) == 0;
}

/* RFC 4251 section 5: names are not empty, and are printable US-ASCII without comma. */
static bool
name_list_valid(struct span list)
{
    bool in_name = false;

    if (list.len == 0)
        return true;
    for (size_t i = 0; i < list.len; i++) {
        unsigned char c = list.bytes[i];
        if (c == ',') {
            if (!in_name)
                return false;
            in_name = false;
        } else if (c > 0x20 && c < 0x7f) {
            in_name = true;
        } else {
            return false;
        }
    }
    return in_name;
}

/* Our own requests are decoded for the trace: what the method sends after its name. */
static void
decode_request(struct userauth_msg *msg, struct reader *reader)
{
    msg->u.request.user = read_string(reader);
    msg->u.request.service = read_string(reader);
    msg->u.request.method = read_string(reader);
    msg->method = userauth_method_of(msg->u.request.method);
    switch (msg->method) {
    case USERAUTH_PASSWORD:
        msg->u.request.flag = read_byte(reader) != 0;
        msg->u.request.secret = read_string(reader).len;
        if (msg->u.request.flag)
            msg->u.request.secret += read_string(reader).len;
        break;
    case USERAUTH_PUBLICKEY:
        msg->u.request.flag = read_byte(reader) != 0;
        msg->u.request.key_type = read_string(reader);
        msg->u.request.key_blob = read_string(reader);
        if (msg->u.request.flag)
            msg->u.request.secret = read_string(reader).len;
        break;
    case USERAUTH_KBDINT:
        read_string(reader);
        read_string(reader);
        break;
    case USERAUTH_GSSAPI:
        msg->u.request.count = read_u32(reader);
        for (uint32_t i = 0; i < msg->u.request.count && !reader->broken; i++)
            read_string(reader);
        break;
    case USERAUTH_NONE:
        break;
    case USERAUTH_OTHER:
        reader->left = 0;
        break;
    }
}

static const char *
decode_failure(struct userauth_msg *msg, struct reader *reader)
{
    msg->u.failure.methods = read_string(reader);
    msg->u.failure.partial = read_byte(reader) != 0;
    if (!reader->broken && !name_list_valid(msg->u.failure.methods))
        return "its name-list is malformed (RFC 4251 section 5)";
    return NULL;
}

static const char *
decode_info_request(struct userauth_msg *msg, struct reader *reader)
{
    msg->u.info_request.name = read_string(reader);
    msg->u.info_request.instruction = read_string(reader);
    msg->u.info_request.language = read_string(reader);
    msg->u.info_request.count = read_u32(reader);
    if (reader->broken)
        return NULL;
    /* each prompt takes five bytes at least: a huge count ends before a loop does */
    if (msg->u.info_request.count > reader->left / 5)
        return "it announces more prompts than it holds (RFC 4256 section 3.2)";
    msg->u.info_request.prompts = (struct span){reader->at, reader->left};
    for (uint32_t i = 0; i < msg->u.info_request.count; i++) {
        read_string(reader);
        read_byte(reader);
    }
    return NULL;
}

static void
decode_info_response(struct userauth_msg *msg, struct reader *reader)
{
    msg->u.info_response.count = read_u32(reader);
    if (msg->u.info_response.count > reader->left / 4)
        reader->broken = true;
    msg->u.info_response.responses = (struct span){reader->at, reader->left};
    for (uint32_t i = 0; i < msg->u.info_response.count && !reader->broken; i++)
        read_string(reader);
}

static const char *
decode_kbdint(struct userauth_msg *msg, struct reader *reader)
{
    if (msg->type == MSG_USERAUTH_INFO_REQUEST && msg->direction == USERAUTH_RECEIVED)
        return decode_info_request(msg, reader);
    if (msg->type == MSG_USERAUTH_INFO_RESPONSE && msg->direction == USERAUTH_SENT) {
        decode_info_response(msg, reader);
        return NULL;
    }
    return "keyboard-interactive has no such message (RFC 4256 section 5)";
}

static const char *
decode_gssapi(struct userauth_msg *msg, struct reader *reader)
{
    bool received = msg->direction == USERAUTH_RECEIVED;

    switch (msg->type) {
    case MSG_USERAUTH_GSSAPI_TOKEN:
    case MSG_USERAUTH_GSSAPI_ERRTOK:
        msg->u.token.token = read_string(reader);
        return NULL;
    case MSG_USERAUTH_GSSAPI_RESPONSE:
        if (!received)
            break;
        msg->u.token.token = read_string(reader);
        return NULL;
    case MSG_USERAUTH_GSSAPI_MIC:
        if (received)
            break;
        msg->u.token.token = read_string(reader);
        return NULL;
    case MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE:
        if (received)
            break;
        return NULL;
    case MSG_USERAUTH_GSSAPI_ERROR:
        msg->u.error.major = read_u32(reader);
        msg->u.error.minor = read_u32(reader);
        msg->u.error.message = read_string(reader);
        msg->u.error.language = read_string(reader);
        return NULL;
    default:
        break;
    }
    return "gssapi-with-mic has no such message from this side (RFC 4462 section 3)";
}

static const char *
decode_method_message(struct userauth_msg *msg, struct reader *reader)
{
    switch (msg->method) {
    case USERAUTH_KBDINT:
        return decode_kbdint(msg, reader);
    case USERAUTH_GSSAPI:
        return decode_gssapi(msg, reader);
    case USERAUTH_PASSWORD:
        if (msg->type != MSG_USERAUTH_PASSWD_CHANGEREQ || msg->direction == USERAUTH_SENT)
            return "password has no such message (RFC 4252 section 8)";
        msg->u.banner.message = read_string(reader);
        msg->u.banner.language = read_string(reader);
        return NULL;
    case USERAUTH_PUBLICKEY:
        if (msg->type != MSG_USERAUTH_PK_OK || msg->direction == USERAUTH_SENT)
            return "publickey has no such message (RFC 4252 section 7)";
        msg->u.pk_ok.algorithm = read_string(reader);
        msg->u.pk_ok.blob = read_string(reader);
        return NULL;
    case USERAUTH_NONE:
    case USERAUTH_OTHER:
        break;
    }
    return "the method in progress has no such message (RFC 4252 section 6)";
}

const char *
userauth_msg_decode(struct userauth_msg *msg, enum userauth_direction direction,
                    enum userauth_method in_progress, const unsigned char *payload, size_t len)
{
    struct reader reader = {.at = payload, .left = len};
    const char *why = NULL;

    memset(msg, 0, sizeof *msg);
    msg->direction = direction;
    msg->method = in_progress;
    msg->size = len;
    msg->type = read_byte(&reader);
    if (reader.broken)
        return "it is empty (RFC 4253 section 6)";
    if (msg->type >= 60 && msg->type <= 79) {
        why = decode_method_message(msg, &reader);
    } else if (msg->type == MSG_USERAUTH_REQUEST && direction == USERAUTH_SENT) {
        decode_request(msg, &reader);
    } else if (msg->type == MSG_USERAUTH_FAILURE && direction == USERAUTH_RECEIVED) {
        why = decode_failure(msg, &reader);
    } else if (msg->type == MSG_USERAUTH_BANNER && direction == USERAUTH_RECEIVED) {
        msg->u.banner.message = read_string(&reader);
        msg->u.banner.language = read_string(&reader);
    } else if (msg->type != MSG_USERAUTH_SUCCESS || direction != USERAUTH_RECEIVED) {
        return "it is not a message for this side (RFC 4252 section 6)";
    }
    if (why)
        return why;
    if (reader.broken)
        return "it ends in the middle of a field (RFC 4251 section 5)";
    if (reader.left)
        return "it has bytes after its last field (RFC 4251 section 5)";
    return NULL;
}

bool
userauth_prompt_next(struct span *rest, struct userauth_prompt *prompt)
{
    struct reader reader = {.at = rest->bytes, .left = rest->len};

    if (rest->len == 0)
        return false;
    prompt->text = read_string(&reader);
    prompt->echo = read_byte(&reader) != 0;
    *rest = (struct span){reader.at, reader.left};
    return !reader.broken;
}

bool
userauth_response_next(struct span *rest, size_t *len)
{
    struct reader reader = {.at = rest->bytes, .left = rest->len};

    if (rest->len == 0)
        return false;
    *len = read_string(&reader).len;
    *rest = (struct span){reader.at, reader.left};
    return !reader.broken;
}

const char *
userauth_msg_name(unsigned char type, enum userauth_method method)
{
    static const struct {
        unsigned char type;
        enum userauth_method method; /* USERAUTH_OTHER: whatever the method */
        const char *name;
    } names[] = {
        {MSG_USERAUTH_REQUEST, USERAUTH_OTHER, "USERAUTH_REQUEST"},
        {MSG_USERAUTH_FAILURE, USERAUTH_OTHER, "USERAUTH_FAILURE"},
        {MSG_USERAUTH_SUCCESS, USERAUTH_OTHER, "USERAUTH_SUCCESS"},
        {MSG_USERAUTH_BANNER, USERAUTH_OTHER, "USERAUTH_BANNER"},
        {MSG_USERAUTH_PASSWD_CHANGEREQ, USERAUTH_PASSWORD, "USERAUTH_PASSWD_CHANGEREQ"},
        {MSG_USERAUTH_PK_OK, USERAUTH_PUBLICKEY, "USERAUTH_PK_OK"},
        {MSG_USERAUTH_INFO_REQUEST, USERAUTH_KBDINT, "USERAUTH_INFO_REQUEST"},
        {MSG_USERAUTH_INFO_RESPONSE, USERAUTH_KBDINT, "USERAUTH_INFO_RESPONSE"},
        {MSG_USERAUTH_GSSAPI_RESPONSE, USERAUTH_GSSAPI, "USERAUTH_GSSAPI_RESPONSE"},
        {MSG_USERAUTH_GSSAPI_TOKEN, USERAUTH_GSSAPI, "USERAUTH_GSSAPI_TOKEN"},
        {MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE, USERAUTH_GSSAPI,
         "USERAUTH_GSSAPI_EXCHANGE_COMPLETE"},
        {MSG_USERAUTH_GSSAPI_ERROR, USERAUTH_GSSAPI, "USERAUTH_GSSAPI_ERROR"},
        {MSG_USERAUTH_GSSAPI_ERRTOK, USERAUTH_GSSAPI, "USERAUTH_GSSAPI_ERRTOK"},
        {MSG_USERAUTH_GSSAPI_MIC, USERAUTH_GSSAPI, "USERAUTH_GSSAPI_MIC"},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].type == type &&
            (names[i].method == USERAUTH_OTHER || names[i].method == method))
            return names[i].name;
    }
    return NULL;
}

enum userauth_method
userauth_method_of(struct span name)
{
    static const struct {
        const char *name;
        enum userauth_method method;
    } methods[] = {
        {"none", USERAUTH_NONE},
        {"password", USERAUTH_PASSWORD},
        {"publickey", USERAUTH_PUBLICKEY},
        {"keyboard-interactive", USERAUTH_KBDINT},
        {"gssapi-with-mic", USERAUTH_GSSAPI},
    };

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (span_is(name, methods[i].name))
            return methods[i].method;
    }
    return USERAUTH_OTHER;
}
