/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Userauth messages, of both sides and all methods, through the decoder; and one after the
 * other through the guard and the record. The first byte of the input says which: of its low
 * bits the method, then the side, then whether a sequence follows (try_sequence()).
 */
#include <config.h>

#include "fuzz.h"
#include "report/trace.h"
#include "ssh2/record.h"
#include "ssh2/signature.h"
#include "userauth_msg_walk.h"
#include "util/memory_file.h"

enum { SIDE = 0x10, SEQUENCE = 0x20 };

/* ---- one message ---- */

/* One line of -v, without a control but the newline. */
static void
require_line(const struct userauth_msg *msg)
{
    struct memory_file memory;

    REQUIRE(memory_file_open(&memory));
    trace_message(memory.file, 0, msg);
    size_t len = 0;
    char *line = memory_file_close(&memory, &len);
    REQUIRE(line && len == strlen(line) && len > 0 && line[len - 1] == '\n');
    line[len - 1] = '\0';
    REQUIRE(fuzz_is_line(line));
    free(line);
}

static bool
same_message(const struct userauth_msg *a, const struct userauth_msg *b)
{
    return a->type == b->type && a->method == b->method && a->direction == b->direction &&
           a->size == b->size && memcmp(&a->u, &b->u, sizeof(a->u)) == 0;
}

/* A signature's name made that of the key is a request again, with nothing else changed. */
static void
try_signature(const struct userauth_msg *msg, const uint8_t *payload, size_t len)
{
    struct outgoing corrected = {NULL, 0};
    struct userauth_msg again;

    REQUIRE(signature_correct(msg, payload, len, &corrected));
    if (corrected.bytes) {
        REQUIRE(corrected.len < len);
        REQUIRE(!userauth_msg_decode(&again, USERAUTH_SENT, msg->method, corrected.bytes,
                                     corrected.len));
        require_filled(&again, corrected.bytes, corrected.len);
        REQUIRE(again.u.request.secret == msg->u.request.secret - (len - corrected.len));
        REQUIRE(memcmp(corrected.bytes, payload, len - msg->u.request.secret - 4) == 0);
    }
    outgoing_free(&corrected);
}

/* What we write ourselves is what was read. */
static void
try_encoder(const struct userauth_msg *msg, const uint8_t *payload, size_t len)
{
    struct outgoing out = {NULL, 0};
    bool made = false;

    if (msg->type == MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE)
        made = outgoing_message(&out, msg->type);
    else if (msg->type >= 60 && msg->type != MSG_USERAUTH_GSSAPI_ERROR &&
             msg->method == USERAUTH_GSSAPI)
        made =
            outgoing_string(&out, msg->type, msg->u.token.token.bytes, msg->u.token.token.len);
    REQUIRE(!made || (out.len == len && memcmp(out.bytes, payload, len) == 0));
    outgoing_free(&out);
}

static void
try_message(enum userauth_direction direction, enum userauth_method method,
            const uint8_t *payload, size_t len)
{
    struct userauth_msg msg, again;
    const char *why = userauth_msg_decode(&msg, direction, method, payload, len);

    REQUIRE(why == userauth_msg_decode(&again, direction, method, payload, len));
    REQUIRE(same_message(&msg, &again));
    if (why) {
        REQUIRE(strstr(why, "(RFC 4"));
        msg.refused = why;
    } else {
        require_filled(&msg, payload, len);
        if (direction == USERAUTH_SENT)
            try_signature(&msg, payload, len);
        if (msg.type >= 60)
            try_encoder(&msg, payload, len);
    }
    require_line(&msg);
}

/* ---- a sequence ---- */

struct conversation {
    struct packet packet;
    unsigned observed, refused;
};

static void
count(void *context, const struct userauth_msg *msg)
{
    struct conversation *conversation = context;

    conversation->observed++;
    conversation->refused += msg->refused != NULL;
}

/* As packet.c does it. False where nothing may be sent any more. */
static bool
send_message(struct conversation *conversation, const uint8_t *payload, size_t len)
{
    struct packet *packet = &conversation->packet;
    struct userauth_msg msg;

    if (userauth_msg_decode(&msg, USERAUTH_SENT, packet->method, payload, len))
        return true;
    if (guard_is_new_request(&packet->guard, &msg) && !record_new_request(packet, &msg)) {
        REQUIRE(packet->queries > PACKET_MAX_QUERIES && failure_is_set(&packet->failure));
        return false;
    }
    record_sent(packet, &msg);
    if (msg.type == MSG_USERAUTH_REQUEST && msg.method == USERAUTH_PUBLICKEY) {
        REQUIRE(packet->key_blob.len == msg.u.request.key_blob.len);
        REQUIRE(packet->key_blob.len == 0 ||
                memcmp(packet->key_blob.data, msg.u.request.key_blob.bytes,
                       packet->key_blob.len) == 0);
        REQUIRE(packet->reply.signature == msg.u.request.flag);
    }
    if (msg.type == MSG_USERAUTH_REQUEST && msg.u.request.secret > 0)
        REQUIRE(packet->credential_sent);
    return true;
}

