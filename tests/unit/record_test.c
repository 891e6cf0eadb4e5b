/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The record: what is kept of the messages that the guard lets through, and for how long.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record_fixture.h"

/* The verdict, kept until the next request. */
static void
test_verdict(void **state)
{
    struct session_record record;
    struct packet_reply *reply = &record.packet.reply;

    (void)state;
    record_begin(&record, NONE, 1);
    assert_int_equal(record_receive(&record, FOR_VERDICT, BYTES("\x33" L12 "publickey,kb\1")),
                     HANDED_ON);
    assert_true(reply->failure && reply->partial && !reply->success && !reply->dialogue);
    assert_string_equal(reply->methods, "publickey,kb");
    assert_int_equal(record.len, 18);
    assert_memory_equal(record.payload, "\x33" L12 "publickey,kb\1", 18);
    record_send(&record, NONE_MSG);
    assert_true(!reply->failure && !reply->partial && !reply->methods);
    assert_int_equal(record_receive(&record, FOR_VERDICT, BYTES("\x33" L0 "\0")), HANDED_ON);
    assert_true(reply->failure && !reply->partial);
    assert_string_equal(reply->methods, "");
    packet_begin(&record.packet);
    assert_true(!reply->failure && !reply->methods);
    record_send(&record, NONE_MSG);
    assert_int_equal(record_receive(&record, FOR_VERDICT, SUCCESS_MSG), HANDED_ON);
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
        {GSSAPI, BYTES("\x40" L1 L2 L0 L0), 1},
        {GSSAPI, BYTES("\x41" L1 "e"), 1},
    };
    struct session_record record;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        record_begin(&record, rows[i].method, 1);
        assert_true(bytes_copy(&record.packet.key_blob, "b", 1));
        assert_true(bytes_copy(&record.packet.key_algorithm, "k", 1));
        assert_int_equal(record_receive(&record, FOR_GSSAPI, rows[i].bytes, rows[i].len),
                         HANDED_ON);
        assert_true(record.packet.reply.dialogue);
        assert_int_equal(record.packet.reply.rounds, rows[i].rounds);
        packet_free(&record.packet);
    }
    record_begin(&record, GSSAPI, true);
    assert_int_equal(record_receive(&record, FOR_GSSAPI, RESPONSE_MSG), HANDED_ON);
    record_send(&record, TOKEN_MSG);
    assert_int_equal(record_receive(&record, FOR_GSSAPI, TOKEN_MSG), HANDED_ON);
    assert_int_equal(record.packet.reply.rounds, 2);
    packet_free(&record.packet);
}

static void
test_banners(void **state)
{
    struct session_record record;
    unsigned char banner[] = "\x35" L3 "a\0b" L2 "en";

    (void)state;
    record_begin(&record, NONE, 0);
    for (unsigned i = 0; i < PACKET_MAX_BANNERS + 3; i++) {
        banner[5] = (unsigned char)('0' + i);
        assert_int_equal(record_receive(&record, "", banner, sizeof(banner) - 1), TAKEN);
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
        record_begin(&record, KBDINT, 1);
        assert_false(packet_info_request(&record.packet, &kept));
        assert_null(userauth_msg_decode(&msg, RECEIVED, KBDINT, rows[i].bytes, rows[i].len));
        assert_int_equal(record_receive(&record, FOR_KBDINT, rows[i].bytes, rows[i].len),
                         HANDED_ON);
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
    record_begin(&record, KBDINT, 1); /* the next round's takes its place */
    assert_int_equal(record_receive(&record, FOR_KBDINT, BYTES("\x3c" L5 "first" L0 L0 L0)),
                     HANDED_ON);
    assert_name(&record.packet, "first");
    record_send(&record, RESPONSES_MSG);
    assert_int_equal(record_receive(&record, FOR_KBDINT, BYTES("\x3c" L3 "2nd" L0 L0 L0)),
                     HANDED_ON);
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
        record_begin(&record, row->method, 1);
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
    record_begin(&record, PASSWORD, 1); /* an empty password is one, too */
    assert_null(userauth_msg_decode(&msg, SENT, PASSWORD, BYTES(HEAD L8 "password\0" L0)));
    record_sent(&record.packet, &msg);
    assert_true(record.packet.credential_sent);
}

/* The query of a key, and the request that is signed with it. */
#define QUERY  HEAD L9 "publickey\0" L1 "k" L4 "blob"
#define SIGNED HEAD L9 "publickey\1" L1 "k" L4 "blob" L3 "sig"
/* The same of a key whose type has another name than the algorithm. */
#define TYPE_QUERY HEAD L9 "publickey\0" L1 "k" L5 L1 "t"

static void
test_key(void **state)
{
    static const struct {
        struct span query, reply;
        enum fate fate;
    } rows[] = {
        {{BYTES(QUERY)}, {BYTES("\x3c" L1 "k" L4 "blob")}, HANDED_ON},
        {{BYTES(QUERY)}, {BYTES("\x3c" L1 "k" L4 "blub")}, REFUSED},
        {{BYTES(QUERY)}, {BYTES("\x3c" L1 "k" L3 "blo")}, REFUSED},
        {{BYTES(QUERY)}, {BYTES("\x3c" L1 "k" L0)}, REFUSED},
        {{BYTES(QUERY)}, {BYTES("\x3c" L1 "t" L4 "blob")}, REFUSED},
        {{BYTES(QUERY)}, {BYTES("\x3c" L0 L4 "blob")}, REFUSED},
        {{BYTES(TYPE_QUERY)}, {BYTES("\x3c" L1 "k" L5 L1 "t")}, HANDED_ON},
        {{BYTES(TYPE_QUERY)}, {BYTES("\x3c" L1 "t" L5 L1 "t")}, HANDED_ON},
        {{BYTES(TYPE_QUERY)}, {BYTES("\x3c" L1 "b" L5 L1 "t")}, REFUSED},
    };
    struct session_record record;
    struct userauth_msg msg;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        record_begin(&record, PUBLICKEY, 1);
        assert_null(
            userauth_msg_decode(&msg, SENT, PUBLICKEY, rows[i].query.bytes, rows[i].query.len));
        record_sent(&record.packet, &msg);
        assert_int_equal(record.packet.key_algorithm.len, 1);
        assert_int_equal(record_receive_span(&record, "\x3c" FOR_VERDICT, rows[i].reply),
                         rows[i].fate);
        assert_false(record.packet.reply.signature);
        assert_int_equal(failure_is_set(&record.packet.failure), rows[i].fate == REFUSED);
        packet_free(&record.packet);
    }
    record_begin(&record, PUBLICKEY, 1);
    assert_null(userauth_msg_decode(&msg, SENT, PUBLICKEY, BYTES(SIGNED)));
    record_sent(&record.packet, &msg);
    assert_true(record.packet.reply.signature);
    packet_begin(&record.packet);
    assert_false(record.packet.reply.signature);
    assert_null(record.packet.key_blob.data);
    assert_null(record.packet.key_algorithm.data);
    packet_free(&record.packet);
    /* a query that named no key: PK_OK is not even of an empty one */
    record_begin(&record, PUBLICKEY, 1);
    assert_int_equal(record_receive(&record, "\x3c" FOR_VERDICT, BYTES("\x3c" L7 "ssh-rsa" L0)),
                     REFUSED);
    packet_free(&record.packet);
}

