/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys of one-time passwords, as base32 and as otpauth:// URIs: what is taken gives passwords
 * of its digits, and what is not is told without a byte of it.
 */
#include <config.h>

#include "ask/totp.h"
#include "fuzz.h"

static void
try_codes(const struct totp *totp)
{
    static const time_t now = 1234567890;
    char code[TOTP_CODE_SIZE], same[TOTP_CODE_SIZE];
    time_t end = totp_period_end(totp, now);

    REQUIRE(totp->key.len > 0 && totp->digits >= 6 && totp->digits <= 8);
    REQUIRE(totp->period >= 1 && totp->period <= TOTP_PERIOD_MAX);
    REQUIRE(end > now && end - now <= (time_t)totp->period);
    REQUIRE(totp_ready(&FAILURE_INIT));
    REQUIRE(totp_code(totp, now, code) && totp_code(totp, end - 1, same));
    REQUIRE(strlen(code) == totp->digits && strspn(code, "0123456789") == totp->digits);
    REQUIRE(strcmp(code, same) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct totp totp, again;
    const char *why = NULL, *why_again = NULL;
    char *text = fuzz_copy(data, size);

    bool good = totp_parse(&totp, text, size, &why);
    REQUIRE(good == totp_parse(&again, text, size, &why_again) && why == why_again);
    REQUIRE(good == (why == NULL));
    if (good) {
        REQUIRE(totp.key.len == again.key.len && totp.digits == again.digits);
        REQUIRE(totp.period == again.period && totp.algorithm == again.algorithm);
        REQUIRE(memcmp(totp.key.text, again.key.text, totp.key.len) == 0);
        try_codes(&totp);
    } else {
        REQUIRE(totp.key.text == NULL && fuzz_is_line(why));
    }
    totp_free(&totp);
    totp_free(&again);
    free(text);
    return 0;
}
