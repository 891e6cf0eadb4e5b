/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/public.c, compared with ssh-keygen.
 */
#include <config.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "keygen.h"
#include "keys/public.h"

static const struct {
    const char *options, *type;
} generated[] = {
    {"-t ed25519", "ssh-ed25519"},
    {"-t ecdsa -b 256", "ecdsa-sha2-nistp256"},
    {"-t ecdsa -b 384", "ecdsa-sha2-nistp384"},
    {"-t ecdsa -b 521", "ecdsa-sha2-nistp521"},
    {"-t rsa -b 2048", "ssh-rsa"},
};

/* The first line of a file, as a key. */
static bool
load(struct public_key *key, const char *path)
{
    char *text = read_text(path);
    assert_non_null(text);
    bool good = public_key_parse(key, text, strcspn(text, "\n"));
    free(text);
    return good;
}

static void
assert_fingerprint(const struct public_key *key, const char *path)
{
    char ours[PUBLIC_FINGERPRINT], theirs[64];
    fingerprint_by_ssh_keygen(theirs, path);
    assert_ptr_equal(public_key_fingerprint(ours, key->blob, key->len), ours);
    assert_string_equal(ours, theirs);
}

/* NAME.pub is the key; it is signed by the authority "ca" here. */
static void
check_key_and_certificate(const char *name, const char *type)
{
    char path[64];
    struct public_key key, certificate, other;

    snprintf(path, sizeof path, "%s.pub", name);
    assert_true(load(&key, path));
    assert_string_equal(key.type, type);
    assert_false(public_key_is_certificate(&key));
    assert_false(public_key_certifies(&key, &key));
    assert_fingerprint(&key, path);

    run("ssh-keygen -q -s ca -I identity -n alice,bob -O force-command=true '%s'", path);
    snprintf(path, sizeof path, "%s-cert.pub", name);
    assert_true(load(&certificate, path));
    assert_true(public_key_is_certificate(&certificate));
    assert_true(public_key_certifies(&certificate, &key));
    assert_false(public_key_certifies(&certificate, &certificate));
    assert_fingerprint(&certificate, path);

    assert_true(load(&other, "ca.pub"));
    assert_false(public_key_certifies(&certificate, &other));
    key.blob[key.len - 1] ^= 1;
    assert_false(public_key_certifies(&certificate, &key));
    public_key_free(&key);
    assert_false(public_key_certifies(&certificate, &key));
    public_key_free(&key);
    public_key_free(&other);
    public_key_free(&certificate);
    assert_null(certificate.blob);
}

static void
agrees_with_ssh_keygen(void **state)
{
    (void)state;
    generate("ca", "-t ed25519", "");
    for (size_t i = 0; i < COUNT(generated); i++) {
        generate("key", generated[i].options, "");
        check_key_and_certificate("key", generated[i].type);
        run("rm key key.pub key-cert.pub");
    }
}

/* ---- keys of security tokens, for which there is no token ---- */

static void
write_line(const char *path, const char *type, const struct built *blob)
{
    unsigned char encoded[2048];
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    EVP_EncodeBlock(encoded, blob->bytes, (int)blob->len);
    fprintf(file, "%s %s a comment\n", type, (char *)encoded);
    assert_int_equal(fclose(file), 0);
}

static void
token_keys(void **state)
{
    (void)state;
    struct public_key plain;
    struct built ed25519 = {.len = 0}, ecdsa = {.len = 0};

    generate("ca", "-t ed25519", "");
    assert_true(load(&plain, "ca.pub"));
    put_text(&ed25519, "sk-ssh-ed25519@openssh.com");
    put_string(&ed25519, plain.blob + plain.len - 32, 32);
    put_text(&ed25519, "ssh:");
    write_line("a.pub", "sk-ssh-ed25519@openssh.com", &ed25519);
    check_key_and_certificate("a", "sk-ssh-ed25519@openssh.com");
    public_key_free(&plain);

    generate("p256", "-t ecdsa -b 256", "");
    assert_true(load(&plain, "p256.pub"));
    put_text(&ecdsa, "sk-ecdsa-sha2-nistp256@openssh.com");
    put_text(&ecdsa, "nistp256");
    put_string(&ecdsa, plain.blob + plain.len - 65, 65);
    put_text(&ecdsa, "ssh:");
    write_line("b.pub", "sk-ecdsa-sha2-nistp256@openssh.com", &ecdsa);
    check_key_and_certificate("b", "sk-ecdsa-sha2-nistp256@openssh.com");
    public_key_free(&plain);
}

