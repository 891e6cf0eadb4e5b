/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys from text; liboath computes the passwords. Base32 is decoded here: oath_base32_decode()
 * frees a copy of the key that it does not wipe.
 */
#include <config.h>

#include "ask/totp.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "ask/oath_library.h"

/* ---- base32 ---- */

static int
base32_value(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a'
           : c >= '2' && c <= '7' ? c - '2' + 26
                                  : -1;
}

/* Appends what the text decodes to. Bits that fill no byte are dropped, as all authenticators
 * do. NULL, or what is wrong. */
static const char *
base32_decode(struct secret *key, const char *text, size_t len)
{
    unsigned bits = 0, count = 0;
    size_t digits = 0;
    bool padded = false;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == ' ' || text[i] == '\t') {
            continue;
        }
        if (text[i] == '=') {
            padded = true;
            continue;
        }
        int value = base32_value(text[i]);
        if (value < 0 || padded) {
            return "the secret is not base32";
        }
        digits++;
        bits = (bits << 5 | (unsigned)value) & 0xfff;
        count += 5;
        if (count >= 8) {
            count -= 8;
            unsigned char byte = (unsigned char)(bits >> count);
            if (!secret_append(key, &byte, 1)) {
                return "the secret is too long";
            }
        }
    }
    if (digits == 0) {
        return "there is no secret";
    }
    /* what would be left over is a whole digit: base32 never ends so */
    return count >= 5 ? "the secret is base32 of a part of something" : NULL;
}

/* ---- otpauth:// ---- */

static int
hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* Undoes percent-encoding; + is a blank, as forms encode it. */
static bool
percent_decode(struct secret *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i] == '+' ? ' ' : text[i];
        if (c == '%') {
            int high = i + 2 < len ? hex_value(text[i + 1]) : -1;
            int low = i + 2 < len ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (!secret_append(out, &c, 1)) {
            return false;
        }
    }
    return true;
}

static bool
take_number(const char *text, unsigned max, unsigned *number)
{
    *number = 0;
    if (*text == '\0' || strspn(text, "0123456789") != strlen(text)) {
        return false;
    }
    for (; *text != '\0' && *number <= max; text++) {
        *number = *number * 10 + (unsigned)(*text - '0');
    }
    return *number <= max;
}

static const char *
take_secret(struct totp *totp, const struct secret *value)
{
    return base32_decode(&totp->key, value->text, value->len);
}

static const char *
take_algorithm(struct totp *totp, const struct secret *value)
{
    static const char *const names[] = {"SHA1", "SHA256", "SHA512"};

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(value->text, names[i]) == 0) {
            totp->algorithm = (enum totp_algorithm)i;
            return NULL;
        }
    }
    return "the algorithm is not SHA1, SHA256 or SHA512";
}

static const char *
take_digits(struct totp *totp, const struct secret *value)
{
    return take_number(value->text, 8, &totp->digits) && totp->digits >= 6
               ? NULL
               : "digits is not 6, 7 or 8";
}

static const char *
take_period(struct totp *totp, const struct secret *value)
{
    return take_number(value->text, TOTP_PERIOD_MAX, &totp->period) && totp->period > 0
               ? NULL
               : "period is not a number of seconds from 1 to 86400";
}

static const struct parameter {
    const char *name;
    const char *twice;
    const char *(*take)(struct totp *totp, const struct secret *value);
} parameters[] = {
    {"secret", "secret is there twice", take_secret},
    {"algorithm", "algorithm is there twice", take_algorithm},
    {"digits", "digits is there twice", take_digits},
    {"period", "period is there twice", take_period},
};

/* One NAME=VALUE of the query; `seen` has a bit for each of `parameters`. */
static const char *
take_parameter(struct totp *totp, const char *text, size_t len, struct secret *value,
               unsigned *seen)
{
    const char *equals = memchr(text, '=', len);
    size_t name_len = equals == NULL ? len : (size_t)(equals - text);

    for (unsigned i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        const struct parameter *known = &parameters[i];
        if (strlen(known->name) != name_len || strncasecmp(known->name, text, name_len) != 0) {
            continue;
        }
        if ((*seen & 1U << i) != 0) {
            return known->twice;
        }
        *seen |= 1U << i;
        secret_clear(value);
        if (equals == NULL || !percent_decode(value, equals + 1, len - name_len - 1) ||
            memchr(value->text, '\0', value->len) != NULL) {
            return "the URI is not encoded as URIs are";
        }
        return known->take(totp, value);
    }
    return NULL;
}

