/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The guard and the record: which messages are handed on, refused or taken, after which others,
 * and what is kept of them. A conversation is a table of messages; see struct step.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "message_table.h"
#include "ssh2/record.h"

#define SUCCESS_MSG  BYTES("\x34")
#define FAILURE_MSG  BYTES("\x33" L3 "a,b\0")
#define BANNER_MSG   BYTES("\x35" L2 "hi" L0)
#define INFO_MSG     BYTES("\x3c" L0 L0 L0 L0)
#define TOKEN_MSG    BYTES("\x3d" L2 "`x")
#define RESPONSE_MSG BYTES("\x3c" L1 "o")

/* What libssh2 and gssapi_with_mic.c wait for. */
#define FOR_VERDICT "\x34\x33"
#define FOR_KBDINT  "\x3c\x33\x34"
#define FOR_GSSAPI  "\x3c\x3d\x40\x41\x33\x34"

enum fate { HANDED_ON, TAKEN, REFUSED };

struct session_record {
    struct packet packet;
    unsigned observed;
    unsigned char last_observed;
    unsigned char payload[1024]; /* of the last message, as it was handed on */
    size_t len;
};

static void
count(void *context, const struct userauth_msg *msg)
{
    struct session_record *record = context;

    record->observed++;
    record->last_observed = msg->type;
}

/* A session whose last request was `method`'s; of no request at all where requests is 0. */
static void
begin(struct session_record *record, enum userauth_method method, unsigned requests)
{
    memset(record, 0, sizeof(*record));
    record->packet.method = method;
    record->packet.requests = requests;
    record->packet.observer = count;
    record->packet.observer_context = record;
}

static enum fate
receive(struct session_record *record, const char *types, const unsigned char *bytes,
        size_t len)
{
    unsigned char *exact = malloc(len + 1);
    unsigned char *payload = exact + 1; /* may be of no bytes at all */
    bool taken;

    assert_non_null(exact);
    memcpy(payload, bytes, len);
    record->len = len;
    bool handed = record_received(&record->packet, (const unsigned char *)types, payload,
                                  &record->len, &taken);
    assert_true(record->len <= len && record->len <= sizeof(record->payload));
    memcpy(record->payload, payload, record->len);
    free(exact);
    assert_false(handed && taken);
    assert_int_equal(failure_is_set(&record->packet.failure), !handed && !taken);
    return handed ? HANDED_ON : taken ? TAKEN : REFUSED;
}

/* One message in a conversation. */
struct step {
    const unsigned char *bytes;
    size_t len;
    enum fate fate;
    const char *why; /* REFUSED: the failure's whole message */
};

struct conversation {
    enum userauth_method method;
    unsigned requests;
    const char *types;
    struct step steps[4]; /* the first of no bytes at all ends it */
};

#define NOBODY_ASKED " from the server: no request asked for it (RFC 4252 section 5.1)"
#define NOT_NOW      " from the server: not at this point of the dialogue (RFC 4252 section 6)"

