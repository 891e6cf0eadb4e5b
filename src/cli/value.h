/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Single values of the command line, from text. Pure: no memory, no locale, no messages but
 * static ones.
 */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Eleven days: far from what int64_t nanoseconds can hold. */
#define VALUE_SECONDS_MAX 1000000

/* Of "SHA256:" and what follows, without padding. */
#define VALUE_FINGERPRINT_LEN (sizeof("SHA256:") - 1 + 43)

/* Seconds as digits[.digits], above 0 and at most VALUE_SECONDS_MAX, to nanoseconds; what is
 * finer than those is cut off. */
bool value_seconds(const char *text, int64_t *nanoseconds);

/* A number of nothing but digits, from 1 to `max`. */
bool value_count(const char *text, unsigned max, unsigned *count);

/* Is it "none", in any case, by which ssh has an option name the absence of something? */
bool value_is_none(const char *text);

/* The index of `word` among the words of "a|b|c", or -1. */
int value_choice(const char *words, const char *word);

/*
 * Checks "SHA256:" and 43 characters of base64, a '=' behind them or not; the first
 * VALUE_FINGERPRINT_LEN bytes are then the fingerprint. Returns NULL, or a static text that
 * says what is wrong.
 */
const char *value_fingerprint(const char *text);

#endif
