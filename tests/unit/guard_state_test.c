/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The guard, exhaustively: each message type, 0 to 255, in each state of the transport and of
 * each method's dialogue. Here a state is the conversation that leads to it.
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

/* The dialogue ------------------------------------------------------------------------------
 */

#define KEY_QUERY  HEAD L9 "publickey\0" L1 "k" L4 "blob"
#define KEY_SIGNED HEAD L9 "publickey\1" L1 "k" L4 "blob" L3 "sig"

/* Small letters are ours, capital ones the server's. */
static struct span
message_of(char letter)
{
    static const struct span all[] = {
        ['n'] = {NONE_MSG},
        ['p'] = {BYTES(HEAD L8 "password\0" L3 "abc")},
        ['q'] = {BYTES(KEY_QUERY)},
        ['s'] = {BYTES(KEY_SIGNED)},
        ['k'] = {BYTES(HEAD "\0\0\0\24keyboard-interactive" L0 L0)},
        ['a'] = {RESPONSES_MSG},
        ['g'] = {BYTES(HEAD L15 "gssapi-with-mic" L1 L1 "o")},
        ['t'] = {TOKEN_MSG},
        ['m'] = {BYTES("\x42" L1 "m")},
        ['c'] = {BYTES("\x3f")},
        ['S'] = {SUCCESS_MSG},
        ['F'] = {FAILURE_MSG},
        ['P'] = {BYTES("\x33" L3 "a,b\1")}, /* partial success */
        ['B'] = {BANNER_MSG},
        ['C'] = {BYTES("\x3c" L4 "new?" L0)},
        ['K'] = {BYTES("\x3c" L1 "k" L4 "blob")},
        ['I'] = {INFO_MSG},
        ['R'] = {RESPONSE_MSG},
        ['T'] = {TOKEN_MSG},
        ['E'] = {BYTES("\x40" L1 L2 L0 L0)},
        ['O'] = {BYTES("\x41" L1 "e")},
    };

    return all[(unsigned char)letter];
}

/* What may come where the conversation got to: letters. */
static const struct {
    const char *conversation, *may;
} dialogues[] = {
    {"", "B"},
    {"n", "BFPS"},
    {"nF", "B"},
    {"nP", "B"},
    {"nS", ""},
    {"nFn", "BFPS"},
    {"p", "BFPSC"},
    {"pC", "B"},
    {"pF", "B"},
    {"pFp", "BFPSC"},
    {"q", "BFK"},
    {"qK", "B"},
    {"qF", "B"},
    {"qKs", "BFPS"},
    {"s", "BFPS"},
    {"qKsF", "B"},
    {"qKq", "BFK"}, /* another key: the first was not signed with */
    {"k", "BFPSI"},
    {"kI", "B"},
    {"kIa", "BFPSI"},
    {"kIaI", "B"},
    {"kIaP", "B"},
    {"g", "BFREO"},
    {"gR", "B"},
    {"gRt", "BFTEO"},
    {"gRtT", "B"},
    {"gRtTt", "BFTEO"},
    {"gRtTm", "BFPSEO"},
    {"gRtTc", "BFPSEO"},
    {"gRtm", "BFPSEO"}, /* complete at once */
    {"gRtTtm", "BFPSEO"},
    {"gE", "BFO"},
    {"gO", "BFE"},
    {"gEO", "BF"},
    {"gRtE", "BFO"},
    {"gRtOE", "BF"},
    {"gRtTmE", "BFO"},
    {"gRtEF", "B"},
    {"gRtTmP", "B"},
    {"gRtTmPk", "BFPSI"},
    {"gEFg", "BFREO"}, /* an error belongs to its request */
    {"qKsPkIaPp", "BFPSC"},
};

static void
go_to(struct session_record *record, const char *conversation)
{
    record_begin(record, NONE, false);
    for (; *conversation; conversation++) {
        struct span message = message_of(*conversation);
        if (message.bytes[0] == MSG_USERAUTH_REQUEST && *conversation != 's')
            guard_begin(&record->packet.guard);
        if (*conversation >= 'a')
            record_send(record, message.bytes, message.len);
        else
            assert_int_equal(record_receive_span(record, ALL, message),
                             *conversation == 'B' ? TAKEN : HANDED_ON);
    }
}

