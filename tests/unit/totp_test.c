/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * totp.c: RFC 6238's vectors, keys in base32, and otpauth:// URIs good and bad.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ask/totp.h"

#define SEED "1234567890"

/* RFC 6238, appendix B, with the seeds of its erratum 2866: as long as the hash. */
static void
gives_the_passwords_of_the_rfc(void **state)
{
    (void)state;
    static const struct {
        time_t time;
        const char *codes[3];
    } rows[] = {
        {59, {"94287082", "46119246", "90693936"}},
        {1111111109, {"07081804", "68084774", "25091201"}},
        {1111111111, {"14050471", "67062674", "99943326"}},
        {1234567890, {"89005924", "91819424", "93441116"}},
        {2000000000, {"69279037", "90698825", "38618901"}},
        {20000000000, {"65353130", "77737706", "47863826"}},
    };
    static const char seed[] = SEED SEED SEED SEED SEED SEED "1234";
    static const size_t lengths[] = {20, 32, 64};
    assert_true(totp_ready(&FAILURE_INIT));
    for (unsigned algorithm = TOTP_SHA1; algorithm <= TOTP_SHA512; algorithm++) {
        struct totp totp = {
            .algorithm = (enum totp_algorithm)algorithm, .digits = 8, .period = 30};
        assert_true(secret_init(&totp.key));
        assert_true(secret_append(&totp.key, seed, lengths[algorithm]));
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            const char *expected = rows[i].codes[algorithm];
            char code[TOTP_CODE_SIZE];
            for (totp.digits = 6; totp.digits <= 8; totp.digits++) {
                assert_true(totp_code(&totp, rows[i].time, code));
                assert_string_equal(code, expected + 8 - totp.digits);
            }
        }
        totp_free(&totp);
    }
}

static void
knows_the_period(void **state)
{
    (void)state;
    struct totp totp = {.algorithm = TOTP_SHA1, .digits = 6, .period = 30};
    char before[TOTP_CODE_SIZE], after[TOTP_CODE_SIZE];
    assert_int_equal(totp_period_end(&totp, 0), 30);
    assert_int_equal(totp_period_end(&totp, 29), 30);
    assert_int_equal(totp_period_end(&totp, 30), 60);
    assert_true(totp_ready(&FAILURE_INIT));
    assert_true(secret_init(&totp.key));
    assert_true(secret_append(&totp.key, SEED, 10));
    assert_true(totp_code(&totp, 1111111079, before));
    assert_true(totp_code(&totp, 1111111080, after));
    assert_string_not_equal(before, after);
    assert_true(totp_code(&totp, 1111111109, before));
    assert_string_equal(before, after);
    totp_free(&totp);
    totp_free(&totp);
}