static const char *
parse_query(struct totp *totp, const char *query, size_t len, struct secret *value)
{
    const char *end = query + len;
    unsigned seen = 0;

    while (query < end) {
        const char *next = memchr(query, '&', (size_t)(end - query));
        next = next == NULL ? end : next;
        const char *why = take_parameter(totp, query, (size_t)(next - query), value, &seen);
        if (why != NULL) {
            return why;
        }
        query = next < end ? next + 1 : end;
    }
    return (seen & 1) != 0 ? NULL : "the URI has no secret";
}

static bool
begins_with(const char *text, size_t len, const char *word)
{
    return len >= strlen(word) && strncasecmp(text, word, strlen(word)) == 0;
}

/* `text` is what is behind "otpauth://". */
static const char *
parse_uri(struct totp *totp, const char *text, size_t len, struct secret *value)
{
    if (begins_with(text, len, "hotp/") || begins_with(text, len, "hotp?")) {
        return "the URI is of type hotp, whose passwords a counter makes: only totp is known";
    }
    if (!begins_with(text, len, "totp/") && !begins_with(text, len, "totp?")) {
        return "the URI is not of type totp";
    }
    const char *fragment = memchr(text, '#', len);
    size_t whole = fragment == NULL ? len : (size_t)(fragment - text);
    const char *query = memchr(text, '?', whole);
    if (query == NULL) {
        return "the URI has no secret";
    }
    return parse_query(totp, query + 1, whole - (size_t)(query + 1 - text), value);
}

/* ---- the door ---- */

bool
totp_parse(struct totp *totp, const char *text, size_t len, const char **why)
{
    static const char scheme[] = "otpauth://";
    struct secret value = {NULL, 0, 0};

    *totp = (struct totp){.algorithm = TOTP_SHA1, .digits = 6, .period = 30};
    *why = NULL;
    if (!secret_init(&totp->key) || !secret_init(&value)) {
        totp_free(totp);
        return false;
    }
    while (len > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        len--;
    }
    if (!begins_with(text, len, scheme)) {
        *why = memchr(text, ':', len) == NULL ? base32_decode(&totp->key, text, len)
                                              : "neither base32 nor an otpauth://totp/ URI";
    } else {
        *why = parse_uri(totp, text + strlen(scheme), len - strlen(scheme), &value);
    }
    secret_free(&value);
    if (*why != NULL) {
        totp_free(totp);
    }
    return *why == NULL;
}

void
totp_free(struct totp *totp)
{
    secret_free(&totp->key);
}

static bool initialized;

static void
library_init(void)
{
    initialized = oath_init() == OATH_OK;
}

bool
totp_ready(struct failure *failure)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (!oath_library_load(failure)) {
        return false;
    }
    pthread_once(&once, library_init);
    if (!initialized) {
        failure_set(failure, OUTCOME_INTERNAL, "liboath cannot be initialized");
    }
    return initialized;
}

bool
totp_code(const struct totp *totp, time_t now, char code[TOTP_CODE_SIZE])
{
    static const int flags[] = {
        [TOTP_SHA1] = 0,
        [TOTP_SHA256] = OATH_TOTP_HMAC_SHA256,
        [TOTP_SHA512] = OATH_TOTP_HMAC_SHA512,
    };

    return oath_totp_generate2(totp->key.text, totp->key.len, now, totp->period,
                               OATH_TOTP_DEFAULT_START_TIME, totp->digits,
                               flags[totp->algorithm], code) == OATH_OK;
}

time_t
totp_period_end(const struct totp *totp, time_t now)
{
    time_t period = (time_t)totp->period;

    return (now / period + 1) * period;
}