static const struct conversation conversations[] = {
    /* what is as it should be */
    {NONE, 1, FOR_VERDICT, {{SUCCESS_MSG, HANDED_ON, ""}}},
    {NONE,
     1,
     FOR_VERDICT,
     {{BANNER_MSG, TAKEN, ""}, {BANNER_MSG, TAKEN, ""}, {FAILURE_MSG, HANDED_ON, ""}}},
    {KBDINT,
     1,
     FOR_KBDINT,
     {{INFO_MSG, HANDED_ON, ""}, {INFO_MSG, HANDED_ON, ""}, {SUCCESS_MSG, HANDED_ON, ""}}},
    {GSSAPI,
     3,
     FOR_GSSAPI,
     {{RESPONSE_MSG, HANDED_ON, ""}, {TOKEN_MSG, HANDED_ON, ""}, {FAILURE_MSG, HANDED_ON, ""}}},
    /* a banner comes at any time */
    {NONE, 0, "", {{BANNER_MSG, TAKEN, ""}}},
    {NONE, 1, FOR_VERDICT, {{SUCCESS_MSG, HANDED_ON, ""}, {BANNER_MSG, TAKEN, ""}}},
    /* before any request */
    {NONE, 0, FOR_VERDICT, {{SUCCESS_MSG, REFUSED, "USERAUTH_SUCCESS" NOBODY_ASKED}}},
    {NONE, 0, FOR_VERDICT, {{FAILURE_MSG, REFUSED, "USERAUTH_FAILURE" NOBODY_ASKED}}},
    {KBDINT, 0, FOR_KBDINT, {{INFO_MSG, REFUSED, "USERAUTH_INFO_REQUEST" NOBODY_ASKED}}},
    {NONE,
     0,
     FOR_VERDICT,
     {{BANNER_MSG, TAKEN, ""}, {SUCCESS_MSG, REFUSED, "USERAUTH_SUCCESS" NOBODY_ASKED}}},
    /* a second reply */
    {NONE,
     1,
     FOR_VERDICT,
     {{FAILURE_MSG, HANDED_ON, ""}, {SUCCESS_MSG, REFUSED, "USERAUTH_SUCCESS" NOBODY_ASKED}}},
    {NONE,
     1,
     FOR_VERDICT,
     {{FAILURE_MSG, HANDED_ON, ""}, {FAILURE_MSG, REFUSED, "USERAUTH_FAILURE" NOBODY_ASKED}}},
    {NONE,
     1,
     FOR_VERDICT,
     {{SUCCESS_MSG, HANDED_ON, ""}, {SUCCESS_MSG, REFUSED, "USERAUTH_SUCCESS" NOBODY_ASKED}}},
    {NONE,
     1,
     FOR_VERDICT,
     {{SUCCESS_MSG, HANDED_ON, ""}, {FAILURE_MSG, REFUSED, "USERAUTH_FAILURE" NOBODY_ASKED}}},
    {KBDINT,
     1,
     FOR_KBDINT,
     {{FAILURE_MSG, HANDED_ON, ""}, {INFO_MSG, REFUSED, "USERAUTH_INFO_REQUEST" NOBODY_ASKED}}},
    {GSSAPI,
     1,
     FOR_GSSAPI,
     {{SUCCESS_MSG, HANDED_ON, ""},
      {TOKEN_MSG, REFUSED, "USERAUTH_GSSAPI_TOKEN" NOBODY_ASKED}}},
    /* nobody waits for this one now */
    {KBDINT, 1, FOR_VERDICT, {{INFO_MSG, REFUSED, "USERAUTH_INFO_REQUEST" NOT_NOW}}},
    {GSSAPI, 1, "\x3c\x33", {{TOKEN_MSG, REFUSED, "USERAUTH_GSSAPI_TOKEN" NOT_NOW}}},
    {GSSAPI,
     1,
     "\x3c\x33",
     {{RESPONSE_MSG, HANDED_ON, ""}, {SUCCESS_MSG, REFUSED, "USERAUTH_SUCCESS" NOT_NOW}}},
    {NONE, 1, "", {{SUCCESS_MSG, REFUSED, "USERAUTH_SUCCESS" NOT_NOW}}},
    /* malformed, or of another method */
    {NONE,
     1,
     FOR_VERDICT,
     {{BYTES("\x34\0"), REFUSED,
       "USERAUTH_SUCCESS from the server: it has bytes after its last field (RFC 4251 section "
       "5)"}}},
    {NONE,
     1,
     FOR_VERDICT,
     {{BYTES("\x33" L2 ",a\0"), REFUSED,
       "USERAUTH_FAILURE from the server: its name-list is malformed (RFC 4251 section 5)"}}},
    {KBDINT,
     1,
     FOR_KBDINT,
     {{BYTES("\x3c" L1), REFUSED,
       "USERAUTH_INFO_REQUEST from the server: it ends in the middle of a field (RFC 4251 "
       "section 5)"}}},
    {NONE,
     0,
     FOR_VERDICT,
     {{BYTES("\x35" L2 "hi"), REFUSED,
       "USERAUTH_BANNER from the server: it ends in the middle of a field (RFC 4251 section "
       "5)"}}},
    {NONE,
     1,
     FOR_KBDINT,
     {{INFO_MSG, REFUSED,
       "message 60 from the server: the method in progress has no such message (RFC 4252 "
       "section 6)"}}},
    {KBDINT,
     1,
     FOR_GSSAPI,
     {{BYTES("\x40"), REFUSED,
       "message 64 from the server: keyboard-interactive has no such message (RFC 4256 section "
       "5)"}}},
    {NONE,
     1,
     "\x32",
     {{BYTES("\x32" L0 L0 L4 "none"), REFUSED,
       "USERAUTH_REQUEST from the server: it is not a message for this side (RFC 4252 section "
       "6)"}}},
    {NONE,
     1,
     FOR_VERDICT,
     {{BYTES("\x03" L5), REFUSED,
       "UNIMPLEMENTED from the server: the server does not implement what it was sent (RFC "
       "4253 section 11.4)"}}},
    {NONE,
     0,
     "\x03",
     {{BYTES("\x03" L5), REFUSED,
       "UNIMPLEMENTED from the server: the server does not implement what it was sent (RFC "
       "4253 section 11.4)"}}},
    {NONE,
     1,
     FOR_VERDICT,
     {{BYTES("\x03"), REFUSED,
       "UNIMPLEMENTED from the server: it ends in the middle of a field (RFC 4251 section "
       "5)"}}},
};

