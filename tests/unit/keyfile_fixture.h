/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tests of keys/keyfile.c share. After <cmocka.h>.
 */
#ifndef KEYFILE_FIXTURE_H
#define KEYFILE_FIXTURE_H

#include "keygen.h"
#include "keys/keyfile.h"

static inline void
load_good(struct keyfile *keyfile, const char *path)
{
    struct failure failure = FAILURE_INIT;
    if (!keyfile_load(keyfile, path, &failure))
        fail_msg("%s", failure.message);
    assert_false(failure_is_set(&failure));
}

static inline void
assert_empty(const struct keyfile *keyfile)
{
    assert_null(keyfile->text.text);
    assert_null(keyfile->key.blob);
    assert_null(keyfile->certificate.blob);
    assert_null(keyfile->certificate_text);
    assert_false(keyfile->is_private);
}

static inline void
assert_printable(const char *text)
{
    for (; *text != '\0'; text++)
        assert_true(*text >= ' ' && *text <= '~');
}

/* Refused, with `why` in the message, and the hint beginning with `hint` (empty: none). */
static inline void
load_refused(const char *path, const char *why, const char *hint)
{
    struct failure failure = FAILURE_INIT;
    struct keyfile keyfile;
    if (keyfile_load(&keyfile, path, &failure))
        fail_msg("%s was accepted, not refused: %s", path, why);
    assert_empty(&keyfile);
    assert_int_equal(failure.outcome, OUTCOME_CREDENTIAL);
    assert_printable(failure.message);
    assert_printable(failure.hint);
    if (strstr(failure.message, why) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", why, failure.message);
    if (strncmp(failure.hint, hint, strlen(hint)) != 0 ||
        (*hint == '\0') != (*failure.hint == '\0'))
        fail_msg("hint \"%s\", not \"%s\"", failure.hint, hint);
}

/* Whatever the file is: refused with a reason, or accepted with a text that libssh2 can be
 * given. */
static inline void
load_anything(void)
{
    struct failure failure = FAILURE_INIT;
    struct keyfile keyfile;

    if (!keyfile_load(&keyfile, "key", &failure)) {
        assert_empty(&keyfile);
        assert_int_equal(failure.outcome, OUTCOME_CREDENTIAL);
        assert_printable(failure.message);
        return;
    }
    assert_false(failure_is_set(&failure));
    if (keyfile.is_private) {
        assert_int_equal(strlen(keyfile.text.text), keyfile.text.len);
        assert_true(strstr(keyfile.text.text, "BEGIN OPENSSH") == NULL ||
                    keyfile.key.blob != NULL);
    } else {
        assert_non_null(keyfile.key.blob);
    }
    assert_printable(keyfile.key.type);
    keyfile_free(&keyfile);
}

/* A number of 16 bits, the same ones in each run. */
static inline unsigned
next(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 16;
}

#define BLOCK(label, body) "-----BEGIN " label "-----\n" body "\n-----END " label "-----\n"

#endif
