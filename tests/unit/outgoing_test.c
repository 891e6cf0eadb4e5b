/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What gssapi-with-mic sends, byte for byte (RFC 4462 sections 3.2 to 3.5), and that the
 * decoder reads it back.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message_table.h"
#include "ssh2/outgoing.h"

#define KRB5_OID                                                                               \
    L11 "\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" /* with its DER tag, length */
#define METHOD L14 "ssh-connection" L15 "gssapi-with-mic"

static void
assert_bytes(const struct outgoing *out, const unsigned char *bytes, size_t len)
{
    assert_non_null(out->bytes);
    assert_int_equal(out->len, len);
    assert_memory_equal(out->bytes, bytes, len);
}

/* Section 3.2: the request, with one mechanism. */
static void
test_request(void **state)
{
    static const struct {
        const char *user;
        size_t user_len;
        struct span bytes;
    } rows[] = {
        {"alice", 5, {BYTES("\x32" L5 "alice" METHOD L1 KRB5_OID)}},
        {"alice@A.TEST", 12, {BYTES("\x32" L12 "alice@A.TEST" METHOD L1 KRB5_OID)}},
        {"alice@A.TEST", 5, {BYTES("\x32" L5 "alice" METHOD L1 KRB5_OID)}},
        {"", 0, {BYTES("\x32" L0 METHOD L1 KRB5_OID)}},
        {"a\0b", 3, {BYTES("\x32" L3 "a\0b" METHOD L1 KRB5_OID)}},
    };
    struct outgoing out = {NULL, 0};
    struct userauth_msg msg;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(outgoing_gssapi_request(&out, rows[i].user, rows[i].user_len,
                                            (const unsigned char *)KRB5_OID + 4, 11));
        assert_bytes(&out, rows[i].bytes.bytes, rows[i].bytes.len);
        assert_null(userauth_msg_decode(&msg, SENT, NONE, out.bytes, out.len));
        assert_int_equal(msg.method, GSSAPI);
        assert_int_equal(msg.u.request.count, 1);
        assert_int_equal(msg.u.request.user.len, rows[i].user_len);
    }
    outgoing_free(&out);
}

/* Lengths of more than one byte. */
static void
test_long_fields(void **state)
{
    struct outgoing out = {NULL, 0};
    unsigned char token[70000];
    char user[300];

    (void)state;
    memset(token, 't', sizeof(token));
    memset(user, 'u', sizeof(user));
    assert_true(outgoing_string(&out, MSG_USERAUTH_GSSAPI_TOKEN, token, sizeof(token)));
    assert_int_equal(out.len, 70005);
    assert_memory_equal(out.bytes, "\x3d\x00\x01\x11\x70", 5);
    assert_memory_equal(out.bytes + 5, token, sizeof(token));
    assert_true(outgoing_gssapi_request(&out, user, sizeof(user), token, 258));
    assert_int_equal(out.len, 1 + 4 + 300 + 18 + 19 + 4 + 4 + 258);
    assert_memory_equal(out.bytes, "\x32\x00\x00\x01\x2c", 5);
    assert_memory_equal(out.bytes + 5, user, sizeof(user));
    assert_memory_equal(out.bytes + 305, METHOD L1 "\x00\x00\x01\x02", 18 + 19 + 8);
    assert_memory_equal(out.bytes + out.len - 258, token, 258);
    outgoing_free(&out);
}

/* Sections 3.3 to 3.5: token, error token and MIC are a string; exchange complete is nothing.
 */
static void
test_messages(void **state)
{
    static const struct {
        unsigned char type;
        struct span string, bytes;
    } rows[] = {
        {MSG_USERAUTH_GSSAPI_TOKEN, {BYTES("\x60\x82\0")}, {BYTES("\x3d" L3 "\x60\x82\0")}},
        {MSG_USERAUTH_GSSAPI_TOKEN, {BYTES("")}, {BYTES("\x3d" L0)}},
        {MSG_USERAUTH_GSSAPI_ERRTOK, {BYTES("~e")}, {BYTES("\x41" L2 "~e")}},
        {MSG_USERAUTH_GSSAPI_MIC, {BYTES("\4\4\xff\0")}, {BYTES("\x42" L4 "\4\4\xff\0")}},
    };
    struct outgoing out = {NULL, 0};
    struct userauth_msg msg;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(
            outgoing_string(&out, rows[i].type, rows[i].string.bytes, rows[i].string.len));
        assert_bytes(&out, rows[i].bytes.bytes, rows[i].bytes.len);
        assert_null(userauth_msg_decode(&msg, SENT, GSSAPI, out.bytes, out.len));
        assert_int_equal(msg.u.token.token.len, rows[i].string.len);
    }
    assert_true(outgoing_message(&out, MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE));
    assert_bytes(&out, BYTES("\x3f"));
    assert_null(userauth_msg_decode(&msg, SENT, GSSAPI, out.bytes, out.len));
    outgoing_free(&out);
}

/* Section 3.5: string session identifier, then the request up to the method's name. */
static void
test_mic_data(void **state)
{
    unsigned char session_id[64];
    struct outgoing out = {NULL, 0};

    (void)state;
    assert_true(outgoing_mic_data(&out, (const unsigned char *)"\1\2\0\3", 4, "bob", 3));
    assert_bytes(&out, BYTES(L4 "\1\2\0\3\x32" L3 "bob" METHOD));

    memset(session_id, 's', sizeof(session_id));
    assert_true(outgoing_mic_data(&out, session_id, sizeof(session_id), "", 0));
    assert_int_equal(out.len, 4 + 64 + 1 + 4 + 18 + 19);
    assert_memory_equal(out.bytes, "\0\0\0\x40", 4);
    assert_memory_equal(out.bytes + 4, session_id, sizeof(session_id));
    assert_memory_equal(out.bytes + 68, "\x32" L0 METHOD, 1 + 4 + 18 + 19);
    outgoing_free(&out);
}

static void
test_freed(void **state)
{
    struct outgoing out = {NULL, 0};

    (void)state;
    outgoing_free(&out);
    assert_true(outgoing_message(&out, 63));
    outgoing_free(&out);
    outgoing_free(&out);
    assert_null(out.bytes);
    assert_int_equal(out.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),  cmocka_unit_test(test_long_fields),
        cmocka_unit_test(test_messages), cmocka_unit_test(test_mic_data),
        cmocka_unit_test(test_freed),
    };

    return cmocka_run_group_tests_name("outgoing", tests, NULL, NULL);
}
