/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages of the key exchange: what is taken, what is refused, and with which rule.
 * Each is also cut at each byte, and given one more, where nothing may be
 * read behind it.
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
#include "ssh2/exchange.h"
#include "ssh2/kexinit.h"

static const struct exchange_methods
    curve = {.kex = "curve25519-sha256", .host_key = "ssh-ed25519"},
    group14 = {.kex = "diffie-hellman-group14-sha256", .host_key = "ssh-ed25519"},
    group_exchange = {"diffie-hellman-group-exchange-sha256", "ssh-ed25519", {2048, 8192}},
    rsa = {.kex = "curve25519-sha256", .host_key = "rsa-sha2-256"},
    nistp = {.kex = "ecdh-sha2-nistp256", .host_key = "ecdsa-sha2-nistp256"},
    none = {.kex = NULL};

/* A message under construction. */
struct message {
    unsigned char bytes[4096];
    size_t len;
};

static void
put(struct message *message, const void *bytes, size_t len)
{
    assert_true(message->len + len <= sizeof message->bytes);
    memcpy(message->bytes + message->len, bytes, len);
    message->len += len;
}

static void
put_filled(struct message *message, unsigned char fill, size_t len)
{
    assert_true(message->len + len <= sizeof message->bytes);
    memset(message->bytes + message->len, fill, len);
    message->len += len;
}

static void
put_len(struct message *message, size_t len)
{
    const unsigned char bytes[] = {(unsigned char)(len >> 24), (unsigned char)(len >> 16),
                                   (unsigned char)(len >> 8), (unsigned char)len};

    put(message, bytes, 4);
}

static void
put_text(struct message *message, const char *text)
{
    put_len(message, strlen(text));
    put(message, text, strlen(text));
}

static struct message
begin(unsigned char type)
{
    struct message message = {{type}, 1};

    return message;
}

/* A KEXINIT with this list at each place; the one at `other` is another. */
static struct message
kexinit(const char *list, int other, const char *text, bool follows)
{
    struct message message = begin(MSG_KEXINIT);

    put_filled(&message, 7, 16);
    for (int i = 0; i < KEXINIT_LISTS; i++)
        put_text(&message, i == other ? text : list);
    put_filled(&message, follows, 1);
    put_filled(&message, 0, 4);
    return message;
}

/* Points into a page behind which nothing can be read. */
static const char *
check(const struct message *message, const struct exchange_methods *methods)
{
    return exchange_check(message_guarded(message->bytes, message->len), message->len, methods);
}

/* Well formed: then it is neither in part, nor with a byte more. */
static void
assert_good(struct message message, const struct exchange_methods *methods)
{
    const char *why = check(&message, methods);

    if (why)
        fail_msg("message %u: %s", message.bytes[0], why);
    struct message part = message;
    for (part.len = 0; part.len < message.len; part.len++) {
        if (!check(&part, methods))
            fail_msg("message %u: %zu bytes are enough", message.bytes[0], part.len);
    }
    put_filled(&message, 0, 1);
    assert_non_null(check(&message, methods));
}

static void
assert_bad(struct message message, const struct exchange_methods *methods, const char *wanted)
{
    const char *why = check(&message, methods);

    if (!why || !strstr(why, wanted))
        fail_msg("message %u: %s, not %s", message.bytes[0], why ? why : "good", wanted);
}

static void
test_simple(void **state)
{
    struct message service = begin(MSG_SERVICE_ACCEPT);

    (void)state;
    assert_good(begin(MSG_NEWKEYS), &none);
    put_text(&service, "ssh-userauth");
    assert_good(service, &none);
    service = begin(MSG_SERVICE_ACCEPT);
    put_text(&service, "ssh-connection");
    assert_bad(service, &none, "RFC 4253 section 10");
    assert_null(exchange_check((const unsigned char *)"\x32", 1, &curve)); /* none of these */
    assert_good(kexinit("a,b", -1, "", false), &none);
    assert_good(kexinit("", -1, "", true), &none);
}

/* A reply with a host key, a public value and a signature. */
static struct message
reply(const char *key, size_t key_len, size_t value_len, unsigned char value,
      const char *signed_by, size_t signature_len)
{
    struct message message = begin(MSG_KEX_REPLY);

    put_len(&message, 4 + strlen(key) + 4 + key_len);
    put_text(&message, key);
    put_len(&message, key_len);
    put_filled(&message, 1, key_len);
    put_len(&message, value_len);
    put_filled(&message, value, value_len);
    put_len(&message, 4 + strlen(signed_by) + 4 + signature_len);
    put_text(&message, signed_by);
    put_len(&message, signature_len);
    put_filled(&message, 2, signature_len);
    return message;
}

#define ED25519 "ssh-ed25519"