static void
test_change_text(void **state)
{
    struct session_record record;

    (void)state;
    record_begin(&record, PASSWORD, 1);
    assert_int_equal(record_receive(&record, "\x3c" FOR_VERDICT, BYTES("\x3c" L3 "a\0b" L0)),
                     HANDED_ON);
    assert_int_equal(record.packet.change_text.len, 3);
    assert_memory_equal(record.packet.change_text.data, "a\0b", 3);
    packet_begin(&record.packet);
    assert_null(record.packet.change_text.data);
}

static void
test_all_freed(void **state)
{
    struct session_record record;

    (void)state;
    record_begin(&record, KBDINT, 1);
    memset(record.packet.session_id, 's', sizeof(record.packet.session_id));
    assert_int_equal(record_receive(&record, FOR_KBDINT, BANNER_MSG), TAKEN);
    assert_int_equal(record_receive(&record, FOR_KBDINT, INFO_MSG), HANDED_ON);
    record_send(&record, RESPONSES_MSG);
    assert_int_equal(record_receive(&record, FOR_KBDINT, FAILURE_MSG), HANDED_ON);
    packet_free(&record.packet); /* the leak sanitizer looks whether that is all */
    packet_free(&record.packet);
    for (size_t i = 0; i < sizeof(record.packet.session_id); i++)
        assert_int_equal(record.packet.session_id[i], 0);
}

/* As many requests about one key as there may be; the signed one that PK_OK asked for is none.
 */
static void
test_queries(void **state)
{
    struct packet packet = {.method = PUBLICKEY};
    struct userauth_msg query = {.type = MSG_USERAUTH_REQUEST, .method = PUBLICKEY};
    struct userauth_msg none = {.type = MSG_USERAUTH_REQUEST, .method = NONE};

    (void)state;
    for (unsigned key = 0; key < 2; key++) {
        for (unsigned i = 0; i < PACKET_MAX_QUERIES; i++) {
            packet.guard.dialogue = GUARD_KEY;
            assert_true(guard_is_new_request(&packet.guard, &query));
            query.u.request.flag = true;
            assert_false(guard_is_new_request(&packet.guard, &query));
            query.u.request.flag = false;
            assert_true(record_new_request(&packet, &query));
            assert_int_equal(packet.guard.dialogue, GUARD_NO_REQUEST);
        }
        assert_true(record_new_request(&packet, &none));
        assert_int_equal(packet.method, NONE);
        assert_false(failure_is_set(&packet.failure));
        if (key == 0)
            packet_begin(&packet);
    }
    assert_false(record_new_request(&packet, &query));
    assert_int_equal(packet.failure.outcome, OUTCOME_CREDENTIAL);
    packet_free(&packet);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict),
        cmocka_unit_test(test_dialogue),
        cmocka_unit_test(test_banners),
        cmocka_unit_test(test_name_emptied),
        cmocka_unit_test(test_credential_sent),
        cmocka_unit_test(test_all_freed),
        cmocka_unit_test(test_key),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_change_text),
    };

    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