/* By hand: today's ssh-keygen makes none. */
static void
dsa_certificate(void **state)
{
    (void)state;
    struct built plain = {.len = 0}, built = {.len = 0};
    struct public_key key, certificate;
    static const unsigned char zero[16];

    put_text(&plain, "ssh-dss");
    put_text(&built, "ssh-dss-cert-v01@openssh.com");
    put_text(&built, "nonce");
    for (int i = 0; i < 4; i++) {
        put_string(&plain, &"pqgy"[i], 1);
        put_string(&built, &"pqgy"[i], 1);
    }
    put_bytes(&built, zero, 12);
    put_text(&built, "id");
    put_text(&built, "");
    put_bytes(&built, zero, 16);
    for (int i = 0; i < 5; i++)
        put_text(&built, "");
    assert_true(public_key_copy(&key, plain.bytes, plain.len));
    write_line("dsa-cert.pub", "ssh-dss-cert-v01@openssh.com", &built);
    assert_true(load(&certificate, "dsa-cert.pub"));
    assert_true(public_key_certifies(&certificate, &key));
    char a[PUBLIC_FINGERPRINT], b[PUBLIC_FINGERPRINT];
    assert_string_equal(public_key_fingerprint(a, key.blob, key.len),
                        public_key_fingerprint(b, certificate.blob, certificate.len));
    public_key_free(&key);
    public_key_free(&certificate);
}

/* ---- what is malformed ---- */

static const struct {
    const char *name, *blob;
    size_t len;
    bool good;
} blobs[] = {
    {"nothing", "", 0, false},
    {"half a length", "\0\0\0", 3, false},
    {"no name", "\0\0\0\0", 4, false},
    {"length beyond the end", "\0\0\0\5abcd", 8, false},
    {"huge length", "\377\377\377\377abcd", 8, false},
    {"only a name", "\0\0\0\4abcd", 8, true},
    {"name of a domain", "\0\0\0\3a@b", 7, true},
    {"begins with @", "\0\0\0\3@ab", 7, false},
    {"two @", "\0\0\0\3@@b", 7, false},
    {"two @, later", "\0\0\0\5a@b@c", 9, false},
    {"comma", "\0\0\0\3a,b", 7, false},
    {"blank", "\0\0\0\3a b", 7, false},
    {"NUL", "\0\0\0\3a\0b", 7, false},
    {"escape", "\0\0\0\3a\033b", 7, false},
    {"DEL", "\0\0\0\3a\177b", 7, false},
    {"not ASCII", "\0\0\0\3a\351b", 7, false},
    {"63 bytes", "\0\0\0\77aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 67,
     true},
    {"64 bytes", "\0\0\0\100aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     68, false},
    {"what follows is not looked at", "\0\0\0\4abcd\377\377", 10, true},
};

static void
copies_only_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(blobs); i++) {
        struct public_key key;
        bool good = public_key_copy(&key, (const unsigned char *)blobs[i].blob, blobs[i].len);
        if (good != blobs[i].good)
            fail_msg("%s", blobs[i].name);
        if (good) {
            assert_int_equal(key.len, blobs[i].len);
            assert_memory_equal(key.blob, blobs[i].blob, key.len);
            assert_int_equal(strlen(key.type), blobs[i].blob[3]);
        } else {
            assert_null(key.blob);
            assert_string_equal(key.type, "");
        }
        public_key_free(&key);
    }
}

#define BASE64 "AAAAC3NzaC1lZDI1NTE5AAAAIL5euuYrItCLGpgSZIJQAcUxtc6EF3MydgYRe6mkrNA0"

