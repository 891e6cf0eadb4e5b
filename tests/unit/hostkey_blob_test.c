/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one form of a key: what becomes of a server's key that is written in another way.
 * ssh-keygen is shown each of them, and must take the same ones for the same key.
 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "keygen.h"
#include "probe/hostkey_blob.h"
#include "probe/hostkey_known.h"

static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";

/* 0 with the fingerprint in `out`, or what hostkey_blob_canonical() says. */
static int
fingerprint_of(char out[HOSTKEY_FINGERPRINT_SIZE], const struct built *blob)
{
    unsigned char *canonical = NULL, *exact = malloc(blob->len + 1);
    size_t len = 0;
    out[0] = '\0';
    assert_non_null(exact);
    memcpy(exact + 1, blob->bytes, blob->len); /* so that a byte too many is seen */
    int rc = hostkey_blob_canonical(exact + 1, blob->len, &canonical, &len);
    free(exact);
    if (rc == 0) {
        assert_in_range(len, 1, blob->len);
        assert_true(hostkey_fingerprint(out, canonical, len));
        free(canonical);
    }
    return rc;
}

/* The same by ssh-keygen; false where it takes it for no key. */
static bool
ask_ssh_keygen(char out[HOSTKEY_FINGERPRINT_SIZE], const struct built *blob, const char *type)
{
    char encoded[2048], line[2200];
    EVP_EncodeBlock((unsigned char *)encoded, blob->bytes, (int)blob->len);
    snprintf(line, sizeof(line), "%s %s\n", type, encoded);
    write_text("shown.pub", line);
    int status = system("ssh-keygen -l -f shown.pub >listed 2>/dev/null");
    char *text = read_text("listed");
    assert_non_null(text);
    bool good =
        WIFEXITED(status) && WEXITSTATUS(status) == 0 && sscanf(text, "%*s %63s", out) == 1;
    free(text);
    return good;
}

/* Both say the same; returns whether it is a key. */
static bool
agree(const struct built *blob, const char *type)
{
    char ours[HOSTKEY_FINGERPRINT_SIZE], theirs[HOSTKEY_FINGERPRINT_SIZE] = "";
    int rc = fingerprint_of(ours, blob);
    bool good = ask_ssh_keygen(theirs, blob, type);
    assert_int_equal(rc, good ? 0 : -EBADMSG);
    if (good)
        assert_string_equal(ours, theirs);
    return good;
}

/* A key of ssh-keygen's, and the fields behind its type. */
struct key {
    char type[64];
    struct {
        unsigned char bytes[600];
        size_t len;
    } field[4];
    size_t count;
};

static void
make_key(struct key *key, const char *options)
{
    unsigned char bytes[1024];
    char encoded[1400];
    run("rm -f made made.pub");
    generate("made", options, "");
    char *text = read_text("made.pub");
    assert_non_null(text);
    assert_int_equal(sscanf(text, "%63s %1399s", key->type, encoded), 2);
    free(text);
    int len = EVP_DecodeBlock(bytes, (unsigned char *)encoded, (int)strlen(encoded));
    while (strlen(encoded) > 0 && encoded[strlen(encoded) - 1] == '=') {
        encoded[strlen(encoded) - 1] = '\0';
        len--;
    }
    key->count = 0;
    for (size_t at = 4 + strlen(key->type); at < (size_t)len; key->count++) {
        size_t size = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        assert_true(key->count < 4 && size <= sizeof(key->field[0].bytes));
        key->field[key->count].len = size;
        memcpy(key->field[key->count].bytes, bytes + at + 4, size);
        at += 4 + size;
    }
}

/* The key, with `text` before the field at `place`, and `cut` bytes of the field left out
 * there. */
static struct built
build(const struct key *key, size_t place, const char *text, size_t text_len, size_t cut)
{
    struct built blob = {.len = 0};
    put_text(&blob, key->type);
    for (size_t i = 0; i < key->count; i++) {
        size_t out = i == place ? cut : 0, in = i == place ? text_len : 0;
        put_u32(&blob, key->field[i].len - out + in);
        put_bytes(&blob, text, in);
        put_bytes(&blob, key->field[i].bytes + out, key->field[i].len - out);
    }
    return blob;
}

