/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the server said, kept; and the guard: what it should not have said is refused before
 * libssh2's parsers see it. No libssh2 here, and no socket: bytes in, a record out.
 */
#include <config.h>

#include "ssh2/record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/wire.h"

static void
clear_reply(struct packet *packet)
{
    free(packet->reply.methods);
    memset(&packet->reply, 0, sizeof packet->reply);
}

void
packet_free(struct packet *packet)
{
    clear_reply(packet);
    bytes_free(&packet->info_request);
    bytes_free(&packet->change_text);
    bytes_free(&packet->key_blob);
    bytes_free(&packet->key_algorithm);
    bytes_free(&packet->own_kexinit);
    bytes_free(&packet->server_kexinit);
    outgoing_free(&packet->corrected);
    for (size_t i = 0; i < packet->banner_count; i++)
        bytes_free(&packet->banners[i]);
    packet->banner_count = 0;
    explicit_bzero(packet->session_id, sizeof packet->session_id);
}

void
packet_begin(struct packet *packet)
{
    clear_reply(packet);
    packet->queries = 0;
    bytes_free(&packet->info_request);
    bytes_free(&packet->change_text);
    bytes_free(&packet->key_blob);
    bytes_free(&packet->key_algorithm);
}

void
packet_refuse(struct packet *packet, enum outcome outcome, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    failure_vset(&packet->failure, outcome, format, arguments);
    va_end(arguments);
}

void
packet_refuse_for(struct packet *packet, const struct failure *failure)
{
    packet_refuse(packet, failure->outcome, "%s", failure->message);
    if (*failure->hint)
        failure_hint(&packet->failure, "%s", failure->hint);
}

bool
packet_info_request(const struct packet *packet, struct userauth_msg *msg)
{
    return packet->info_request.data &&
           !userauth_msg_decode(msg, USERAUTH_RECEIVED, USERAUTH_KBDINT,
                                (const unsigned char *)packet->info_request.data,
                                packet->info_request.len);
}

static void
observe(struct packet *packet, const struct userauth_msg *msg)
{
    if (packet->observer)
        packet->observer(packet->observer_context, msg);
}

static bool
keep_banner(struct packet *packet, const struct userauth_msg *msg)
{
    struct span text = msg->u.banner.message;

    if (packet->banner_count == PACKET_MAX_BANNERS) {
        packet->banners_dropped++;
        return true;
    }
    if (!bytes_copy(&packet->banners[packet->banner_count], text.bytes, text.len))
        return false;
    packet->banner_count++;
    return true;
}

static bool
keep_info_request(struct packet *packet, const struct userauth_msg *msg,
                  const unsigned char *payload, size_t len)
{
    if (msg->u.info_request.count > PACKET_MAX_PROMPTS) {
        packet_refuse(packet, OUTCOME_PROTOCOL_ERROR,
                      "USERAUTH_INFO_REQUEST: %u prompts, more than the limit of %d",
                      (unsigned)msg->u.info_request.count, PACKET_MAX_PROMPTS);
        return false;
    }
    if (++packet->reply.rounds > PACKET_MAX_ROUNDS) {
        packet_refuse(packet, OUTCOME_PROTOCOL_ERROR,
                      "USERAUTH_INFO_REQUEST: more than %d rounds", PACKET_MAX_ROUNDS);
        return false;
    }
    bytes_free(&packet->info_request);
    if (!bytes_copy(&packet->info_request, payload, len)) {
        packet_refuse(packet, OUTCOME_INTERNAL, "out of memory");
        return false;
    }
    return true;
}

/*
 * libssh2 1.10.0 checks the wrong length where the name is not empty: good packets are refused,
 * bad ones read beyond their end. It is handed the same request with the name emptied; our
 * callback takes the name from the record.
 */
static void
empty_the_name(const struct userauth_msg *msg, unsigned char *payload, size_t *len)
{
    size_t name = msg->u.info_request.name.len;

    memset(payload + 1, 0, 4);
    memmove(payload + 5, payload + 5 + name, *len - 5 - name);
    *len -= name;
}

static bool
span_equals(struct span span, const void *bytes, size_t len)
{
    return span.len == len && memcmp(span.bytes, bytes, len) == 0;
}

/* The algorithm that was asked for. Some servers name the key's type instead, as ssh bears
 * with: "ssh-rsa" for rsa-sha2-256. */
static bool
names_algorithm(const struct packet *packet, struct span algorithm)
{
    struct wire blob = {(const unsigned char *)packet->key_blob.data, packet->key_blob.len},
                type;

    return span_equals(algorithm, packet->key_algorithm.data, packet->key_algorithm.len) ||
           (wire_string(&blob, &type) && span_equals(algorithm, type.at, type.left));
}

/* RFC 4252 section 7: PK_OK names the key that was asked about, and the algorithm. */
static bool
check_key(struct packet *packet, const struct userauth_msg *msg)
{
    const struct bytes *asked = &packet->key_blob;
    bool same = asked->data && span_equals(msg->u.pk_ok.blob, asked->data, asked->len);

    if (same && names_algorithm(packet, msg->u.pk_ok.algorithm))
        return true;
    packet_refuse(packet, OUTCOME_PROTOCOL_ERROR,
                  "USERAUTH_PK_OK from the server: it is of another %s than the one that was "
                  "asked about (RFC 4252 section 7)",
                  same ? "algorithm" : "key");
    return false;
}