static const struct {
    const char *text;
    const char *key;
    size_t len;
    enum totp_algorithm algorithm;
    unsigned digits, period;
} good[] = {
    {"GEZDGNBVGY3TQOJQ", SEED, 10, TOTP_SHA1, 6, 30},
    {"gezdgnbvgy3tqojq", SEED, 10, TOTP_SHA1, 6, 30},
    {"  geZD gnBV\tgy3t QOJQ ", SEED, 10, TOTP_SHA1, 6, 30},
    {"GEZDGNBV", "12345", 5, TOTP_SHA1, 6, 30},
    {"GE======", "1", 1, TOTP_SHA1, 6, 30},
    {"GE", "1", 1, TOTP_SHA1, 6, 30},
    {"GEZA", "12", 2, TOTP_SHA1, 6, 30},
    {"GEZA ====", "12", 2, TOTP_SHA1, 6, 30},
    {"GEZDG===", "123", 3, TOTP_SHA1, 6, 30},
    {"GEZDGNA=", "1234", 4, TOTP_SHA1, 6, 30},
    {"77777777", "\xff\xff\xff\xff\xff", 5, TOTP_SHA1, 6, 30},
    {"AAAAAAAA", "\0\0\0\0\0", 5, TOTP_SHA1, 6, 30},
    {"GF", "1", 1, TOTP_SHA1, 6, 30}, /* a bit left over is dropped */
    {"otpauth://totp/Example:alice@example.com?secret=GEZDGNBV&issuer=Example", "12345", 5,
     TOTP_SHA1, 6, 30},
    {"otpauth://totp/a?secret=GEZDGNBV&algorithm=SHA256&digits=8&period=60", "12345", 5,
     TOTP_SHA256, 8, 60},
    {"otpauth://totp/a?period=86400&digits=7&algorithm=SHA512&secret=GEZDGNBV", "12345", 5,
     TOTP_SHA512, 7, 86400},
    {"otpauth://totp/a?algorithm=sha1&secret=gezdgnbv", "12345", 5, TOTP_SHA1, 6, 30},
    {"OTPAUTH://TOTP/a?SECRET=GEZDGNBV&Digits=8", "12345", 5, TOTP_SHA1, 8, 30},
    {"otpauth://totp/a?secret=GEZD%20GNBV&period=%36%30", "12345", 5, TOTP_SHA1, 6, 60},
    {"otpauth://totp/a?secret=%47%45=%3d%3D====", "1", 1, TOTP_SHA1, 6, 30},
    {"otpauth://totp/a?secret=GEZD+GNBV", "12345", 5, TOTP_SHA1, 6, 30},
    {"otpauth://totp/a%3Fb?secret=GEZDGNBV", "12345", 5, TOTP_SHA1, 6, 30},
    {"otpauth://totp?secret=GEZDGNBV", "12345", 5, TOTP_SHA1, 6, 30},
    {"otpauth://totp/?secret=GEZDGNBV#digits=9", "12345", 5, TOTP_SHA1, 6, 30},
    {"  otpauth://totp/?&&secret=GEZDGNBV&", "12345", 5, TOTP_SHA1, 6, 30},
    /* Unknown parameters are ignored, whatever they hold. */
    {"otpauth://totp/?image=%zz&counter=x&lock&=&secrets=!&secret=GEZDGNBV&secre=!", "12345", 5,
     TOTP_SHA1, 6, 30},
};

static void
parses_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct totp totp;
        const char *why = NULL;
        if (!totp_parse(&totp, good[i].text, strlen(good[i].text), &why)) {
            fail_msg("%s: %s", good[i].text, why);
        }
        if (totp.key.len != good[i].len ||
            memcmp(totp.key.text, good[i].key, good[i].len) != 0) {
            fail_msg("%s: another key", good[i].text);
        }
        assert_int_equal(totp.algorithm, good[i].algorithm);
        assert_int_equal(totp.digits, good[i].digits);
        assert_int_equal(totp.period, good[i].period);
        totp_free(&totp);
    }
}