static void
test_numbers(void **state)
{
    (void)state;
    static const char *const options[] = {"-t rsa -b 2048", "-t dsa"};
    for (size_t i = 0; i < COUNT(options); i++) {
        struct key key;
        char as_made[HOSTKEY_FINGERPRINT_SIZE], other[HOSTKEY_FINGERPRINT_SIZE];
        /* OpenSSH 10 makes none any more */
        if (strcmp(options[i], "-t dsa") == 0 && system("ssh -Q key | grep -qx ssh-dss") != 0)
            continue;
        make_key(&key, options[i]);
        struct built blob = build(&key, 0, "", 0, 0);
        assert_true(agree(&blob, key.type));
        fingerprint_of(as_made, &blob);
        for (size_t place = 0; place < key.count; place++) {
            bool zero = key.field[place].bytes[0] == 0;
            blob = build(&key, place, "\0\0\0", 3, 0);
            assert_true(agree(&blob, key.type));
            assert_int_equal(fingerprint_of(other, &blob), 0);
            assert_string_equal(other, as_made);
            blob = build(&key, place, "", 0, zero);
            assert_int_equal(agree(&blob, key.type), !zero); /* without it negative */
        }
        blob = build(&key, 0, "", 0, 0);
        put_text(&blob, "behind");
        assert_false(agree(&blob, key.type));
        blob.len -= 10 + 4 + key.field[key.count - 1].len;
        assert_false(agree(&blob, key.type));
    }
}

static void
test_strings(void **state)
{
    (void)state;
    static const char *const options[] = {"-t ed25519", "-t ecdsa -b 256", "-t ecdsa -b 384",
                                          "-t ecdsa -b 521"};
    for (size_t i = 0; i < COUNT(options); i++) {
        struct key key;
        make_key(&key, options[i]);
        struct built blob = build(&key, 0, "", 0, 0);
        assert_true(agree(&blob, key.type));
        for (size_t place = 0; place < key.count; place++) {
            blob = build(&key, place, "\0", 1, 0);
            assert_false(agree(&blob, key.type));
            blob = build(&key, place, "", 0, 1);
            assert_false(agree(&blob, key.type));
        }
        blob = build(&key, 0, "", 0, 0);
        put_text(&blob, "");
        assert_false(agree(&blob, key.type));
        if (key.count == 2) { /* hybrid and compressed points */
            size_t half = (key.field[1].len - 1) / 2;
            key.field[1].bytes[0] = 6 + (key.field[1].bytes[2 * half] & 1);
            blob = build(&key, 0, "", 0, 0);
            assert_false(agree(&blob, key.type));
            key.field[1].bytes[0] -= 4;
            key.field[1].len = 1 + half;
            blob = build(&key, 0, "", 0, 0);
            assert_false(agree(&blob, key.type));
        }
    }
}

/* Of these ssh-keygen knows nothing, or nothing else. */
static void
test_others(void **state)
{
    (void)state;
    char ours[HOSTKEY_FINGERPRINT_SIZE];
    struct built blob = {.len = 0};
    assert_int_equal(fingerprint_of(ours, &blob), -EBADMSG);
    put_bytes(&blob, "\0\0\0\13ssh-ed2551", 14);
    assert_int_equal(fingerprint_of(ours, &blob), -EBADMSG);
    put_bytes(&blob, "9", 1);
    assert_int_equal(fingerprint_of(ours, &blob), -EBADMSG);
    blob.len = 0;
    put_text(&blob, "ssh-new");
    put_text(&blob, letters);
    put_text(&blob, "");
    assert_int_equal(fingerprint_of(ours, &blob), 0);
    blob.len = 0;
    put_text(&blob, "ssh-rsa");
    put_string(&blob, "\0\0\0", 3); /* nothing but zeros is no number of a key */
    put_text(&blob, letters);
    assert_int_equal(fingerprint_of(ours, &blob), -EBADMSG);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(test_numbers),
        IN_DIRECTORY(test_strings),
        cmocka_unit_test(test_others),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