static void
test_conversations(void **state)
{
    struct session_record record;

    (void)state;
    for (size_t i = 0; i < COUNT(conversations); i++) {
        const struct conversation *row = &conversations[i];
        unsigned observed = 0;
        begin(&record, row->method, row->requests);
        for (const struct step *step = row->steps; step->len > 0; step++) {
            enum fate fate = receive(&record, row->types, step->bytes, step->len);
            if (fate != step->fate)
                fail_msg("conversation %zu, message %td: %d, %s", i, step - row->steps,
                         (int)fate, record.packet.failure.message);
            assert_string_equal(record.packet.failure.message, step->why);
            observed += fate != REFUSED; /* what is refused is no part of the trace */
            assert_int_equal(record.observed, observed);
        }
        if (failure_is_set(&record.packet.failure))
            assert_int_equal(record.packet.failure.outcome, OUTCOME_PROTOCOL_ERROR);
        packet_free(&record.packet);
    }
}

static void
test_empty_payload(void **state)
{
    struct session_record record;

    (void)state;
    begin(&record, NONE, 1);
    assert_int_equal(receive(&record, FOR_VERDICT, BYTES("")), REFUSED);
    assert_string_equal(record.packet.failure.message,
                        "message 0 from the server: it is empty (RFC 4253 section 6)");
    packet_free(&record.packet);
}

static void
test_refused_leaves_no_trace(void **state)
{
    struct session_record record;

    (void)state;
    begin(&record, KBDINT, 0);
    assert_int_equal(receive(&record, FOR_KBDINT, SUCCESS_MSG), REFUSED);
    assert_false(record.packet.reply.success || record.packet.reply.failure);
    assert_false(record.packet.reply.dialogue);
    begin(&record, KBDINT, 1);
    assert_int_equal(receive(&record, FOR_VERDICT, INFO_MSG), REFUSED);
    assert_int_equal(record.packet.reply.rounds, 0);
    assert_false(record.packet.reply.dialogue);
    packet_free(&record.packet);
}

/* The verdict, kept until the next request. */
static void
test_verdict(void **state)
{
    struct session_record record;
    struct packet_reply *reply = &record.packet.reply;

    (void)state;
    begin(&record, NONE, 1);
    assert_int_equal(receive(&record, FOR_VERDICT, BYTES("\x33" L12 "publickey,kb\1")),
                     HANDED_ON);
    assert_true(reply->failure && reply->partial && !reply->success && !reply->dialogue);
    assert_string_equal(reply->methods, "publickey,kb");
    assert_int_equal(record.len, 18);
    assert_memory_equal(record.payload, "\x33" L12 "publickey,kb\1", 18);
    record_clear_reply(&record.packet);
    assert_true(!reply->failure && !reply->partial && !reply->methods);
    assert_int_equal(receive(&record, FOR_VERDICT, BYTES("\x33" L0 "\0")), HANDED_ON);
    assert_true(reply->failure && !reply->partial);
    assert_string_equal(reply->methods, "");
    packet_begin(&record.packet);
    assert_true(!reply->failure && !reply->methods);
    assert_int_equal(record.packet.requests, 1);
    assert_int_equal(receive(&record, FOR_VERDICT, SUCCESS_MSG), HANDED_ON);
    assert_true(reply->success && !reply->failure && !reply->dialogue && !reply->methods);
    packet_free(&record.packet);
    assert_false(reply->success);
}

