/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The decoder of userauth messages: bytes to fields or an error, by tables, and each message
 * cut at every length.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message_table.h"
#include "message_text.h"

static void
test_good(void **state)
{
    struct userauth_msg msg;
    struct message_text out;

    (void)state;
    for (size_t i = 0; i < COUNT(messages); i++) {
        const struct message_row *row = &messages[i];
        const unsigned char *payload = message_guarded(row->bytes, row->len);
        const char *why =
            userauth_msg_decode(&msg, row->direction, row->method, payload, row->len);
        if (why)
            fail_msg("%s: %s", row->text, why);
        message_describe(&out, &msg, payload, row->len);
        assert_string_equal(out.text, row->text);
        assert_int_equal(msg.direction, row->direction);
        assert_int_equal(msg.method, row->method);
    }
}

/* A shared message means the same in the context of every method. */
static void
test_every_method(void **state)
{
    struct userauth_msg msg;

    (void)state;
    for (size_t i = 0; i < COUNT(messages); i++) {
        const struct message_row *row = &messages[i];
        bool request = row->bytes[0] == MSG_USERAUTH_REQUEST;
        for (int method = NONE; method <= ANY; method++) {
            const char *why =
                userauth_msg_decode(&msg, row->direction, (enum userauth_method)method,
                                    message_guarded(row->bytes, row->len), row->len);
            if (row->bytes[0] < 60 || method == (int)row->method) {
                assert_null(why);
                assert_int_equal(msg.method, request ? (int)row->method : method);
            } else if (method == NONE || method == ANY) {
                assert_non_null(strstr(why, "has no such message (RFC 4252 section 6)"));
            }
        }
    }
}

static void
test_cut_and_trailing(void **state)
{
    unsigned char longer[256];
    struct userauth_msg msg;

    (void)state;
    for (size_t i = 0; i < COUNT(messages); i++) {
        const struct message_row *row = &messages[i];
        for (size_t len = 0; len < row->len; len++) {
            const char *why = userauth_msg_decode(&msg, row->direction, row->method,
                                                  message_guarded(row->bytes, len), len);
            if (!why || !strstr(why, "RFC 4"))
                fail_msg("%s cut to %zu: %s", row->text, len, why ? why : "no error");
        }
        for (int extra = 0; extra < 256; extra++) {
            memcpy(longer, row->bytes, row->len);
            longer[row->len] = (unsigned char)extra;
            const char *why =
                userauth_msg_decode(&msg, row->direction, row->method,
                                    message_guarded(longer, row->len + 1), row->len + 1);
            if (!why || !strstr(why, "bytes after its last field (RFC 4251 section 5)"))
                fail_msg("%s and %d: %s", row->text, extra, why ? why : "no error");
        }
    }
}

