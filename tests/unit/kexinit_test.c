/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What two KEXINITs agree on, and what is said where that is nothing.
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

static const char *const common[KEXINIT_PURPOSES] = {
    "curve25519-sha256",
    "ssh-ed25519",
    "aes256-ctr,aes128-ctr",
    "aes256-ctr,aes128-ctr",
    "hmac-sha2-256",
    "hmac-sha2-256",
    "none",
    "none",
};

/* A KEXINIT, made at `out`. */
static struct wire
payload(unsigned char *out, const char *const lists[KEXINIT_PURPOSES], bool follows)
{
    unsigned char *at = out;

    *at++ = 20;
    memset(at, 7, KEXINIT_COOKIE);
    at += KEXINIT_COOKIE;
    for (size_t i = 0; i < KEXINIT_PURPOSES; i++) {
        size_t len = strlen(lists[i]);
        at = wire_put_u32(at, (uint32_t)len);
        memcpy(at, lists[i], len);
        at += len;
    }
    memset(at, 0, 8 + 1 + 4); /* languages, the flag, what is reserved */
    at[8] = follows;
    return (struct wire){out, (size_t)(at + 13 - out)};
}

/* Our lists are the common ones; the server's are these but for `purpose`, which has `names`.
 */
static enum outcome
explain(const char *const ours[KEXINIT_PURPOSES], size_t purpose, const char *names,
        struct failure *failure)
{
    unsigned char own[2048], server[2048];
    const char *theirs[KEXINIT_PURPOSES];

    *failure = FAILURE_INIT;
    memcpy(theirs, common, sizeof theirs);
    if (purpose < KEXINIT_PURPOSES)
        theirs[purpose] = names;
    return kexinit_explain(payload(own, ours, false), payload(server, theirs, false), "1.2.3",
                           failure);
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
    const char *gcm[KEXINIT_PURPOSES] = {"curve25519-sha256",
                                         "ssh-ed25519",
                                         "aes256-gcm@openssh.com",
                                         "aes256-ctr",
                                         "hmac-sha2-256",
                                         "hmac-sha2-256",
                                         "none",
                                         "none"};
    struct failure failure;

    (void)state;
    assert_int_equal(explain(common, KEXINIT_PURPOSES, NULL, &failure), OUTCOME_KEX_FAILURE);
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

/* Each direction for itself; behind a cipher that authenticates the server may have any MACs.
 */
static void
wants_no_mac_beside_a_cipher_that_authenticates(void **state)
{
    static const struct {
        const char *cipher, *macs;
        bool lacking;
    } rows[] = {
        {"aes256-ctr", "hmac-sha2-256", false},
        {"aes256-ctr", "umac-128-etm@openssh.com", true},
        {"aes256-gcm@openssh.com", "umac-128-etm@openssh.com", false},
        {"aes128-gcm@openssh.com", "", false},
        {"chacha20-poly1305@openssh.com", "umac-128-etm@openssh.com", false},
    };
    const char *lists[KEXINIT_PURPOSES];
    unsigned char own[2048], server[2048];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (enum kexinit_list cipher = KEXINIT_CIPHER_SENT; cipher <= KEXINIT_CIPHER_RECEIVED;
             cipher++) {
            memcpy(lists, common, sizeof lists);
            lists[cipher] = rows[i].cipher;
            struct wire ours = payload(own, lists, false);
            lists[cipher + 2] = rows[i].macs;
            struct wire theirs = payload(server, lists, false);
            for (enum kexinit_list list = 0; list < KEXINIT_PURPOSES; list++)
                assert_int_equal(kexinit_lacks(ours, theirs, list),
                                 rows[i].lacking && list == cipher + 2);
        }
    }
}

static void
says_no_more_than_it_knows(void **state)
{
    unsigned char own[2048];
    struct failure failure = FAILURE_INIT;

    (void)state;
    assert_int_equal(
        kexinit_explain(payload(own, common, false), (struct wire){NULL, 0}, "1.2.3", &failure),
        OUTCOME_KEX_FAILURE);
    assert_string_equal(
        failure.message,
        "key exchange: this libssh2 (1.2.3) and the server came to no agreement");
}

/* Ours in each place is "b,a,cc". */
static void
agrees_on_the_first_of_ours(void **state)
{
    static const struct {
        const char *server, *agreed;
        bool wrong_guess;
    } rows[] = {
        {"b", "b", false},    {"b,a", "b", false}, {"a,b", "b", true}, {"a", "a", true},
        {"x,cc", "cc", true}, {"c", "", true},     {"", "", true},     {"ccc", "", true},
        {",,a,", "a", true},  {"bb,ab", "", true},
    };
    unsigned char own[512], server[512];
    const char *lists[KEXINIT_PURPOSES];

    (void)state;
    for (size_t k = 0; k < KEXINIT_PURPOSES; k++)
        lists[k] = "b,a,cc";
    struct wire ours = payload(own, lists, false);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (enum kexinit_list list = 0; list < KEXINIT_PURPOSES; list++) {
            for (size_t k = 0; k < KEXINIT_PURPOSES; k++)
                lists[k] = k == list ? rows[i].server : "b";
            struct wire theirs = payload(server, lists, true);
            struct wire agreed = kexinit_agreed(ours, theirs, list);
            assert_true(wire_is(&agreed, rows[i].agreed));
            bool wrong = rows[i].wrong_guess && list <= KEXINIT_HOST_KEY;
            if (kexinit_guessed_wrong(ours, theirs) != wrong)
                fail_msg("guess of %s at %d", rows[i].server, (int)list);
            assert_false(kexinit_guessed_wrong(ours, payload(server, lists, false)));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_purpose),
        cmocka_unit_test(blames_nothing_that_is_common),
        cmocka_unit_test(wants_no_mac_beside_a_cipher_that_authenticates),
        cmocka_unit_test(says_no_more_than_it_knows),
        cmocka_unit_test(agrees_on_the_first_of_ours),
    };

    return cmocka_run_group_tests_name("kexinit", tests, NULL, NULL);
}