static const struct {
    const char *text, *why;
} bad[] = {
    {"", "there is no secret"},
    {"  \t", "there is no secret"},
    {"====", "there is no secret"},
    {"GEZDGNB1", "not base32"},
    {"GEZDGNB0", "not base32"},
    {"GEZDGNB8", "not base32"},
    {"GEZD-GNBV", "not base32"},
    {"GEZDGN\xc3\xa9", "not base32"},
    {"GE==GE==", "not base32"},
    {"G", "of a part of"},
    {"GEZ", "of a part of"},
    {"GEZDGN", "of a part of"},
    {"GEZDGNBVG", "of a part of"},
    {"otpauth:", "neither base32 nor"},
    {"otpauth:/totp/a?secret=GEZDGNBV", "neither base32 nor"},
    {"https://example.com/?secret=GEZDGNBV", "neither base32 nor"},
    {"otpauth-migration://offline?data=GEZDGNBV", "neither base32 nor"},
    {"otpauth://", "not of type totp"},
    {"otpauth://totp", "not of type totp"},
    {"otpauth://totpx/a?secret=GEZDGNBV", "not of type totp"},
    {"otpauth://steam/a?secret=GEZDGNBV", "not of type totp"},
    {"otpauth://hotp/a?secret=GEZDGNBV&counter=1", "hotp"},
    {"otpauth://HOTP?secret=GEZDGNBV", "hotp"},
    {"otpauth://totp/a", "the URI has no secret"},
    {"otpauth://totp/a?", "the URI has no secret"},
    {"otpauth://totp/a?digits=6", "the URI has no secret"},
    {"otpauth://totp/a#?secret=GEZDGNBV", "the URI has no secret"},
    {"otpauth://totp/a?secret=", "there is no secret"},
    {"otpauth://totp/a?secret", "not encoded"},
    {"otpauth://totp/a?secret=%4", "not encoded"},
    {"otpauth://totp/a?secret=GEZDGNBV%", "not encoded"},
    {"otpauth://totp/a?secret=%4g", "not encoded"},
    {"otpauth://totp/a?secret=GEZDGNBV&algorithm=SHA1%00", "not encoded"},
    {"otpauth://totp/a?secret=GEZDGNB1", "not base32"},
    {"otpauth://totp/a?secret=GEZDGNBV&secret=GEZDGNBV", "secret is there twice"},
    {"otpauth://totp/a?digits=6&secret=GEZDGNBV&digits=8", "digits is there twice"},
    {"otpauth://totp/a?secret=GEZDGNBV&algorithm=MD5", "the algorithm is not"},
    {"otpauth://totp/a?secret=GEZDGNBV&algorithm=SHA-256", "the algorithm is not"},
    {"otpauth://totp/a?secret=GEZDGNBV&algorithm=", "the algorithm is not"},
    {"otpauth://totp/a?secret=GEZDGNBV&digits=5", "digits is not"},
    {"otpauth://totp/a?secret=GEZDGNBV&digits=9", "digits is not"},
    {"otpauth://totp/a?secret=GEZDGNBV&digits=10", "digits is not"},
    {"otpauth://totp/a?secret=GEZDGNBV&digits=6x", "digits is not"},
    {"otpauth://totp/a?secret=GEZDGNBV&digits=", "digits is not"},
    {"otpauth://totp/a?secret=GEZDGNBV&digits=-6", "digits is not"},
    {"otpauth://totp/a?secret=GEZDGNBV&period=0", "period is not"},
    {"otpauth://totp/a?secret=GEZDGNBV&period=86401", "period is not"},
    {"otpauth://totp/a?secret=GEZDGNBV&period=4294967326", "period is not"},
    {"otpauth://totp/a?secret=GEZDGNBV&period=30s", "period is not"},
};

static void
says_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct totp totp;
        const char *why = NULL;
        if (totp_parse(&totp, bad[i].text, strlen(bad[i].text), &why)) {
            fail_msg("accepted: %s", bad[i].text);
        }
        assert_non_null(why);
        if (strstr(why, bad[i].why) == NULL) {
            fail_msg("%s: %s", bad[i].text, why);
        }
        assert_null(totp.key.text);
    }
    struct totp totp;
    const char *why;
    assert_false(totp_parse(&totp, "GEZD\0GNBV", 9, &why));
    assert_non_null(strstr(why, "not base32"));
    /* `len` ends the text, not a NUL. */
    assert_true(totp_parse(&totp, "GEZDGNBV!!", 8, &why));
    totp_free(&totp);
}

/* Each beginning of a URI is read without reading on: sanitizers and valgrind would tell. */
static void
stays_within_the_text(void **state)
{
    (void)state;
    static const char uri[] =
        "otpauth://totp/a?secret=%47%45&algorithm=SHA256&digits=8&period=60";
    for (size_t len = 0; len < sizeof uri; len++) {
        char *text = malloc(len == 0 ? 1 : len);
        struct totp totp;
        const char *why;
        assert_non_null(text);
        memcpy(text, uri, len);
        if (totp_parse(&totp, text, len, &why)) {
            totp_free(&totp);
        }
        free(text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_passwords_of_the_rfc),
        cmocka_unit_test(knows_the_period),
        cmocka_unit_test(parses_keys),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(stays_within_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
