/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The guard: which messages are handed on, refused or taken, after which others, and what the
 * refusal says.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "record_fixture.h"

#define TRAILING "it has bytes after its last field (RFC 4251 section 5)"
#define MIDDLE   "it ends in the middle of a field (RFC 4251 section 5)"

#define NOBODY_ASKED " from the server: no request asked for it (RFC 4252 section 5.1)"
#define NOT_NOW      " from the server: not at this point of the dialogue (RFC 4252 section 6)"

static struct span
message_of(char letter)
{
    static const struct span all[] = {
        ['S'] = {SUCCESS_MSG}, ['F'] = {FAILURE_MSG},
        ['B'] = {BANNER_MSG},  ['I'] = {INFO_MSG},
        ['T'] = {TOKEN_MSG},   ['R'] = {RESPONSE_MSG},
        ['n'] = {NONE_MSG},    ['a'] = {RESPONSES_MSG},
        ['t'] = {TOKEN_MSG},   ['m'] = {BYTES("\x42" L1 "m")},
    };

    return all[(unsigned char)letter];
}

/*
 * One letter is one message: Success, Failure, Banner, Info request, gssapi Token and gssapi
 * Response; small ones are ours: none, answers, token, mic. The last one is refused for `why`,
 * all others are not; NULL: none is refused.
 */
static void
test_conversations(void **state)
{
    static const struct {
        enum userauth_method method;
        bool request;
        const char *types, *messages, *why;
    } rows[] = {
        /* as it should be; a banner comes at any time */
        {NONE, true, FOR_VERDICT, "S", NULL},
        {NONE, true, FOR_VERDICT, "BBFB", NULL},
        {NONE, false, "", "BB", NULL},
        {NONE, true, FOR_VERDICT, "FnS", NULL},
        {KBDINT, true, FOR_KBDINT, "IaBIaBS", NULL},
        {GSSAPI, true, FOR_GSSAPI, "RtTtTtF", NULL},
        {GSSAPI, true, FOR_GSSAPI, "RtTmS", NULL},
        /* before any request */
        {NONE, false, FOR_VERDICT, "S", "USERAUTH_SUCCESS" NOBODY_ASKED},
        {NONE, false, FOR_VERDICT, "BS", "USERAUTH_SUCCESS" NOBODY_ASKED},
        {NONE, false, FOR_VERDICT, "F", "USERAUTH_FAILURE" NOBODY_ASKED},
        {KBDINT, false, FOR_KBDINT, "I", "USERAUTH_INFO_REQUEST" NOBODY_ASKED},
        /* a second reply */
        {NONE, true, FOR_VERDICT, "FS", "USERAUTH_SUCCESS" NOBODY_ASKED},
        {NONE, true, FOR_VERDICT, "FBF", "USERAUTH_FAILURE" NOBODY_ASKED},
        {NONE, true, FOR_VERDICT, "SS", "USERAUTH_SUCCESS" NOBODY_ASKED},
        {NONE, true, FOR_VERDICT, "SF", "USERAUTH_FAILURE" NOBODY_ASKED},
        {NONE, true, FOR_VERDICT, "SB",
         "USERAUTH_BANNER from the server: authentication is complete (RFC 4252 section 5.4)"},
        {KBDINT, true, FOR_KBDINT, "FI", "USERAUTH_INFO_REQUEST" NOBODY_ASKED},
        {GSSAPI, true, FOR_GSSAPI, "FT", "USERAUTH_GSSAPI_TOKEN" NOBODY_ASKED},
        /* what belongs to no request asks for nothing */
        {KBDINT, true, FOR_KBDINT, "FaS", "USERAUTH_SUCCESS" NOBODY_ASKED},
        {GSSAPI, true, FOR_GSSAPI, "FmS", "USERAUTH_SUCCESS" NOBODY_ASKED},
        /* it is our turn */
        {KBDINT, true, FOR_KBDINT, "IS",
         "USERAUTH_SUCCESS from the server: the last INFO_REQUEST was not answered yet (RFC "
         "4256 section 3.4)"},
        {GSSAPI, true, FOR_GSSAPI, "RtTT",
         "USERAUTH_GSSAPI_TOKEN from the server: the last token was not answered yet (RFC 4462 "
         "section 3.4)"},
        /* nothing is proved yet */
        {GSSAPI, true, FOR_GSSAPI, "S",
         "USERAUTH_SUCCESS from the server: it accepts a request of which the MIC, the proof, "
         "was "
         "not sent yet (RFC 4462 section 3.5)"},
        {GSSAPI, true, FOR_GSSAPI, "RtS",
         "USERAUTH_SUCCESS from the server: it accepts a request of which the MIC, the proof, "
         "was "
         "not sent yet (RFC 4462 section 3.5)"},
        {PUBLICKEY, true, FOR_VERDICT, "S",
         "USERAUTH_SUCCESS from the server: it accepts a request that nothing was signed for "
         "yet "
         "(RFC 4252 section 7)"},
        /* a second mechanism */
        {GSSAPI, true, FOR_GSSAPI, "RtR",
         "USERAUTH_GSSAPI_RESPONSE from the server: a mechanism was chosen before (RFC 4462 "
         "section 3.3)"},
        /* nobody waits for this one now */
        {KBDINT, true, FOR_VERDICT, "I", "USERAUTH_INFO_REQUEST" NOT_NOW},
        {GSSAPI, true, "\x3c\x33", "RtT", "USERAUTH_GSSAPI_TOKEN" NOT_NOW},
        {NONE, true, "", "S", "USERAUTH_SUCCESS" NOT_NOW},
    };
    struct session_record record;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *why = rows[i].why, *at = rows[i].messages;
        record_begin(&record, rows[i].method, rows[i].request);
        for (; *at; at++) {
            struct span message = message_of(*at);
            if (*at >= 'a') {
                record_send(&record, message.bytes, message.len);
                continue;
            }
            enum fate expected = why && !at[1] ? REFUSED : *at == 'B' ? TAKEN : HANDED_ON;
            enum fate fate = record_receive_span(&record, rows[i].types, message);
            if (fate != expected)
                fail_msg("row %zu, %s: %d, %s", i, at, (int)fate,
                         record.packet.failure.message);
        }
        assert_string_equal(record.packet.failure.message, why ? why : "");
        if (why)
            assert_int_equal(record.packet.failure.outcome, OUTCOME_PROTOCOL_ERROR);
        /* what is refused is told as such */
        assert_int_equal(record.refused, why != NULL);
        assert_int_equal(record.observed, strlen(rows[i].messages) - (why != NULL));
        packet_free(&record.packet);
    }
}