/* What is handed on is what came, but for the name of an INFO_REQUEST, which the record has. */
static void
require_handed_on(const struct packet *packet, const uint8_t *before, size_t before_len,
                  const uint8_t *payload, size_t len)
{
    struct userauth_msg msg, was;

    REQUIRE(!userauth_msg_decode(&msg, USERAUTH_RECEIVED, packet->method, payload, len));
    require_filled(&msg, payload, len);
    if (msg.type < 60 || packet->method != USERAUTH_KBDINT) {
        REQUIRE(len == before_len && memcmp(before, payload, len) == 0);
        return;
    }
    REQUIRE(packet_info_request(packet, &was));
    REQUIRE(packet->info_request.len == before_len);
    REQUIRE(memcmp(packet->info_request.data, before, before_len) == 0);
    REQUIRE(msg.u.info_request.name.len == 0 && msg.u.info_request.count <= PACKET_MAX_PROMPTS);
    REQUIRE(len + was.u.info_request.name.len == before_len);
    size_t behind = len - 5;
    REQUIRE(memcmp(payload + 5, before + before_len - behind, behind) == 0);
}

static void
require_verdict(const struct packet *packet, const uint8_t *payload, bool handed)
{
    const struct packet_reply *reply = &packet->reply;

    REQUIRE(!(reply->success && reply->failure));
    REQUIRE(!(reply->failure && !failure_is_set(&packet->failure)) || reply->methods);
    REQUIRE(!reply->partial || reply->failure);
    if (handed && payload[0] == MSG_USERAUTH_SUCCESS)
        REQUIRE(reply->success);
    if (handed && payload[0] == MSG_USERAUTH_FAILURE)
        REQUIRE(reply->failure && fuzz_is_line(reply->methods));
}

static bool
receive_message(struct conversation *conversation, const char *types, const uint8_t *bytes,
                size_t size)
{
    struct packet *packet = &conversation->packet;
    uint8_t *payload = fuzz_copy(bytes, size);
    size_t len = size, banners = packet->banner_count + packet->banners_dropped;
    unsigned observed = conversation->observed, refused = conversation->refused;
    bool taken = false, over = packet->reply.success || packet->reply.failure ||
                               guard_is_our_turn(&packet->guard);

    bool handed = record_received(packet, (const unsigned char *)types, payload, &len, &taken);
    REQUIRE(!(handed && taken) && len <= size);
    REQUIRE((handed || taken) == !failure_is_set(&packet->failure));
    REQUIRE(conversation->observed == observed + 1);
    REQUIRE(packet->banner_count + packet->banners_dropped == banners + taken);
    REQUIRE(packet->banner_count <= PACKET_MAX_BANNERS);
    REQUIRE(packet->reply.rounds <= PACKET_MAX_ROUNDS + 1);
    require_verdict(packet, payload, handed);
    if (handed) {
        REQUIRE(!over && strchr(types, payload[0]));
        require_handed_on(packet, bytes, size, payload, len);
    } else if (!taken) {
        REQUIRE(packet->failure.outcome == OUTCOME_PROTOCOL_ERROR);
        REQUIRE(fuzz_is_line(packet->failure.message));
        REQUIRE(conversation->refused == refused || strstr(packet->failure.message, "(RFC 4"));
    }
    free(payload);
    return handed || taken;
}

/* What fails later is its consequence. */
static void
require_first_failure(struct packet *packet)
{
    struct failure first = packet->failure, later = FAILURE_INIT;

    failure_set(&later, OUTCOME_TIMEOUT, "later");
    failure_hint(&later, "hint");
    packet_refuse_for(packet, &later);
    REQUIRE(failure_is_set(&packet->failure));
    REQUIRE(strcmp(packet->failure.message, failure_is_set(&first) ? first.message : "later") ==
            0);
}

/*
 * Messages, each with two bytes in front: what is done with it, and its length (in steps of
 * eight where the highest bit of the former is set).
 */
static void
try_sequence(struct fuzz_input input, enum userauth_method method)
{
    enum { RECEIVE = 1, BEGIN = 2, TYPES = 0x1c, LONG = 0x80 };
    static const char *const types[] = {"\x34\x33",
                                        "\x3c\x33\x34",
                                        "\x3c\x3d\x40\x41\x33\x34",
                                        "",
                                        "\x34\x33\x3c",
                                        "\x3c\x33",
                                        "\x03\x32\x33\x34\x3c\x3d\x3e\x3f\x40\x41",
                                        "\x33"};
    struct conversation conversation = {.packet = {.method = method}};
    bool good = true;

    conversation.packet.observer = count;
    conversation.packet.observer_context = &conversation;
    while (good && input.left > 0) {
        uint8_t what = fuzz_byte(&input);
        size_t len = fuzz_byte(&input);
        len = what & LONG ? 8 * len : len;
        len = len < input.left ? len : input.left;
        if (what & BEGIN)
            packet_begin(&conversation.packet);
        if (what & RECEIVE) {
            good = receive_message(&conversation, types[(what & TYPES) >> 2], input.at, len);
        } else {
            uint8_t *exact = fuzz_copy(input.at, len);
            good = send_message(&conversation, exact, len);
            free(exact);
        }
        input.at += len;
        input.left -= len;
    }
    require_first_failure(&conversation.packet);
    packet_free(&conversation.packet);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    uint8_t what = fuzz_byte(&input);
    enum userauth_method method = (enum userauth_method)((what & 0x0f) % (USERAUTH_OTHER + 1));

    if (what & SEQUENCE) {
        try_sequence(input, method);
    } else {
        uint8_t *exact = fuzz_copy(input.at, input.left);
        try_message(what & SIDE ? USERAUTH_SENT : USERAUTH_RECEIVED, method, exact, input.left);
        free(exact);
    }
    return 0;
}
