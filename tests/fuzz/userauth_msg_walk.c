/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Walks over the payload as a decoded message says it is: RFC 4252, 4256 and 4462 once more, in
 * the other direction than userauth_msg.c.
 */
#include <config.h>

#include "userauth_msg_walk.h"

/* What is left of the payload. */
struct walk {
    const uint8_t *at, *end;
};

static void
walk_u32(struct walk *walk, uint32_t value)
{
    REQUIRE(walk->end - walk->at >= 4);
    REQUIRE(((uint32_t)walk->at[0] << 24 | (uint32_t)walk->at[1] << 16 |
             (uint32_t)walk->at[2] << 8 | walk->at[3]) == value);
    walk->at += 4;
}

static void
walk_bytes(struct walk *walk, size_t len)
{
    walk_u32(walk, (uint32_t)len);
    REQUIRE((size_t)(walk->end - walk->at) >= len);
    walk->at += len;
}

static void
walk_span(struct walk *walk, struct span span)
{
    REQUIRE(span.bytes == walk->at + 4);
    walk_bytes(walk, span.len);
}

static void
walk_flag(struct walk *walk, bool flag)
{
    REQUIRE(walk->at < walk->end && flag == (*walk->at != 0));
    walk->at++;
}

static void
walk_request(struct walk *walk, const struct userauth_msg *msg)
{
    walk_span(walk, msg->u.request.user);
    walk_span(walk, msg->u.request.service);
    walk_span(walk, msg->u.request.method);
    REQUIRE(msg->method == userauth_method_of(msg->u.request.method));
    if (msg->method == USERAUTH_PASSWORD) {
        walk_flag(walk, msg->u.request.flag);
        REQUIRE(msg->u.request.secret <= (size_t)(walk->end - walk->at));
        if (!msg->u.request.flag)
            walk_bytes(walk, msg->u.request.secret);
    } else if (msg->method == USERAUTH_PUBLICKEY) {
        walk_flag(walk, msg->u.request.flag);
        walk_span(walk, msg->u.request.key_type);
        walk_span(walk, msg->u.request.key_blob);
        if (msg->u.request.flag)
            walk_bytes(walk, msg->u.request.secret);
    } else if (msg->method == USERAUTH_GSSAPI) {
        walk_u32(walk, msg->u.request.count);
    }
    if (msg->method != USERAUTH_PUBLICKEY && msg->method != USERAUTH_NONE)
        walk->at = walk->end; /* what is not told */
}

static void
walk_prompts(struct walk *walk, const struct userauth_msg *msg)
{
    struct span rest = msg->u.info_request.prompts;
    struct userauth_prompt prompt;

    walk_u32(walk, msg->u.info_request.count);
    for (uint32_t i = 0; i < msg->u.info_request.count; i++) {
        REQUIRE(userauth_prompt_next(&rest, &prompt));
        walk_span(walk, prompt.text);
        walk_flag(walk, prompt.echo);
    }
    REQUIRE(!userauth_prompt_next(&rest, &prompt) && rest.len == 0);
}

static void
walk_responses(struct walk *walk, const struct userauth_msg *msg)
{
    struct span rest = msg->u.info_response.responses;
    size_t len = 0;

    walk_u32(walk, msg->u.info_response.count);
    for (uint32_t i = 0; i < msg->u.info_response.count; i++) {
        REQUIRE(userauth_response_next(&rest, &len));
        walk_bytes(walk, len);
    }
    REQUIRE(!userauth_response_next(&rest, &len) && rest.len == 0);
}

static void
walk_kbdint(struct walk *walk, const struct userauth_msg *msg)
{
    if (msg->type == MSG_USERAUTH_INFO_RESPONSE) {
        walk_responses(walk, msg);
        return;
    }
    walk_span(walk, msg->u.info_request.name);
    walk_span(walk, msg->u.info_request.instruction);
    walk_span(walk, msg->u.info_request.language);
    walk_prompts(walk, msg);
}

static void
walk_gssapi(struct walk *walk, const struct userauth_msg *msg)
{
    if (msg->type == MSG_USERAUTH_GSSAPI_ERROR) {
        walk_u32(walk, msg->u.error.major);
        walk_u32(walk, msg->u.error.minor);
        walk_span(walk, msg->u.error.message);
        walk_span(walk, msg->u.error.language);
    } else if (msg->type != MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE) {
        walk_span(walk, msg->u.token.token);
    }
}

static void
walk_method_message(struct walk *walk, const struct userauth_msg *msg)
{
    REQUIRE(msg->method != USERAUTH_NONE && msg->method != USERAUTH_OTHER);
    if (msg->method == USERAUTH_KBDINT) {
        walk_kbdint(walk, msg);
    } else if (msg->method == USERAUTH_GSSAPI) {
        walk_gssapi(walk, msg);
    } else if (msg->method == USERAUTH_PUBLICKEY) {
        walk_span(walk, msg->u.pk_ok.algorithm);
        walk_span(walk, msg->u.pk_ok.blob);
    } else {
        walk_span(walk, msg->u.banner.message);
        walk_span(walk, msg->u.banner.language);
    }
}

void
require_filled(const struct userauth_msg *msg, const uint8_t *payload, size_t len)
{
    struct walk walk = {payload + 1, payload + len};

    REQUIRE(len > 0 && msg->type == payload[0] && msg->size == len);
    REQUIRE(userauth_msg_name(msg->type, msg->method));
    if (msg->type == MSG_USERAUTH_REQUEST) {
        walk_request(&walk, msg);
    } else if (msg->type == MSG_USERAUTH_FAILURE) {
        walk_span(&walk, msg->u.failure.methods);
        walk_flag(&walk, msg->u.failure.partial);
    } else if (msg->type == MSG_USERAUTH_BANNER) {
        walk_span(&walk, msg->u.banner.message);
        walk_span(&walk, msg->u.banner.language);
    } else if (msg->type != MSG_USERAUTH_SUCCESS) {
        walk_method_message(&walk, msg);
    }
    REQUIRE(walk.at == walk.end);
}