/* One message in that state: no message is refused without a rule of some RFC. */
static void
try_message(const char *conversation, struct span message, bool may)
{
    struct session_record record;

    go_to(&record, conversation);
    bool refused = record_receive_span(&record, ALL, message) == REFUSED;
    if (refused == may)
        fail_msg("after \"%s\", type %u: %s", conversation, (unsigned)message.bytes[0],
                 record.packet.failure.message);
    if (refused) {
        assert_int_equal(record.packet.failure.outcome, OUTCOME_PROTOCOL_ERROR);
        assert_non_null(strstr(record.packet.failure.message, " from the server: "));
        assert_non_null(strstr(record.packet.failure.message, "(RFC 4"));
    }
    packet_free(&record.packet);
}

static void
test_dialogues(void **state)
{
    static const char capitals[] = "SFPBCKIRTEO";

    (void)state;
    for (size_t i = 0; i < COUNT(dialogues); i++) {
        const char *conversation = dialogues[i].conversation, *may = dialogues[i].may;
        bool well_formed[256] = {false};
        for (const char *letter = capitals; *letter; letter++) {
            struct span message = message_of(*letter);
            struct session_record record;
            struct userauth_msg msg;
            go_to(&record, conversation);
            /* 60 and 61 are what the method in progress says: others' are not well-formed */
            if (userauth_msg_decode(&msg, RECEIVED, record.packet.method, message.bytes,
                                    message.len)) {
                assert_null(strchr(may, *letter));
                try_message(conversation, message, false);
            } else if (msg.type != 60 || strchr(may, *letter) || !strpbrk(may, "CKIR")) {
                try_message(conversation, message, strchr(may, *letter) != NULL);
                well_formed[msg.type] = true;
            }
            packet_free(&record.packet);
        }
        for (unsigned type = 0; type < 256; type++) {
            const unsigned char bare = (unsigned char)type;
            /* a message without a body is SUCCESS or nothing that we know */
            if (!well_formed[type])
                try_message(conversation, (struct span){&bare, 1}, false);
        }
    }
}

/* The transport -----------------------------------------------------------------------------
 */

/* Before the service is there, and after: what types may arrive, as ranges. Conversations are
 * types, too: 5, 30, 32 and 34 are ours, 22 is our NEWKEYS, and 52 is what was made of a
 * SUCCESS. */
static const struct {
    unsigned char types[16]; /* 0-ended */
    const char *may;
} transports[] = {
    {{0}, "1-2 4 8-20 22-29"},
    {{20}, "1-2 4 8-19 22-29"},
    {{20, 30}, "1-2 4 8-19 22-49"},
    {{20, 30, 31}, "1-2 4 8-19 22-29"},
    {{20, 30, 31, 22}, "1-2 4 8-19 21-29"},
    {{20, 30, 37}, "1-2 4 8-19 22-29"},
    {{20, 34, 31}, "1-2 4 8-19 22-29"},
    {{20, 34, 31, 32}, "1-2 4 8-19 22-49"},
    {{20, 34, 31, 32, 33}, "1-2 4 8-19 22-29"},
    {{20, 34, 31, 32, 33, 22}, "1-2 4 8-19 21-29"},
    {{20, 30, 31, 22, 21}, "1-2 4 7-20 22-29 128-255"},
    {{20, 30, 31, 22, 21, 5}, "1-2 4 6-20 22-29 53 128-255"},
    {{20, 30, 31, 22, 21, 5, 6}, "1-2 4 7-20 22-29 50-79 128-255"},
    {{20, 30, 31, 22, 21, 5, 6, 20}, "1-2 4 8-19 22-29"},
    {{20, 30, 31, 22, 21, 5, 6, 20, 30}, "1-2 4 8-19 22-49"},
    {{20, 30, 31, 22, 21, 5, 6, 20, 30, 31}, "1-2 4 8-19 22-29"},
    {{20, 30, 31, 22, 21, 5, 6, 20, 30, 31, 22}, "1-2 4 8-19 21-29"},
    {{20, 30, 31, 22, 21, 5, 6, 20, 30, 31, 22, 21}, "1-2 4 7-20 22-29 50-79 128-255"},
    {{20, 30, 31, 22, 21, 5, 20, 30, 31, 22, 21}, "1-2 4 6-20 22-29 53 128-255"},
    {{20, 30, 31, 22, 21, 5, 6, 52}, "1-2 4 7-20 22-29 50-255"},
    {{20, 30, 31, 22, 21, 5, 6, 52, 20}, "1-2 4 8-19 22-29"},
};