static const struct {
    const char *line;
    bool good;
} lines[] = {
    {ED25519, true},
    {ED25519 " a comment", true},
    {ED25519 "\t\377\033 anything", true},
    {ED25519 "\r", true},
    {" \t" ED25519 " ", true},
    {ECDSA, true},
    {RSA, true},
    {"", false},
    {" ", false},
    {"ssh-ed25519", false},
    {"ssh-ed25519 ", false},
    {BASE64, false},
    {"ssh-ed25519 ssh-ed25519 " BASE64, false},
    {"ssh-rsa " BASE64, false},
    {"ssh-ed2551 " BASE64, false},
    {"ssh-ed255199 " BASE64, false},
    {"SSH-ED25519 " BASE64, false},
    {"ssh-ed25519-cert-v01@openssh.com " BASE64, false},
    {"ssh-ed25519 " BASE64 "AAAA", false},
    {"ssh-ed25519 " BASE64 "=", false},
    {"ssh-ed25519 =" BASE64, false},
    {"ssh-ed25519 " BASE64 "====", false},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", false},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAAA==", false},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5/////w==", false},
    {"ssh-ed25519 ////////", false},
    {"ssh-ed25519 A-A_", false},
    {"a AAAAAWE=", true},  /* a type that nobody knows */
    {"a AAAAAWF=", false}, /* bits beyond the end */
    {"a AAAAAWE", false},  /* no padding */
    {"a AAAAAWE= AAAA", true},
    {"a AAAAAWE=AAAA", false},
    {"a AAAAAWE==", false},
    {"a AAAAAW=E", false},
    {"a A\377AAAWE=", false},
    {"option=\"x\" " ED25519, false},
};

static void
parses_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct public_key key;
        size_t len = strlen(lines[i].line);
        char *exact =
            malloc(len + 1); /* no NUL at the end: a sanitizer sees what goes beyond */
        memcpy(exact, lines[i].line, len);
        if (public_key_parse(&key, exact, len) != lines[i].good)
            fail_msg("line %zu: %s", i, lines[i].line);
        assert_true((key.blob != NULL) == lines[i].good);
        public_key_free(&key);
        free(exact);
    }
}

static void
check_damaged(const unsigned char *bytes, size_t len, const struct public_key *certificate)
{
    char fingerprint[PUBLIC_FINGERPRINT];
    struct public_key key;
    unsigned char *exact = malloc(len + 1);

    memcpy(exact, bytes, len);
    assert_int_equal(strlen(public_key_fingerprint(fingerprint, exact, len)), 50);
    if (public_key_copy(&key, exact, len)) {
        (void)public_key_certifies(&key, certificate);
        (void)public_key_certifies(certificate, &key);
        (void)public_key_is_certificate(&key);
    }
    public_key_free(&key);
    free(exact);
}

/* No part of a certificate certifies anything, and no damage is read beyond the end. */
static void
damaged_certificates(void **state)
{
    (void)state;
    struct public_key certificate, key, cut;
    unsigned seed = 1;

    generate("ca", "-t ed25519", "");
    generate("key", "-t ecdsa", "");
    run("ssh-keygen -q -s ca -I identity -n alice key.pub");
    assert_true(load(&certificate, "key-cert.pub") && load(&key, "key.pub"));
    for (size_t len = 0; len < certificate.len; len++) {
        check_damaged(certificate.blob, len, &certificate);
        if (public_key_copy(&cut, certificate.blob, len))
            assert_false(public_key_certifies(&cut, &key));
        public_key_free(&cut);
    }
    for (size_t i = 0; i < 8 * certificate.len; i++) {
        certificate.blob[i / 8] ^= (unsigned char)(1U << i % 8);
        check_damaged(certificate.blob, certificate.len, &key);
        certificate.blob[i / 8] ^= (unsigned char)(1U << i % 8);
    }
    for (int i = 0; i < 5000; i++) {
        for (int flips = 0; flips < 3; flips++) {
            seed = seed * 1103515245 + 12345;
            certificate.blob[seed / 65536 % certificate.len] = (unsigned char)(seed >> 8);
        }
        check_damaged(certificate.blob, certificate.len, &key);
        if (i % 20 == 0) {
            public_key_free(&certificate);
            assert_true(load(&certificate, "key-cert.pub"));
        }
    }
    public_key_free(&certificate);
    public_key_free(&key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(agrees_with_ssh_keygen), IN_DIRECTORY(token_keys),
        IN_DIRECTORY(dsa_certificate),        cmocka_unit_test(copies_only_names),
        cmocka_unit_test(parses_lines),       IN_DIRECTORY(damaged_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