/* Malformed, or not a message for us: named, with the rule that it breaks. */
static void
test_malformed(void **state)
{
    static const struct {
        enum userauth_method method;
        struct span message;
        const char *name, *why;
    } rows[] = {
        {NONE, {BYTES("")}, "message 0", "it is empty (RFC 4253 section 6)"},
        {NONE, {BYTES("\x34\0")}, "USERAUTH_SUCCESS", TRAILING},
        {NONE,
         {BYTES("\x33" L2 ",a\0")},
         "USERAUTH_FAILURE",
         "its name-list is malformed (RFC 4251 section 5)"},
        {NONE, {BYTES("\x35" L2 "hi")}, "USERAUTH_BANNER", MIDDLE},
        {KBDINT, {BYTES("\x3c" L1)}, "USERAUTH_INFO_REQUEST", MIDDLE},
        {GSSAPI, {BYTES("\x3d" L1 "xy")}, "USERAUTH_GSSAPI_TOKEN", TRAILING},
        {PASSWORD, {BYTES("\x3c" L1)}, "USERAUTH_PASSWD_CHANGEREQ", MIDDLE},
        {NONE,
         {BYTES("\x3c" L0)},
         "message 60",
         "the method in progress has no such message (RFC 4252 section 6)"},
        {KBDINT,
         {BYTES("\x40")},
         "message 64",
         "keyboard-interactive has no such message (RFC 4256 section 5)"},
        {NONE,
         {BYTES("\x32" L0 L0 L4 "none")},
         "USERAUTH_REQUEST",
         "it is not a message for this side (RFC 4252 section 6)"},
        {NONE,
         {BYTES("\x03" L5)},
         "UNIMPLEMENTED",
         "it is not a message for this side (RFC 4252 section 6)"},
    };
    struct session_record record;
    char message[256];

    (void)state;
    for (unsigned i = 0; i < 2 * COUNT(rows); i++) { /* no request, and one */
        record_begin(&record, rows[i / 2].method, i % 2);
        assert_int_equal(record_receive_span(&record, ALL, rows[i / 2].message), REFUSED);
        snprintf(message, sizeof(message), "%s from the server: %s", rows[i / 2].name,
                 rows[i / 2].why);
        assert_string_equal(record.packet.failure.message, message);
        assert_int_equal(record.packet.failure.outcome, OUTCOME_PROTOCOL_ERROR);
        assert_int_equal(record.observed, 0);
        assert_int_equal(record.refused, 1);
        packet_free(&record.packet);
    }
}