/* A dialogue is one whatever the method, and only its rounds are counted. */
static void
test_dialogue(void **state)
{
    static const struct {
        enum userauth_method method;
        const unsigned char *bytes;
        size_t len;
        unsigned rounds;
    } rows[] = {
        {PASSWORD, BYTES("\x3c" L4 "new?" L0), 0},
        {PUBLICKEY, BYTES("\x3c" L1 "k" L1 "b"), 0},
        {KBDINT, INFO_MSG, 1},
        {GSSAPI, RESPONSE_MSG, 1},
        {GSSAPI, TOKEN_MSG, 1},
        {GSSAPI, BYTES("\x40" L1 L2 L0 L0), 1},
        {GSSAPI, BYTES("\x41" L1 "e"), 1},
    };
    struct session_record record;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        begin(&record, rows[i].method, 1);
        assert_int_equal(receive(&record, FOR_GSSAPI, rows[i].bytes, rows[i].len), HANDED_ON);
        assert_true(record.packet.reply.dialogue);
        assert_int_equal(record.packet.reply.rounds, rows[i].rounds);
        packet_free(&record.packet);
    }
}

static void
test_banners(void **state)
{
    struct session_record record;
    unsigned char banner[] = "\x35" L3 "a\0b" L2 "en";

    (void)state;
    begin(&record, NONE, 0);
    for (unsigned i = 0; i < PACKET_MAX_BANNERS + 3; i++) {
        banner[5] = (unsigned char)('0' + i);
        assert_int_equal(receive(&record, "", banner, sizeof(banner) - 1), TAKEN);
    }
    assert_int_equal(record.packet.banner_count, PACKET_MAX_BANNERS);
    assert_int_equal(record.packet.banners_dropped, 3);
    assert_int_equal(record.observed, PACKET_MAX_BANNERS + 3);
    for (unsigned i = 0; i < PACKET_MAX_BANNERS; i++) {
        const char text[] = {(char)('0' + i), '\0', 'b', '\0'};
        assert_int_equal(record.packet.banners[i].len, 3);
        assert_memory_equal(record.packet.banners[i].data, text, sizeof(text));
    }
    packet_begin(&record.packet); /* they are the session's, not the attempt's */
    assert_int_equal(record.packet.banner_count, PACKET_MAX_BANNERS);
    packet_free(&record.packet);
    assert_int_equal(record.packet.banner_count, 0);
}

static size_t
many_prompts(unsigned char *payload, unsigned prompts)
{
    memset(payload, 0, 17 + 5 * (size_t)prompts);
    payload[0] = MSG_USERAUTH_INFO_REQUEST;
    payload[16] = (unsigned char)prompts;
    return 17 + 5 * (size_t)prompts;
}