static void
test_reply(void **state)
{
    static const struct {
        const struct exchange_methods *methods;
        const char *key;
        size_t key_len, value_len;
        unsigned char value;
        const char *signed_by;
        size_t signature_len;
        const char *why; /* NULL: good */
    } rows[] = {
        {&curve, ED25519, 32, 32, 9, ED25519, 64, NULL},
        {&group14, ED25519, 32, 256, 9, ED25519, 64, NULL},
        {&rsa, "ssh-rsa", 256, 32, 9, "rsa-sha2-256", 256, NULL},
        {&nistp, "ecdsa-sha2-nistp256", 65, 65, 4, "ecdsa-sha2-nistp256", 70, NULL},
        {&curve, ED25519, 32, 31, 9, ED25519, 64, "RFC 8731"},
        {&curve, ED25519, 32, 33, 9, ED25519, 64, "RFC 8731"},
        {&curve, ED25519, 31, 32, 9, ED25519, 64, "RFC 8709 section 4"},
        {&curve, ED25519, 33, 32, 9, ED25519, 64, "RFC 8709 section 4"},
        {&curve, ED25519, 32, 32, 9, ED25519, 63, "RFC 8709 section 6"},
        {&curve, ED25519, 32, 32, 9, "ssh-rsa", 64, "RFC 4253 section 7.1"},
        {&curve, "ssh-rsa", 32, 32, 9, ED25519, 64, "RFC 4253 section 7.1"},
        {&rsa, "rsa-sha2-256", 256, 32, 9, "rsa-sha2-256", 256, "RFC 4253 section 7.1"},
        {&rsa, "ssh-rsa", 256, 32, 9, "ssh-rsa", 256, "RFC 4253 section 7.1"},
        {&group14, ED25519, 32, 0, 9, ED25519, 64, "RFC 4253 section 8"},
        {&group14, ED25519, 32, 1, 1, ED25519, 64, "RFC 4253 section 8"},
        {&group14, ED25519, 32, 256, 0xff, ED25519, 64, "RFC 4253 section 8"},
        {&group14, ED25519, 32, 256, 0, ED25519, 64, "RFC 4253 section 8"},
        {&group14, ED25519, 32, 1025, 9, ED25519, 64, "RFC 4253 section 8"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct message message = reply(rows[i].key, rows[i].key_len, rows[i].value_len,
                                       rows[i].value, rows[i].signed_by, rows[i].signature_len);
        if (rows[i].why)
            assert_bad(message, rows[i].methods, rows[i].why);
        else
            assert_good(message, rows[i].methods);
    }
}

/* A group: so many bytes of `fill`, a last one, and a generator. */
static struct message
group(size_t bytes, unsigned char fill, unsigned char last, struct span generator)
{
    struct message message = begin(MSG_KEX_REPLY);

    put_len(&message, bytes);
    put_filled(&message, fill, bytes - 1);
    put_filled(&message, last, 1);
    put_len(&message, generator.len);
    put(&message, generator.bytes, generator.len);
    return message;
}

static void
test_group(void **state)
{
    static const struct span two = {BYTES("\2")};
    static const struct {
        size_t bytes;
        unsigned char fill, last;
        struct span generator;
        const char *why;
    } rows[] = {
        {300, 0x7f, 1, {BYTES("\0")}, "generator"},
        {300, 0x7f, 1, {BYTES("")}, "generator"},
        {300, 0x7f, 1, {BYTES("\1")}, "generator"},
        {300, 0x7f, 1, {BYTES("\xff")}, "generator"},
        {255, 0x7f, 1, {BYTES("\2")}, "size"},
        {256, 0x7f, 1, {BYTES("\2")}, "size"},
        {1025, 0x01, 1, {BYTES("\2")}, "size"},
        {1, 0, 0, {BYTES("\2")}, "size"},
        {257, 0xff, 1, {BYTES("\2")}, "size"},
        {300, 0x00, 1, {BYTES("\2")}, "size"},
        {300, 0x7f, 2, {BYTES("\2")}, "even"},
    };
    struct message large = group(300, 0x7f, 3, (struct span){BYTES("\2")});

    (void)state;
    assert_good(group(300, 0x7f, 1, two), &group_exchange);
    assert_good(group(1024, 0x7f, 1, two), &group_exchange);
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_bad(group(rows[i].bytes, rows[i].fill, rows[i].last, rows[i].generator),
                   &group_exchange, rows[i].why);
    /* the prime itself, less 1, and less 2 */
    for (unsigned char less = 0; less <= 2; less++) {
        unsigned char generator[300];
        memcpy(generator, large.bytes + 5, sizeof generator);
        generator[299] = (unsigned char)(generator[299] - less);
        struct message message =
            group(300, 0x7f, 3, (struct span){generator, sizeof generator});
        if (less == 2)
            assert_good(message, &group_exchange);
        else
            assert_bad(message, &group_exchange, "generator");
    }
}

static void
test_names(void **state)
{
    (void)state;
    assert_string_equal(exchange_message_name(MSG_KEXINIT, &none), "KEXINIT");
    assert_string_equal(exchange_message_name(MSG_KEX_REPLY, &curve), "KEX_ECDH_REPLY");
    assert_string_equal(exchange_message_name(MSG_KEX_REPLY, &group14), "KEXDH_REPLY");
    assert_string_equal(exchange_message_name(MSG_KEX_REPLY, &group_exchange),
                        "KEX_DH_GEX_GROUP");
    assert_string_equal(exchange_message_name(MSG_KEX_GEX_REPLY, &group_exchange),
                        "KEX_DH_GEX_REPLY");
    assert_null(exchange_message_name(MSG_KEX_GEX_REPLY, &curve));
    assert_null(exchange_message_name(99, &curve));
}

static void
test_group_asked(void **state)
{
    static const unsigned char request[] = "\42\0\0\10\0\0\0\20\0\0\0\40";
    struct exchange_group asked = {0, 0};

    (void)state;
    assert_true(exchange_group_asked(message_guarded(request, 13), 13, &asked));
    assert_int_equal(asked.least, 2048);
    assert_int_equal(asked.most, 8192);
    assert_false(exchange_group_asked(message_guarded(request, 12), 12, &asked));
    assert_false(exchange_group_asked(message_guarded(request + 1, 12), 12, &asked));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simple),      cmocka_unit_test(test_reply),
        cmocka_unit_test(test_group),       cmocka_unit_test(test_names),
        cmocka_unit_test(test_group_asked),
    };

    return cmocka_run_group_tests_name("exchange", tests, message_pages_make,
                                       message_pages_drop);
}