static bool
in_ranges(const char *ranges, unsigned type)
{
    unsigned first, last;
    int read;

    for (; sscanf(ranges, "%u%n", &first, &read) == 1; ranges += read) {
        ranges += read;
        last = first;
        read = 0;
        if (*ranges == '-')
            assert_int_equal(sscanf(ranges, "-%u%n", &last, &read), 1);
        if (type >= first && type <= last)
            return true;
    }
    return false;
}

static void
arrive_at(struct guard *guard, const unsigned char *types)
{
    const struct userauth_msg success = {.type = MSG_USERAUTH_SUCCESS};

    memset(guard, 0, sizeof(*guard));
    for (; *types; types++) {
        if (*types == 22)
            guard_transport_sent(guard, MSG_NEWKEYS);
        else if (strchr("\5\36\40\42", *types))
            guard_transport_sent(guard, *types);
        else if (*types == MSG_USERAUTH_SUCCESS)
            guard_received(guard, &success);
        else
            assert_null(guard_arrived(guard, *types));
    }
}

static void
test_transports(void **state)
{
    struct guard guard;

    (void)state;
    for (size_t i = 0; i < COUNT(transports); i++) {
        for (unsigned type = 0; type < 256; type++) {
            arrive_at(&guard, transports[i].types);
            const char *why = guard_arrived(&guard, (unsigned char)type);
            if ((why == NULL) != in_ranges(transports[i].may, type))
                fail_msg("row %zu, type %u: %s", i, type, why ? why : "not refused");
            if (why)
                assert_non_null(strstr(why, "(RFC "));
        }
    }
}

/* Each type that means nothing, as often as it may come: no more. */
static void
test_floods(void **state)
{
    static const unsigned char keys[] = {20, 30, 31, 22, 21, 5, 6, 52, 0};
    static const struct {
        unsigned char type;
        unsigned limit;
    } rows[] = {
        {2, GUARD_MAX_IGNORED},  {4, GUARD_MAX_IGNORED},   {7, GUARD_MAX_IGNORED},
        {80, GUARD_MAX_IGNORED}, {90, GUARD_MAX_IGNORED},  {98, GUARD_MAX_IGNORED},
        {8, GUARD_MAX_UNKNOWN},  {128, GUARD_MAX_UNKNOWN}, {255, GUARD_MAX_UNKNOWN},
    };
    struct guard guard;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        arrive_at(&guard, keys);
        for (unsigned k = 0; k < rows[i].limit; k++)
            assert_null(guard_arrived(&guard, rows[i].type));
        const char *why = guard_arrived(&guard, rows[i].type);
        assert_non_null(why);
        assert_non_null(strstr(why, "than the limit of "));
        assert_null(guard_arrived(&guard, MSG_DISCONNECT));
    }
    arrive_at(&guard, keys); /* all kinds count together */
    for (unsigned k = 0; k < GUARD_MAX_IGNORED; k++)
        assert_null(guard_arrived(&guard, k % 2 ? 2 : 4));
    assert_non_null(guard_arrived(&guard, 80));
    assert_non_null(guard_arrived(&guard, 200));
}

static void
test_rekeys(void **state)
{
    static const unsigned char keys[] = {20, 30, 31, 22, 21, 5, 6, 0};
    struct guard guard;

    (void)state;
    arrive_at(&guard, keys);
    for (unsigned k = 0; k < GUARD_MAX_REKEYS; k++) {
        assert_null(guard_arrived(&guard, 20));
        guard_guessed_wrong(&guard);
        assert_null(guard_arrived(&guard, 31));
        guard_transport_sent(&guard, 30);
        assert_null(guard_arrived(&guard, 31));
        guard_transport_sent(&guard, 21);
        assert_null(guard_arrived(&guard, 21));
    }
    assert_string_equal(guard_arrived(&guard, 20),
                        "more key exchanges than the limit of 16 behind the first");
}

static void
test_names(void **state)
{
    (void)state;
    assert_string_equal(guard_message_name(20), "KEXINIT");
    assert_string_equal(guard_message_name(90), "CHANNEL_OPEN");
    assert_string_equal(guard_message_name(100), "CHANNEL_FAILURE");
    assert_null(guard_message_name(0));
    for (unsigned type = 50; type < 80; type++)
        assert_null(guard_message_name((unsigned char)type));
    for (unsigned type = 101; type < 256; type++)
        assert_null(guard_message_name((unsigned char)type));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialogues), cmocka_unit_test(test_transports),
        cmocka_unit_test(test_floods),    cmocka_unit_test(test_rekeys),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests_name("guard state", tests, NULL, NULL);
}
