/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * totp: as a source: what can be wrong with it, and that a password goes to each login once.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "ask/source.h"
#include "ask/totp.h"
#include "ask_fixture.h"

/* Reads the source for `login`; what it said, or NULL at TIMEOUT. */
static const char *
code_for(const char *text, const char *login, struct deadline deadline)
{
    static char code[TOTP_CODE_SIZE];
    struct failure failure = FAILURE_INIT;
    struct source source;
    struct secret secret;
    const char *why;
    assert_true(source_init(&source, text, &why));
    assert_true(secret_init(&secret));
    bool good = source_read(&source, login, deadline, &secret, &failure);
    if (!good) {
        assert_int_equal(failure.outcome, OUTCOME_TIMEOUT);
        assert_non_null(strstr(failure.hint, "--timeout"));
    }
    snprintf(code, sizeof code, "%s", secret.text);
    secret_free(&secret);
    source_free(&source);
    return good ? code : NULL;
}

/* Not time(2), which may be some milliseconds late. */
static time_t
seconds_now(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
    return now.tv_sec;
}

/* The password that the key "12345" has at `now`. */
static const char *
code_at(unsigned period, time_t now)
{
    static char code[TOTP_CODE_SIZE];
    struct totp totp = {.algorithm = TOTP_SHA1, .digits = 6, .period = period};
    assert_true(secret_init(&totp.key));
    assert_true(secret_append(&totp.key, "12345", 5));
    assert_true(totp_ready(&FAILURE_INIT) && totp_code(&totp, now, code));
    totp_free(&totp);
    return code;
}

static void
answers_with_one_time_passwords(void **state)
{
    (void)state;
    const char *text;
    expect_failure(fixture_source("totp:", "otp", "not base 32!\n"), OUTCOME_CREDENTIAL,
                   "the secret is not base32");
    expect_failure(fixture_source("totp:", "otp", "\n"), OUTCOME_CREDENTIAL, "no secret");
    expect_failure(fixture_source("totp:", "otp", ""), OUTCOME_CREDENTIAL, "end of file");
    expect_failure(fixture_source("totp:", "otp", "otpauth://hotp/x?secret=GEZDGNBV&counter=1"),
                   OUTCOME_CREDENTIAL, "hotp");
    expect_failure("totp:/nonexistent/x", OUTCOME_CREDENTIAL, "No such file");

    /* A day: the password stays the same while this runs, but for an instant at midnight. */
    text = fixture_source("totp:", "otp", "otpauth://totp/x?secret=GEZDGNBV&period=86400");
    time_t now = seconds_now();
    if (now % 86400 > 86400 - 20) {
        skip();
    }
    assert_string_equal(code_for(text, "alice@a:22", FAR), code_at(86400, now));
    assert_string_equal(code_for(text, "alice@b:22", FAR), code_at(86400, now));
    int64_t start = clock_now();
    assert_null(code_for(text, "alice@a:22", deadline_after(DEADLINE_SECOND / 5)));
    assert_true(clock_ms_since(start) >= 190);
    assert_true(clock_ms_since(start) < 5000);
}

/* With a period of a second: each login has each password once. */
static void
waits_for_the_next_password(void **state)
{
    (void)state;
    const char *text =
        fixture_source("totp:", "otp", "otpauth://totp/x?secret=GEZDGNBV&period=1\n");
    char codes[3][TOTP_CODE_SIZE];
    time_t first = seconds_now();
    for (size_t i = 0; i < 3; i++) {
        snprintf(codes[i], sizeof codes[i], "%s", code_for(text, LOGIN, FAR));
    }
    time_t last = seconds_now();
    assert_true(last >= first + 2);
    /* Each is of a later second than the one before. */
    size_t found = 0;
    for (time_t now = first; now <= last && found < 3; now++) {
        found += strcmp(code_at(1, now), codes[found]) == 0;
    }
    assert_int_equal(found, 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_with_one_time_passwords),
        cmocka_unit_test(waits_for_the_next_password),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