/* What each side may not say, and lengths and counts that are wrong. */
static void
test_bad(void **state)
{
    static const struct message_row rows[] = {
        {RECEIVED, NONE, BYTES(""), "empty (RFC 4253 section 6)"},
        {RECEIVED, NONE, BYTES("\0"), "not a message for this side"},
        {RECEIVED, NONE, BYTES("\1\0\0\0\1" L0 L0), "not a message for this side"},
        {RECEIVED, NONE, BYTES("\x36"), "not a message for this side"},
        {RECEIVED, KBDINT, BYTES("\x50"), "not a message for this side"},
        {RECEIVED, NONE, BYTES("\xff"), "not a message for this side"},
        {RECEIVED, NONE, BYTES(HEAD L4 "none"), "not a message for this side"},
        {SENT, NONE, BYTES("\x33" L0 "\0"), "not a message for this side"},
        {SENT, NONE, BYTES("\x34"), "not a message for this side"},
        {SENT, NONE, BYTES("\x35" L0 L0), "not a message for this side"},
        {SENT, PASSWORD, BYTES("\x3c" L0 L0),
         "password has no such message (RFC 4252 section 8)"},
        {RECEIVED, PASSWORD, BYTES("\x3d" L0 L0), "password has no such message"},
        {SENT, PUBLICKEY, BYTES("\x3c" L0 L0),
         "publickey has no such message (RFC 4252 section 7)"},
        {RECEIVED, PUBLICKEY, BYTES("\x3d" L0 L0), "publickey has no such message"},
        {SENT, KBDINT, BYTES("\x3c" L0 L0 L0 L0), "no such message (RFC 4256 section 5)"},
        {RECEIVED, KBDINT, BYTES("\x3d" L0), "no such message (RFC 4256 section 5)"},
        {RECEIVED, KBDINT, BYTES("\x3e"), "no such message (RFC 4256 section 5)"},
        {SENT, GSSAPI, BYTES("\x3c" L0), "from this side (RFC 4462 section 3)"},
        {RECEIVED, GSSAPI, BYTES("\x3e"), "from this side (RFC 4462 section 3)"},
        {RECEIVED, GSSAPI, BYTES("\x3f"), "from this side (RFC 4462 section 3)"},
        {RECEIVED, GSSAPI, BYTES("\x42" L0), "from this side (RFC 4462 section 3)"},
        {RECEIVED, GSSAPI, BYTES("\x43"), "from this side (RFC 4462 section 3)"},
        {RECEIVED, GSSAPI, BYTES("\x4f"), "from this side (RFC 4462 section 3)"},
        {RECEIVED, NONE,
         BYTES("\x33\xff\xff\xff\xff"
               "\0"),
         "middle of a field (RFC 4251 section 5)"},
        {RECEIVED, NONE,
         BYTES("\x33\x80\0\0\0"
               "\0"),
         "middle of a field"},
        {RECEIVED, NONE, BYTES("\x35\0\0\0\1"), "middle of a field"},
        {RECEIVED, NONE, BYTES("\x35" L1 "x\xff\xff\xff\xfb"), "middle of a field"},
        {RECEIVED, GSSAPI, BYTES("\x3d\xff\xff\xff\xff"), "middle of a field"},
        {RECEIVED, GSSAPI, BYTES("\x40\0\0\0\1\0\0\0\1\x7f\xff\xff\xff" L0),
         "middle of a field"},
        {RECEIVED, KBDINT, BYTES("\x3c\xff\xff\xff\xff" L0 L0 L0), "middle of a field"},
        {RECEIVED, KBDINT, BYTES("\x3c" L0 L0 L0 "\xff\xff\xff\xff"),
         "more prompts than it holds (RFC 4256"},
        {RECEIVED, KBDINT, BYTES("\x3c" L0 L0 L0 "\x80\0\0\0" L0 "\0"),
         "more prompts than it holds"},
        {RECEIVED, KBDINT, BYTES("\x3c" L0 L0 L0 L2 L1 "x\0"), "more prompts than it holds"},
        {RECEIVED, KBDINT, BYTES("\x3c" L0 L0 L0 L5 L0 "\0" L0 "\0" L0 "\0" L0 "\0"),
         "more prompts than it holds"},
        {RECEIVED, KBDINT, BYTES("\x3c" L0 L0 L0 L1 L2 "x\0"), "middle of a field"},
        {RECEIVED, KBDINT, BYTES("\x3c" L0 L0 L0 L1 "\xff\xff\xff\xff\0"), "middle of a field"},
        {RECEIVED, KBDINT, BYTES("\x3c" L0 L0 L0 L2 L5 "abcde\0"), "middle of a field"},
        {RECEIVED, KBDINT, BYTES("\x3c" L0 L0 L0 L1 L0 "\0" L0 "\0"), "after its last field"},
        {SENT, KBDINT, BYTES("\x3d\xff\xff\xff\xff"), "middle of a field"},
        {SENT, KBDINT, BYTES("\x3d\x80\0\0\0" L0 L0), "middle of a field"},
        {SENT, KBDINT, BYTES("\x3d" L1 "\xff\xff\xff\xff"), "middle of a field"},
        {SENT, GSSAPI, BYTES(HEAD L15 "gssapi-with-mic\xff\xff\xff\xff" L0),
         "middle of a field"},
        {SENT, PUBLICKEY, BYTES(HEAD L9 "publickey\1" L1 "k" L1 "b"), "middle of a field"},
    };
    struct userauth_msg msg;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct message_row *row = &rows[i];
        const char *why = userauth_msg_decode(&msg, row->direction, row->method,
                                              message_guarded(row->bytes, row->len), row->len);
        if (!why || !strstr(why, row->text))
            fail_msg("row %zu: '%s' instead of '%s'", i, why ? why : "(none)", row->text);
    }
}

static void
test_other_methods(void **state)
{
    static const char request[] = HEAD L9 "hostbased and what it likes";
    const size_t least = sizeof(HEAD L9 "hostbased") - 1;
    struct userauth_msg msg;

    (void)state;
    for (size_t len = 0; len < sizeof(request); len++) {
        const char *why = userauth_msg_decode(
            &msg, SENT, NONE, message_guarded((const unsigned char *)request, len), len);
        assert_int_equal(why == NULL, len >= least);
        assert_true(why || msg.method == USERAUTH_OTHER);
    }
}