static void
test_refused_leaves_no_trace(void **state)
{
    struct session_record record;

    (void)state;
    record_begin(&record, KBDINT, 0);
    assert_int_equal(record_receive(&record, FOR_KBDINT, SUCCESS_MSG), REFUSED);
    assert_false(record.packet.reply.success || record.packet.reply.failure);
    assert_false(record.packet.reply.dialogue);
    record_begin(&record, KBDINT, 1);
    assert_int_equal(record_receive(&record, FOR_VERDICT, INFO_MSG), REFUSED);
    assert_int_equal(record.packet.reply.rounds, 0);
    assert_false(record.packet.reply.dialogue);
    packet_free(&record.packet);
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
    record_begin(&record, KBDINT, 1);
    assert_int_equal(
        record_receive(&record, FOR_KBDINT, payload, many_prompts(payload, PACKET_MAX_PROMPTS)),
        HANDED_ON);
    record_send(&record, RESPONSES_MSG);
    assert_int_equal(record_receive(&record, FOR_KBDINT, payload,
                                    many_prompts(payload, PACKET_MAX_PROMPTS + 1)),
                     REFUSED);
    assert_string_equal(record.packet.failure.message,
                        "USERAUTH_INFO_REQUEST: 101 prompts, more than the limit of 100");
    assert_int_equal(record.packet.failure.outcome, OUTCOME_PROTOCOL_ERROR);
    packet_free(&record.packet);

    record_begin(&record, KBDINT, 1);
    for (unsigned i = 0; i < PACKET_MAX_ROUNDS; i++) {
        assert_int_equal(record_receive(&record, FOR_KBDINT, INFO_MSG), HANDED_ON);
        record_send(&record, RESPONSES_MSG);
    }
    assert_int_equal(record.packet.reply.rounds, PACKET_MAX_ROUNDS);
    assert_int_equal(record_receive(&record, FOR_KBDINT, INFO_MSG), REFUSED);
    assert_string_equal(record.packet.failure.message,
                        "USERAUTH_INFO_REQUEST: more than 100 rounds");
    assert_int_equal(record.packet.failure.outcome, OUTCOME_PROTOCOL_ERROR);
    packet_free(&record.packet);

    record_begin(&record, GSSAPI, 1);
    for (unsigned i = 0; i < PACKET_MAX_TOKENS; i++) {
        assert_int_equal(record_receive_span(&record, FOR_GSSAPI, message_of(i ? 'T' : 'R')),
                         HANDED_ON);
        record_send(&record, TOKEN_MSG);
    }
    assert_int_equal(record_receive(&record, FOR_GSSAPI, TOKEN_MSG), REFUSED);
    assert_string_equal(record.packet.failure.message,
                        "gssapi-with-mic: more than 32 messages");
    assert_int_equal(record.packet.failure.outcome, OUTCOME_PROTOCOL_ERROR);
    packet_free(&record.packet);
}

static void
test_refuse(void **state)
{
    struct session_record record;
    char longer[2 * sizeof(record.packet.failure.message)];

    (void)state;
    record_begin(&record, NONE, 1);
    packet_refuse(&record.packet, OUTCOME_NO_RESPONSE, "%s: %d", "cancelled", 1);
    packet_refuse(&record.packet, OUTCOME_TIMEOUT, "later");
    assert_int_equal(record.packet.failure.outcome, OUTCOME_NO_RESPONSE);
    assert_string_equal(record.packet.failure.message, "cancelled: 1");
    packet_begin(&record.packet); /* it ends the session, not the attempt */
    assert_true(failure_is_set(&record.packet.failure));
    packet_free(&record.packet);

    record_begin(&record, NONE, 1);
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    packet_refuse(&record.packet, OUTCOME_INTERNAL, "%s", longer);
    assert_int_equal(strlen(record.packet.failure.message),
                     sizeof(record.packet.failure.message) - 1);
    packet_free(&record.packet);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_refused_leaves_no_trace),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_refuse),
    };

    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
