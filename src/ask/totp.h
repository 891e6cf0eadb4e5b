/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One-time passwords by time (RFC 6238). Pure: no files, no clock, no waiting.
 */
#ifndef TOTP_H
#define TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "util/failure.h"
#include "util/secret.h"

#define TOTP_CODE_SIZE  9     /* eight digits and a NUL */
#define TOTP_PERIOD_MAX 86400 /* seconds: a day */

enum totp_algorithm { TOTP_SHA1, TOTP_SHA256, TOTP_SHA512 };

struct totp {
    struct secret key; /* decoded */
    enum totp_algorithm algorithm;
    unsigned digits; /* 6 to 8 */
    unsigned period; /* seconds, 1 to TOTP_PERIOD_MAX */
};

/*
 * Parses `len` bytes of text: a key in base32 (RFC 4648; blanks do not count, lower case will
 * do, padding may be absent), with SHA1, 6 digits and 30 seconds; or
 * otpauth://totp/LABEL?secret=BASE32&algorithm=SHA1|SHA256|SHA512&digits=6|7|8&period=SECONDS,
 * percent-encoded, of which only the secret must be there; other parameters are ignored.
 * False with a reason in `why` (static; it repeats nothing of the text), or NULL where memory
 * is short; nothing is to be freed then.
 */
bool totp_parse(struct totp *totp, const char *text, size_t len, const char **why);

/* Wipes; safe on a zeroed struct and twice. */
void totp_free(struct totp *totp);

/* Loads liboath, unless it was. False with INTERNAL in `failure`: totp_code() is not to be
 * called then. */
bool totp_ready(struct failure *failure);

/* The password of the period that `now` is in, to be wiped by the caller. False where the
 * library could not compute it. */
bool totp_code(const struct totp *totp, time_t now, char code[TOTP_CODE_SIZE]);

/* The time at which the period of `now` is over. */
time_t totp_period_end(const struct totp *totp, time_t now);

#endif
