/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What two KEXINITs have not in common, and servers whose KEXINIT is none.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ssh2/kexinit.h"
#include "util/wire.h"

#define LISTS 8

static const char *const common[LISTS] = {
    "curve25519-sha256",
    "ssh-ed25519",
    "aes256-ctr,aes128-ctr",
    "aes256-ctr,aes128-ctr",
    "hmac-sha2-256",
    "hmac-sha2-256",
    "none",
    "none",
};

/* The payload of a KEXINIT; returns its length. */
static size_t
payload(unsigned char *out, const char *const lists[LISTS])
{
    unsigned char *at = out;

    *at++ = 20;
    memset(at, 7, 16);
    at += 16;
    for (size_t i = 0; i < LISTS; i++) {
        size_t len = strlen(lists[i]);
        at = wire_put_u32(at, (uint32_t)len);
        memcpy(at, lists[i], len);
        at += len;
    }
    memset(at, 0, 5 + 8); /* languages, the guess, the reserved number */
    return (size_t)(at + 13 - out);
}

/* The server's as a packet, behind a version line and what may stand before it, in small
 * pieces. */
static void
receive(struct kexinit *kexinit, const char *before, const unsigned char *data, size_t len)
{
    unsigned char packet[4096], *at = packet;

    at = wire_put_u32(at, (uint32_t)(1 + len + 4));
    *at++ = 4;
    memcpy(at, data, len);
    at += len;
    memset(at, 0, 4);
    at += 4;
    kexinit_received(kexinit, before, strlen(before));
    for (unsigned char *piece = packet; piece < at; piece += 3)
        kexinit_received(kexinit, piece, at - piece < 3 ? (size_t)(at - piece) : 3);
}

/* Our lists are the common ones; the server's are these but for `purpose`, which has `names`.
 */
static enum outcome
explain(const char *const ours[LISTS], size_t purpose, const char *names,
        struct failure *failure)
{
    struct kexinit kexinit = {.ours = {NULL, 0}};
    const char *theirs[LISTS];
    unsigned char data[2048];
    size_t len = payload(data, ours);
    enum outcome outcome;

    *failure = FAILURE_INIT;
    kexinit_sent(&kexinit, data, 20, data + 20, len - 20);
    memcpy(theirs, common, sizeof theirs);
    if (purpose < LISTS)
        theirs[purpose] = names;
    len = payload(data, theirs);
    receive(&kexinit, "Welcome\r\nSSH-2.0-Test\r\n", data, len);
    outcome = kexinit_explain(&kexinit, "1.2.3", failure);
    kexinit_free(&kexinit);
    return outcome;
}

static void
names_the_purpose(void **state)
{
    static const struct {
        size_t purpose;
        const char *names, *message, *hint;
    } cases[] = {
        {0, "odd@test", "no key exchange method (the server has odd@test)", ""},
        {1, "rsa-sha2-256", "no type of host key (the server has rsa-sha2-256)",
         "rsa-sha2-256 and rsa-sha2-512, for servers with an RSA key alone, need libssh2 1.11"},
        {2, "chacha20-poly1305@openssh.com,odd",
         "no cipher (the server has chacha20-poly1305@openssh.com,odd)",
         "chacha20-poly1305@openssh.com needs libssh2 1.11.1"},
        {3, "aes128-gcm@openssh.com", "no cipher (the server has aes128-gcm@openssh.com)",
         "aes128-gcm@openssh.com needs libssh2 1.11"},
        {4, "", "no MAC (the server has none)", ""},
        {5, "\033[2J", "no MAC (the server has \\x1B[2J)", ""},
        {6, "zlib,none2", "no compression (the server has zlib,none2)", ""},
        {7, "non", "no compression (the server has non)", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct failure failure;
        char expected[512];

        assert_int_equal(explain(common, cases[i].purpose, cases[i].names, &failure),
                         OUTCOME_KEX_FAILURE);
        snprintf(
            expected, sizeof expected,
            "key exchange: this libssh2 (1.2.3) and the server have no common algorithm: %s",
            cases[i].message);
        assert_string_equal(failure.message, expected);
        assert_string_equal(failure.hint, cases[i].hint);
    }
}

static void
blames_nothing_that_is_common(void **state)
{
    const char *gcm[LISTS] = {"curve25519-sha256",
                              "ssh-ed25519",
                              "aes256-gcm@openssh.com",
                              "aes256-ctr",
                              "hmac-sha2-256",
                              "hmac-sha2-256",
                              "none",
                              "none"};
    struct failure failure;

    (void)state;
    assert_int_equal(explain(common, LISTS, NULL, &failure), OUTCOME_KEX_FAILURE);
    assert_string_equal(
        failure.message,
        "key exchange: this libssh2 (1.2.3) and the server came to no agreement");
    /* with a cipher that authenticates in common, MACs are not blamed: the other purpose is */
    assert_int_equal(explain(gcm, 2, "aes256-gcm@openssh.com", &failure), OUTCOME_KEX_FAILURE);
    assert_null(strstr(failure.message, "MAC"));
    gcm[4] = "odd";
    explain(gcm, 2, "aes256-gcm@openssh.com", &failure);
    assert_null(strstr(failure.message, "MAC"));
    explain(gcm, 2, "aes128-gcm@openssh.com", &failure);
    assert_non_null(strstr(failure.message, ", no MAC (the server has hmac-sha2-256)"));
}

/* Each prefix of a good KEXINIT: no byte behind its end is read, and it is never taken for a
 * whole. */
static void
refuses_what_is_no_kexinit(void **state)
{
    unsigned char data[2048];
    size_t len = payload(data, common);

    (void)state;
    for (size_t cut = 0; cut <= len; cut++) {
        struct kexinit kexinit = {.ours = {NULL, 0}};
        struct failure failure = FAILURE_INIT;
        enum outcome outcome;

        kexinit_sent(&kexinit, data, len, NULL, 0);
        if (cut % 2)
            receive(&kexinit, "SSH-2.0-Test\r\n", data, cut);
        else
            kexinit_received(&kexinit, data, cut);
        outcome = kexinit_explain(&kexinit, "1.2.3", &failure);
        /* the last 13 bytes are in no list */
        assert_int_equal(outcome, cut % 2 && cut >= len - 13 ? OUTCOME_KEX_FAILURE
                                                             : OUTCOME_PROTOCOL_ERROR);
        kexinit_free(&kexinit);
    }
}

static void
keeps_no_more_than_its_limit(void **state)
{
    struct kexinit kexinit = {.ours = {NULL, 0}};
    struct failure failure = FAILURE_INIT;
    static unsigned char flood[KEXINIT_MAX_INPUT / 4 * 3];

    (void)state;
    for (int i = 0; i < 10; i++)
        kexinit_received(&kexinit, flood, sizeof flood);
    assert_int_equal(kexinit.input.len, KEXINIT_MAX_INPUT);
    kexinit_free(&kexinit);
    assert_null(kexinit.input.data);
    /* ours was never noted: memory was short */
    assert_int_equal(kexinit_explain(&kexinit, "1.2.3", &failure), OUTCOME_INTERNAL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_purpose),
        cmocka_unit_test(blames_nothing_that_is_common),
        cmocka_unit_test(refuses_what_is_no_kexinit),
        cmocka_unit_test(keeps_no_more_than_its_limit),
    };

    return cmocka_run_group_tests_name("kexinit", tests, NULL, NULL);
}