static bool
keep_change_text(struct packet *packet, const struct userauth_msg *msg)
{
    bytes_free(&packet->change_text);
    if (bytes_copy(&packet->change_text, msg->u.banner.message.bytes,
                   msg->u.banner.message.len))
        return true;
    packet_refuse(packet, OUTCOME_INTERNAL, "out of memory");
    return false;
}

/* Keeps what the server said. False where that could not be, or may not be. */
static bool
keep_reply(struct packet *packet, const struct userauth_msg *msg, unsigned char *payload,
           size_t *len)
{
    struct packet_reply *reply = &packet->reply;

    switch (msg->type) {
    case MSG_USERAUTH_SUCCESS:
        reply->success = true;
        return true;
    case MSG_USERAUTH_FAILURE:
        reply->failure = true;
        reply->partial = msg->u.failure.partial;
        free(reply->methods);
        reply->methods =
            strndup((const char *)msg->u.failure.methods.bytes, msg->u.failure.methods.len);
        if (!reply->methods)
            packet_refuse(packet, OUTCOME_INTERNAL, "out of memory");
        return reply->methods;
    default:
        break;
    }
    reply->dialogue = true;
    if (msg->method == USERAUTH_KBDINT) {
        if (!keep_info_request(packet, msg, payload, *len))
            return false;
        empty_the_name(msg, payload, len);
    } else if (msg->method == USERAUTH_PUBLICKEY) {
        return check_key(packet, msg);
    } else if (msg->method == USERAUTH_PASSWORD) {
        return keep_change_text(packet, msg);
    } else if (msg->method == USERAUTH_GSSAPI && ++reply->rounds > PACKET_MAX_TOKENS) {
        packet_refuse(packet, OUTCOME_PROTOCOL_ERROR, "gssapi-with-mic: more than %d messages",
                      PACKET_MAX_TOKENS);
        return false;
    }
    return true;
}

/* Names a message for an error; unknown ones by number. */
static const char *
message_name(const struct packet *packet, unsigned char type, char *buffer, size_t size)
{
    const char *name = userauth_msg_name(type, packet->method);

    if (!name)
        name = guard_message_name(type);
    if (name)
        return name;
    snprintf(buffer, size, "message %u", (unsigned)type);
    return buffer;
}

void
record_refuse(struct packet *packet, unsigned char type, const char *why)
{
    char number[32];

    packet_refuse(packet, OUTCOME_PROTOCOL_ERROR, "%s from the server: %s",
                  message_name(packet, type, number, sizeof number), why);
}

bool
record_received(struct packet *packet, const unsigned char *types, unsigned char *payload,
                size_t *len, bool *taken)
{
    struct userauth_msg msg;
    const char *why =
        userauth_msg_decode(&msg, USERAUTH_RECEIVED, packet->method, payload, *len);

    *taken = false;
    if (!why && msg.type == MSG_USERAUTH_BANNER && packet->guard.authenticated)
        why = "authentication is complete (RFC 4252 section 5.4)";
    else if (!why && msg.type != MSG_USERAUTH_BANNER)
        why = guard_check(&packet->guard, &msg);
    if (!why && msg.type != MSG_USERAUTH_BANNER && !strchr((const char *)types, msg.type))
        why = "not at this point of the dialogue (RFC 4252 section 6)";
    if (why) {
        msg.refused = why;
        observe(packet, &msg);
        record_refuse(packet, *len ? payload[0] : 0, why);
        return false;
    }
    observe(packet, &msg);
    if (msg.type == MSG_USERAUTH_BANNER) {
        *taken = keep_banner(packet, &msg);
        if (!*taken)
            packet_refuse(packet, OUTCOME_INTERNAL, "out of memory");
        return false;
    }
    guard_received(&packet->guard, &msg);
    return keep_reply(packet, &msg, payload, len);
}

static bool
carries_credential(const struct userauth_msg *msg)
{
    if (msg->type == MSG_USERAUTH_REQUEST)
        return msg->u.request.secret > 0 || msg->method == USERAUTH_PASSWORD;
    if (msg->method == USERAUTH_KBDINT)
        return msg->u.info_response.count > 0;
    return true;
}

static void
note_key(struct packet *packet, const struct userauth_msg *msg)
{
    struct span blob = msg->u.request.key_blob, algorithm = msg->u.request.key_type;

    packet->reply.signature = msg->u.request.flag;
    bytes_free(&packet->key_blob);
    bytes_free(&packet->key_algorithm);
    if (!bytes_copy(&packet->key_blob, blob.bytes, blob.len) ||
        !bytes_copy(&packet->key_algorithm, algorithm.bytes, algorithm.len))
        packet_refuse(packet, OUTCOME_INTERNAL, "out of memory");
}

bool
record_new_request(struct packet *packet, const struct userauth_msg *msg)
{
    clear_reply(packet);
    guard_begin(&packet->guard);
    packet->method = msg->method;
    if (msg->method != USERAUTH_PUBLICKEY || ++packet->queries <= PACKET_MAX_QUERIES)
        return true;
    /* 1.11.1 begins anew, without end, where an agent signs otherwise than it was asked to */
    packet_refuse(packet, OUTCOME_CREDENTIAL,
                  "publickey: no signature was made by any algorithm that was asked for");
    return false;
}

void
record_sent(struct packet *packet, const struct userauth_msg *msg)
{
    packet->credential_sent |= carries_credential(msg);
    guard_sent(&packet->guard, msg);
    if (msg->type == MSG_USERAUTH_REQUEST && msg->method == USERAUTH_PUBLICKEY)
        note_key(packet, msg);
    observe(packet, msg);
}