static void
test_limits(void **state)
{
    struct session_record record;
    unsigned char payload[1024];

    (void)state;
    begin(&record, KBDINT, 1);
    assert_int_equal(
        receive(&record, FOR_KBDINT, payload, many_prompts(payload, PACKET_MAX_PROMPTS)),
        HANDED_ON);
    assert_int_equal(
        receive(&record, FOR_KBDINT, payload, many_prompts(payload, PACKET_MAX_PROMPTS + 1)),
        REFUSED);
    assert_string_equal(record.packet.failure.message,
                        "USERAUTH_INFO_REQUEST: 101 prompts, more than the limit of 100");
    assert_int_equal(record.packet.failure.outcome, OUTCOME_PROTOCOL_ERROR);
    packet_free(&record.packet);

    begin(&record, KBDINT, 1);
    for (unsigned i = 0; i < PACKET_MAX_ROUNDS; i++)
        assert_int_equal(receive(&record, FOR_KBDINT, INFO_MSG), HANDED_ON);
    assert_int_equal(record.packet.reply.rounds, PACKET_MAX_ROUNDS);
    assert_int_equal(receive(&record, FOR_KBDINT, INFO_MSG), REFUSED);
    assert_string_equal(record.packet.failure.message,
                        "USERAUTH_INFO_REQUEST: more than 100 rounds");
    assert_int_equal(record.packet.failure.outcome, OUTCOME_PROTOCOL_ERROR);
    packet_free(&record.packet);

    begin(&record, GSSAPI, 1);
    for (unsigned i = 0; i < PACKET_MAX_TOKENS; i++)
        assert_int_equal(receive(&record, FOR_GSSAPI, TOKEN_MSG), HANDED_ON);
    assert_int_equal(receive(&record, FOR_GSSAPI, TOKEN_MSG), REFUSED);
    assert_string_equal(record.packet.failure.message,
                        "gssapi-with-mic: more than 32 messages");
    assert_int_equal(record.packet.failure.outcome, OUTCOME_PROTOCOL_ERROR);
    packet_free(&record.packet);
}

static bool
same(struct span a, struct span b)
{
    return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

static void
assert_name(const struct packet *packet, const char *name)
{
    struct userauth_msg msg;

    assert_true(packet_info_request(packet, &msg));
    assert_true(same(msg.u.info_request.name,
                     (struct span){(const unsigned char *)name, strlen(name)}));
}

/* libssh2 gets the request without its name, and otherwise as it was; the record keeps all. */
static void
test_name_emptied(void **state)
{
    static const struct span rows[] = {
        {BYTES("\x3c" L15 "Two-factor name" L4 "read" L2 "en" L2 L3 "pw:\0" L4 "otp:\1")},
        {BYTES("\x3c" L1 "n" L0 L0 L0)},
        {BYTES("\x3c" L0 L4 "read" L0 L1 L0 "\1")},
        {BYTES("\x3c" L3 "a\0b" L0 L2 "\0\0" L1 L2 "\0\0\xff")},
    };
    struct session_record record;
    struct userauth_msg msg, kept, handed;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        begin(&record, KBDINT, 1);
        assert_false(packet_info_request(&record.packet, &kept));
        assert_null(userauth_msg_decode(&msg, RECEIVED, KBDINT, rows[i].bytes, rows[i].len));
        assert_int_equal(receive(&record, FOR_KBDINT, rows[i].bytes, rows[i].len), HANDED_ON);
        assert_int_equal(record.len, rows[i].len - msg.u.info_request.name.len);
        assert_null(userauth_msg_decode(&handed, RECEIVED, KBDINT, record.payload, record.len));
        assert_true(packet_info_request(&record.packet, &kept));
        assert_int_equal(handed.u.info_request.name.len, 0);
        assert_true(same(kept.u.info_request.name, msg.u.info_request.name));
        assert_true(same(kept.u.info_request.prompts, msg.u.info_request.prompts));
        assert_true(same(handed.u.info_request.instruction, msg.u.info_request.instruction));
        assert_true(same(handed.u.info_request.language, msg.u.info_request.language));
        assert_int_equal(handed.u.info_request.count, msg.u.info_request.count);
        assert_true(same(handed.u.info_request.prompts, msg.u.info_request.prompts));
        packet_begin(&record.packet);
        assert_false(packet_info_request(&record.packet, &kept));
        packet_free(&record.packet);
    }
    begin(&record, KBDINT, 1); /* the next round's takes its place */
    assert_int_equal(receive(&record, FOR_KBDINT, BYTES("\x3c" L5 "first" L0 L0 L0)),
                     HANDED_ON);
    assert_name(&record.packet, "first");
    assert_int_equal(receive(&record, FOR_KBDINT, BYTES("\x3c" L3 "2nd" L0 L0 L0)), HANDED_ON);
    assert_name(&record.packet, "2nd");
    packet_free(&record.packet);
}

/* Which messages of the table carry something that could be abused, each in a session of its
 * own. */