static void
test_name_lists(void **state)
{
    static const struct {
        struct span list;
        bool valid;
    } rows[] = {
        {{BYTES("")}, true},      {{BYTES("a")}, true},        {{BYTES("a,b")}, true},
        {{BYTES("!,~")}, true},   {{BYTES("a@b.c,d")}, true},  {{BYTES(",")}, false},
        {{BYTES("a,")}, false},   {{BYTES(",a")}, false},      {{BYTES("a,,b")}, false},
        {{BYTES("a b")}, false},  {{BYTES(" a")}, false},      {{BYTES("a,b ")}, false},
        {{BYTES("a\0")}, false},  {{BYTES("\0")}, false},      {{BYTES("a\x7f")}, false},
        {{BYTES("\x80")}, false}, {{BYTES("a\x1b[m")}, false}, {{BYTES("a\n")}, false},
    };
    struct userauth_msg msg;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned char bytes[64] = {MSG_USERAUTH_FAILURE, 0, 0, 0,
                                   (unsigned char)rows[i].list.len};
        size_t len = 1 + 4 + rows[i].list.len + 1;
        memcpy(bytes + 5, rows[i].list.bytes, rows[i].list.len);
        const char *why =
            userauth_msg_decode(&msg, RECEIVED, NONE, message_guarded(bytes, len), len);
        if ((why == NULL) != rows[i].valid)
            fail_msg("list %zu: %s", i, why ? why : "(none)");
        assert_true(!why || strstr(why, "name-list is malformed (RFC 4251 section 5)"));
    }
}

static void
test_method_of(void **state)
{
    static const struct {
        struct span name;
        enum userauth_method method;
    } rows[] = {
        {{BYTES("none")}, NONE},
        {{BYTES("password")}, PASSWORD},
        {{BYTES("publickey")}, PUBLICKEY},
        {{BYTES("keyboard-interactive")}, KBDINT},
        {{BYTES("gssapi-with-mic")}, GSSAPI},
        {{BYTES("gssapi-keyex")}, ANY},
        {{BYTES("hostbased")}, ANY},
        {{BYTES("")}, ANY},
        {{BYTES("passwor")}, ANY},
        {{BYTES("password\0")}, ANY},
        {{BYTES("PASSWORD")}, ANY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span name = {message_guarded(rows[i].name.bytes, rows[i].name.len),
                            rows[i].name.len};
        assert_int_equal(userauth_method_of(name), rows[i].method);
    }
}

/* Each name is some message's above; the rest of the 256 types has none. */
static void
test_names(void **state)
{
    static const unsigned char types[][8] = {
        [PASSWORD] = {60},   [PUBLICKEY] = {60},
        [KBDINT] = {60, 61}, [GSSAPI] = {60, 61, 63, 64, 65, 66},
        [ANY] = {0},
    };

    (void)state;
    for (int method = NONE; method <= ANY; method++) {
        for (unsigned type = 0; type < 256; type++) {
            bool named = type >= 50 && type <= 53;
            named |= type >= 60 && memchr(types[method], (int)type, sizeof(types[method]));
            const char *name =
                userauth_msg_name((unsigned char)type, (enum userauth_method)method);
            if ((name != NULL) != named)
                fail_msg("%u of method %d: %s", type, method, name ? name : "no name");
        }
    }
    assert_string_equal(userauth_msg_name(60, PASSWORD), "USERAUTH_PASSWD_CHANGEREQ");
    assert_string_equal(userauth_msg_name(60, KBDINT), "USERAUTH_INFO_REQUEST");
}

/* Iterating what was not decoded, or was not all of it, ends as well. */
static void
test_iterate_garbage(void **state)
{
    static const struct span rows[] = {
        {BYTES("")},
        {BYTES("\xff")},
        {BYTES("\xff\xff\xff\xff"
               "abc")},
        {BYTES("\x80\0\0\0")},
        {BYTES(L1)},
        {BYTES(L3 "abc")},
    };
    struct userauth_prompt prompt;
    size_t len;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span rest = {message_guarded(rows[i].bytes, rows[i].len), rows[i].len};
        assert_false(userauth_prompt_next(&rest, &prompt));
        assert_false(userauth_prompt_next(&rest, &prompt));
        rest = (struct span){message_guarded(rows[i].bytes, rows[i].len), rows[i].len};
        for (int turns = 0; userauth_response_next(&rest, &len); turns++)
            assert_true(turns < 1 && len == 3);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_every_method),
        cmocka_unit_test(test_cut_and_trailing),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_other_methods),
        cmocka_unit_test(test_name_lists),
        cmocka_unit_test(test_method_of),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_iterate_garbage),
    };

    return cmocka_run_group_tests_name("userauth_msg", tests, message_pages_make,
                                       message_pages_drop);
}
