/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decoded messages as text. It looks at every byte that a decoder gave, and fails the test
 * where one lies outside the payload.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "message_text.h"

static unsigned char *page; /* page_size bytes, then a page without access */
static size_t page_size;

int
message_pages_make(void **state)
{
    (void)state;
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    page =
        mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? -1 : mprotect(page + page_size, page_size, PROT_NONE);
}

int
message_pages_drop(void **state)
{
    (void)state;
    return munmap(page, 2 * page_size);
}

unsigned char *
message_guarded(const unsigned char *bytes, size_t len)
{
    assert_true(len <= page_size);
    memcpy(page + page_size - len, bytes, len);
    return page + page_size - len;
}

static void
add(struct message_text *out, const char *text)
{
    size_t len = strlen(text);

    if (len >= sizeof(out->text) - out->len)
        len = sizeof(out->text) - out->len - 1;
    memcpy(out->text + out->len, text, len);
    out->len += len;
    out->text[out->len] = '\0';
}

static void
add_number(struct message_text *out, size_t number)
{
    char digits[32];

    snprintf(digits, sizeof(digits), " %zu", number);
    add(out, digits);
}

static void
add_u32(struct message_text *out, uint32_t number)
{
    add_number(out, number);
    out->wire += 4;
}

static void
add_flag(struct message_text *out, bool flag)
{
    add(out, flag ? " yes" : " no");
    out->wire++;
}

/* Each span lies inside the payload: asserted here, for every span of every message. */
static void
add_span(struct message_text *out, struct span span)
{
    char one[8];

    if (span.len > 0) {
        assert_true(span.bytes >= out->payload);
        assert_true(span.len <= out->payload_len);
        assert_true(span.bytes - out->payload <= (ptrdiff_t)(out->payload_len - span.len));
    }
    add(out, " [");
    for (size_t i = 0; i < span.len; i++) {
        unsigned char c = span.bytes[i];
        snprintf(one, sizeof(one), c >= ' ' && c < 0x7f ? "%c" : "\\%02x", c);
        add(out, one);
    }
    add(out, "]");
    out->wire += 4 + span.len;
}

static void
add_prompts(struct message_text *out, struct span rest, uint32_t count)
{
    struct userauth_prompt prompt;

    add_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(userauth_prompt_next(&rest, &prompt));
        add_span(out, prompt.text);
        add_flag(out, prompt.echo);
    }
    assert_false(userauth_prompt_next(&rest, &prompt));
    assert_int_equal(rest.len, 0);
}

static void
add_responses(struct message_text *out, struct span rest, uint32_t count)
{
    size_t len = 0;

    add_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(userauth_response_next(&rest, &len));
        add_number(out, len);
        out->wire += 4 + len;
    }
    assert_false(userauth_response_next(&rest, &len));
    assert_int_equal(rest.len, 0);
}

static void
describe_request(struct message_text *out, const struct userauth_msg *msg)
{
    add_span(out, msg->u.request.user);
    add_span(out, msg->u.request.service);
    add_span(out, msg->u.request.method);
    assert_int_equal(msg->method, userauth_method_of(msg->u.request.method));
    if (msg->method == USERAUTH_PASSWORD || msg->method == USERAUTH_PUBLICKEY) {
        add_flag(out, msg->u.request.flag);
        add_number(out, msg->u.request.secret);
    }
    if (msg->method == USERAUTH_PUBLICKEY)
        add_span(out, msg->u.request.key_type);
    if (msg->method == USERAUTH_GSSAPI)
        add_number(out, msg->u.request.count);
    out->wire = msg->size; /* some of its fields are not given */
}

static void
describe_method_message(struct message_text *out, const struct userauth_msg *msg)
{
    switch (msg->method) {
    case USERAUTH_PUBLICKEY:
        add_span(out, msg->u.pk_ok.algorithm);
        add_span(out, msg->u.pk_ok.blob);
        break;
    case USERAUTH_PASSWORD:
        add_span(out, msg->u.banner.message);
        add_span(out, msg->u.banner.language);
        break;
    case USERAUTH_KBDINT:
        if (msg->type == MSG_USERAUTH_INFO_RESPONSE) {
            add_responses(out, msg->u.info_response.responses, msg->u.info_response.count);
            break;
        }
        add_span(out, msg->u.info_request.name);
        add_span(out, msg->u.info_request.instruction);
        add_span(out, msg->u.info_request.language);
        add_prompts(out, msg->u.info_request.prompts, msg->u.info_request.count);
        break;
    case USERAUTH_GSSAPI:
        if (msg->type == MSG_USERAUTH_GSSAPI_ERROR) {
            add_u32(out, msg->u.error.major);
            add_u32(out, msg->u.error.minor);
            add_span(out, msg->u.error.message);
            add_span(out, msg->u.error.language);
        } else if (msg->type != MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE) {
            add_span(out, msg->u.token.token);
        }
        break;
    case USERAUTH_NONE:
    case USERAUTH_OTHER:
        fail_msg("message %d without a method", msg->type);
    }
}

void
message_describe(struct message_text *out, const struct userauth_msg *msg,
                 const unsigned char *payload, size_t len)
{
    const char *name = userauth_msg_name(msg->type, msg->method);

    *out = (struct message_text){.wire = 1, .payload = payload, .payload_len = len};
    assert_non_null(name);
    assert_int_equal(msg->size, len);
    assert_int_equal(msg->type, payload[0]);
    add(out, strncmp(name, "USERAUTH_", 9) == 0 ? name + 9 : name);
    if (msg->type == MSG_USERAUTH_REQUEST) {
        describe_request(out, msg);
    } else if (msg->type == MSG_USERAUTH_FAILURE) {
        add_span(out, msg->u.failure.methods);
        add_flag(out, msg->u.failure.partial);
    } else if (msg->type == MSG_USERAUTH_BANNER) {
        add_span(out, msg->u.banner.message);
        add_span(out, msg->u.banner.language);
    } else if (msg->type != MSG_USERAUTH_SUCCESS) {
        describe_method_message(out, msg);
    }
    assert_int_equal(out->wire, len);
}