static void
test_credential_sent(void **state)
{
    static const char *const harmless[] = {
        "REQUEST [alice] [ssh-connection] [none]",
        "REQUEST [alice] [ssh-connection] [publickey] no 0 [ssh-ed25519]",
        "REQUEST [alice] [ssh-connection] [keyboard-interactive]",
        "REQUEST [alice] [ssh-connection] [gssapi-with-mic] 2",
        "REQUEST [] [] [gssapi-with-mic] 0",
        "INFO_RESPONSE 0",
    };
    struct session_record record;
    struct userauth_msg msg;

    (void)state;
    for (size_t i = 0; i < COUNT(messages); i++) {
        const struct message_row *row = &messages[i];
        bool credential = true;
        if (row->direction != SENT || row->bytes[0] < 50)
            continue;
        for (size_t k = 0; k < COUNT(harmless); k++)
            credential &= strcmp(row->text, harmless[k]) != 0;
        begin(&record, row->method, 1);
        assert_null(userauth_msg_decode(&msg, SENT, row->method, row->bytes, row->len));
        record_sent(&record.packet, &msg);
        if (record.packet.credential_sent != credential)
            fail_msg("%s: %d", row->text, record.packet.credential_sent);
        assert_int_equal(record.observed, 1);
        assert_int_equal(record.last_observed, row->bytes[0]);
        /* it was sent, whatever comes later */
        assert_null(userauth_msg_decode(&msg, SENT, NONE, BYTES(HEAD L4 "none")));
        record_sent(&record.packet, &msg);
        assert_int_equal(record.packet.credential_sent, credential);
        packet_free(&record.packet);
    }
    begin(&record, PASSWORD, 1); /* an empty password is one, too */
    assert_null(userauth_msg_decode(&msg, SENT, PASSWORD, BYTES(HEAD L8 "password\0" L0)));
    record_sent(&record.packet, &msg);
    assert_true(record.packet.credential_sent);
}

static void
test_refuse(void **state)
{
    struct session_record record;
    char longer[2 * sizeof(record.packet.failure.message)];

    (void)state;
    begin(&record, NONE, 1);
    packet_refuse(&record.packet, OUTCOME_NO_RESPONSE, "%s: %d", "cancelled", 1);
    packet_refuse(&record.packet, OUTCOME_TIMEOUT, "later");
    assert_int_equal(record.packet.failure.outcome, OUTCOME_NO_RESPONSE);
    assert_string_equal(record.packet.failure.message, "cancelled: 1");
    packet_begin(&record.packet); /* it ends the session, not the attempt */
    assert_true(failure_is_set(&record.packet.failure));
    packet_free(&record.packet);

    begin(&record, NONE, 1);
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    packet_refuse(&record.packet, OUTCOME_INTERNAL, "%s", longer);
    assert_int_equal(strlen(record.packet.failure.message),
                     sizeof(record.packet.failure.message) - 1);
    packet_free(&record.packet);
}

static void
test_free(void **state)
{
    struct session_record record;

    (void)state;
    begin(&record, KBDINT, 1);
    memset(record.packet.session_id, 's', sizeof(record.packet.session_id));
    assert_int_equal(receive(&record, FOR_KBDINT, BANNER_MSG), TAKEN);
    assert_int_equal(receive(&record, FOR_KBDINT, INFO_MSG), HANDED_ON);
    assert_int_equal(receive(&record, FOR_KBDINT, FAILURE_MSG), HANDED_ON);
    packet_free(&record.packet); /* the leak sanitizer looks whether that is all */
    packet_free(&record.packet);
    for (size_t i = 0; i < sizeof(record.packet.session_id); i++)
        assert_int_equal(record.packet.session_id[i], 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),
        cmocka_unit_test(test_empty_payload),
        cmocka_unit_test(test_refused_leaves_no_trace),
        cmocka_unit_test(test_verdict),
        cmocka_unit_test(test_dialogue),
        cmocka_unit_test(test_banners),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_name_emptied),
        cmocka_unit_test(test_credential_sent),
        cmocka_unit_test(test_refuse),
        cmocka_unit_test(test_free),
    };

    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
