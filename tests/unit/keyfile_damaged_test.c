/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/keyfile.c with what is no key, is cut, was changed, or lies about itself.
 */
#include <config.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "keyfile_fixture.h"

#define BLOCK(label, body) "-----BEGIN " label "-----\n" body "\n-----END " label "-----\n"
#define ENCRYPTED(cipher, iv, body)                                                            \
    BLOCK("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: " cipher "," iv "\n\n" body)
#define IV16    "00112233445566778899aabbccddeeFF"
#define BYTES16 "AAAAAAAAAAAAAAAAAAAAAA=="
#define EPKI                                                                                   \
    "MG0wSQYJKoZIhvcNAQUNMDwwGwYJKoZIhvcNAQUMMA4ECHNzc3Nzc3NzAgIIADAdBglghkgBZQMEASoEEGlpaWlp" \
    "aWlpaWlpaWlpaWkEIGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRk"
#define TOO_LONG    "deriving a key from its passphrase would take too long"
#define NOT_SO_LONG "the key is damaged: it is not as long as it says it is"
#define NO_KEY      "it is neither a private nor a public key"

/* `why` NULL: accepted. */
static const struct {
    const char *text, *why, *hint;
} texts[] = {
    /* other programs' formats */
    {"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "it is a key of PuTTY's",
     "puttygen FILE -O private-openssh -o NEW"},
    {"PuTTY-User-Key-File-2: ssh-rsa\r\n", "it is a key of PuTTY's", "puttygen"},
    {"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAAAgIA\n"
     "---- END SSH2 ENCRYPTED PRIVATE KEY ----\n",
     "it is a private key of SSH.com's", "ssh-keygen -i -f FILE"},
    {"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n",
     "it is a public key in SSH.com's format", "ssh-keygen -i -f FILE"},
    {"SSH PRIVATE KEY FILE FORMAT 1.1\n", "it is a key of the SSH protocol 1", ""},
    {BLOCK("PUBLIC KEY", "AAAA"), "it is a public key in PEM",
     "ssh-keygen -i -m PKCS8 -f FILE"},
    {BLOCK("RSA PUBLIC KEY", "AAAA"), "it is a public key in PEM", "ssh-keygen -i -m PEM"},
    {BLOCK("CERTIFICATE", "AAAA"), "it is an X.509 certificate, not a key", ""},
    /* none at all */
    {"\n", NO_KEY, ""},
    {"# only a comment", NO_KEY, ""},
    {"hello\033[2J\n", NO_KEY, ""},
    {"ssh-ed25519 AAAA\n", NO_KEY, ""},
    {"-----BEGIN RSA PRIVATE KEY----\n", NO_KEY, ""},
    {"-----BEGIN PRIVATE KEY", NO_KEY, ""},
    {" " BLOCK("PRIVATE KEY", "MAMCAQA="), NO_KEY, ""},
    /* armour */
    {"-----BEGIN PRIVATE KEY-----", "no line \"-----END PRIVATE KEY-----\"", ""},
    {"-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END RSA PRIVATE KEY-----\n", "no line", ""},
    {"-----BEGIN PRIVATE KEY-----\nMAMCAQA=-----END PRIVATE KEY-----\n", "no line", ""},
    {BLOCK("PRIVATE KEY", ""), "is not base64", ""},
    {BLOCK("PRIVATE KEY", "MAMC*QA="), "is not base64", ""},
    {BLOCK("PRIVATE KEY", "MAMCAQA"), "is not base64", ""},
    {BLOCK("PRIVATE KEY", "Comment: x\n\nMAMCAQA="), "its headers are not", ""},
    {BLOCK("X PRIVATE KEY", "MAMCAQA="), "a key of the form \"X PRIVATE KEY\" is not known",
     ""},
    {BLOCK(" PRIVATE KEY", "MAMCAQA="), "is not known", ""},
    /* what is inside */
    {BLOCK("PRIVATE KEY", "MAMCAQA="), NULL, ""},
    {BLOCK("RSA PRIVATE KEY", "MAMCAQA="), NULL, ""},
    {BLOCK("PRIVATE KEY", "MAMC"), NOT_SO_LONG, ""},
    {BLOCK("PRIVATE KEY", "MAMCAQAA"), NOT_SO_LONG, ""},
    {BLOCK("PRIVATE KEY", "MIADAgEA"), NOT_SO_LONG, ""},
    {BLOCK("PRIVATE KEY", "MIT/////AgEA"), NOT_SO_LONG, ""},
    {BLOCK("PRIVATE KEY", "AgEA"), NOT_SO_LONG, ""},
    {BLOCK("PRIVATE KEY", "MAA="), NOT_SO_LONG, ""},
    {BLOCK("RSA PRIVATE KEY", EPKI), NOT_SO_LONG, ""}, /* OpenSSL would ask for a passphrase */
    {BLOCK("ENCRYPTED PRIVATE KEY", EPKI), NULL, ""},
    {BLOCK("ENCRYPTED PRIVATE KEY", "MAMCAQA="), "it is not the encrypted key", ""},
    {BLOCK("ENCRYPTED PRIVATE KEY",
           "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC," IV16 "\n\n" EPKI),
     "it is encrypted twice", ""},
    /* what a passphrase costs: counts of 2^26 + some, 2^62; 2^24 times 32; scrypt with p 4096
     */
    {BLOCK(
         "ENCRYPTED PRIVATE KEY",
         "MG8wSwYJKoZIhvcNAQUNMD4wHQYJKoZIhvcNAQUMMBAECHNzc3Nzc3NzAgQEAAABMB0GCWCGSAFlAwQBKgQQ"
         "aWlpaWlpaWlpaWlpaWlpaQQgZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGQ="),
     TOO_LONG, "ssh-keygen -p -f FILE"},
    {BLOCK(
         "ENCRYPTED PRIVATE KEY",
         "MHMwTwYJKoZIhvcNAQUNMEIwIQYJKoZIhvcNAQUMMBQECHNzc3Nzc3NzAghAAAAAAAAAADAdBglghkgBZQME"
         "ASoEEGlpaWlpaWlpaWlpaWlpaWkEIGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRk"),
     TOO_LONG, "ssh-keygen -p -f FILE"},
    {BLOCK(
         "ENCRYPTED PRIVATE KEY",
         "MHIwTgYJKoZIhvcNAQUNMEEwIAYJKoZIhvcNAQUMMBMECHNzc3Nzc3NzAgQBAAAAAgEgMB0GCWCGSAFlAwQB"
         "KgQQaWlpaWlpaWlpaWlpaWlpaQQgZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGQ="),
     TOO_LONG, "ssh-keygen -p -f FILE"},
    {BLOCK(
         "ENCRYPTED PRIVATE KEY",
         "MHQwUAYJKoZIhvcNAQUNMEMwIgYJKwYBBAHaRwQLMBUECHNzc3Nzc3NzAgJAAAIBCAICEAAwHQYJYIZIAWUD"
         "BAEqBBBpaWlpaWlpaWlpaWlpaWlpBCBkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZA=="),
     TOO_LONG, "ssh-keygen -p -f FILE"},
    {BLOCK(
         "ENCRYPTED PRIVATE KEY", /* the same with p 1 */
         "MHMwTwYJKoZIhvcNAQUNMEIwIQYJKwYBBAHaRwQLMBQECHNzc3Nzc3NzAgJAAAIBCAIBATAdBglghkgBZQME"
         "ASoEEGlpaWlpaWlpaWlpaWlpaWkEIGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRk"),
     NULL, ""},
    {BLOCK(
         "ENCRYPTED PRIVATE KEY", /* sequences in sequences */
         "MGswRwYJKoZIhvcNAQUNMDowGTAXMBUwEzARMA8wDTALMAkwBzAFMAMCAQEwHQYJYIZIAWUDBAEqBBBpaWlp"
         "aWlpaWlpaWlpaWlpBCBkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZA=="),
     TOO_LONG, "ssh-keygen -p -f FILE"},
    /* the headers of an encrypted key */
    {ENCRYPTED("AES-128-CBC", IV16, BYTES16), NULL, ""},
    {ENCRYPTED("DES-EDE3-CBC", "0011223344556677", BYTES16), NULL, ""},
    {ENCRYPTED("DES-CBC", "0011223344556677", BYTES16),
     "it is encrypted by DES-CBC, which OpenSSL no longer has", "ssh-keygen -p -f FILE"},
    {ENCRYPTED("AES-128-CBC", IV16 "00", BYTES16), "its DEK-Info header is cut", ""},
    {ENCRYPTED("AES-128-CBC", "00", BYTES16), "its DEK-Info header is cut", ""},
    {ENCRYPTED("AES-128-CBC", "0g" IV16, BYTES16), "its headers are not", ""},
    {ENCRYPTED("AES-128-CBC", IV16 IV16, BYTES16), "its headers are not", ""},
    {ENCRYPTED("aes\033[2J", IV16, BYTES16), "its headers are not", ""},
    {ENCRYPTED("AES-128-CBC-AES-128-CBC-AES-128-CBC", IV16, BYTES16), "its headers are not",
     ""},
    {ENCRYPTED("", IV16, BYTES16), "its headers are not", ""},
    {ENCRYPTED("AES-128-CBC", IV16, "AAAAAAAAAAAAAAAAAAAAAAAA"), "it is not of whole blocks",
     ""},
    {BLOCK("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED"), "its headers are not", ""},
    {BLOCK("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\n" BYTES16), "its headers are not", ""},
    {BLOCK("RSA PRIVATE KEY", "Proc-Type: 4,MIC-ONLY\n\n" BYTES16), "its headers are not", ""},
    {BLOCK("OPENSSH PRIVATE KEY",
           "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC," IV16 "\n\n" BYTES16),
     "its headers are those of another format", ""},
    {BLOCK("OPENSSH PRIVATE KEY", BYTES16), "the key is damaged: its header", ""},
};

static void
judges_texts(void **state)
{
    (void)state;
    struct keyfile keyfile;

    for (size_t i = 0; i < COUNT(texts); i++) {
        write_private("key", texts[i].text, strlen(texts[i].text));
        if (texts[i].why != NULL) {
            load_refused("key", texts[i].why, texts[i].hint);
        } else {
            load_good(&keyfile, "key");
            assert_true(keyfile.is_private && keyfile.pem);
            keyfile_free(&keyfile);
        }
    }
}

static void
judges_bytes(void **state)
{
    (void)state;
    static const char der[] = "\x30\x82\x00\x03\x02\x01\x00";
    static const char wide[] = "-\0-\0-\0-\0-\0B\0E\0G\0I\0N\0";

    write_private("key", der, sizeof der - 1);
    load_refused("key", "it is in DER, not in PEM", "openssl pkey -inform DER");
    write_private("key", wide, sizeof wide - 1);
    load_refused("key", "there is a NUL in it", "");
    generate("sample", "-t ed25519", "");
    run("(cat sample; printf '\\0') >key; chmod 600 key");
    load_refused("key", "there is a NUL in it", "");
    run("(cat sample.pub; printf '\\0') >key");
    load_refused("key", "there is a NUL in it", "");
}

/* ---- OpenSSH's format, put together by hand ---- */

struct parts {
    const char *magic, *cipher, *kdf, *tail;
    struct built options, public_blob, private_part;
    unsigned long count;
};

static void
put_ed25519(struct parts *parts, const char *type, const char *comment)
{
    put_text(&parts->public_blob, type);
    put_string(&parts->public_blob, "0123456789abcdef0123456789abcdef", 32);
    put_u32(&parts->private_part, 0x12345678);
    put_u32(&parts->private_part, 0x12345678);
    put_bytes(&parts->private_part, parts->public_blob.bytes, parts->public_blob.len);
    put_text(&parts->private_part,
             "seedseedseedseedseedseedseedseed0123456789abcdef0123456789abcdef");
    put_text(&parts->private_part, comment);
    for (unsigned char pad = 1; parts->private_part.len % 8 != 0; pad++)
        put_bytes(&parts->private_part, &pad, 1);
}

static struct parts
plain_parts(void)
{
    struct parts parts = {"openssh-key-v1", "none",     "none",     "",
                          {.len = 0},       {.len = 0}, {.len = 0}, 1};
    put_ed25519(&parts, "ssh-ed25519", "comment");
    return parts;
}

static struct parts
encrypted_parts(const char *cipher, const char *salt, unsigned long rounds)
{
    struct parts parts = plain_parts();
    parts.cipher = cipher;
    parts.kdf = "bcrypt";
    put_text(&parts.options, salt);
    put_u32(&parts.options, rounds);
    parts.private_part.len = 64;
    return parts;
}

static void
write_parts(const struct parts *parts)
{
    struct built file = {.len = 0};
    char text[4096], encoded[3072];

    put_bytes(&file, parts->magic, strlen(parts->magic) + 1);
    put_text(&file, parts->cipher);
    put_text(&file, parts->kdf);
    put_string(&file, parts->options.bytes, parts->options.len);
    put_u32(&file, parts->count);
    put_string(&file, parts->public_blob.bytes, parts->public_blob.len);
    put_string(&file, parts->private_part.bytes, parts->private_part.len);
    put_bytes(&file, parts->tail, strlen(parts->tail));
    EVP_EncodeBlock((unsigned char *)encoded, file.bytes, (int)file.len);
    int len = snprintf(text, sizeof text, BLOCK("OPENSSH PRIVATE KEY", "%s"), encoded);
    write_private("key", text, (size_t)len);
}

static void
parts_good(const struct parts *parts, bool encrypted)
{
    struct keyfile keyfile;
    write_parts(parts);
    load_good(&keyfile, "key");
    assert_int_equal(keyfile.encrypted, encrypted);
    assert_string_equal(keyfile.key.type, "ssh-ed25519");
    keyfile_free(&keyfile);
}

static void
parts_refused(const struct parts *parts, const char *why, const char *hint)
{
    write_parts(parts);
    load_refused("key", why, hint);
}

static void
openssh_header(void **state)
{
    (void)state;
    struct parts parts = plain_parts();

    parts_good(&parts, false);
    parts.magic = "openssh-key-v2";
    parts_refused(&parts, "its header", "");
    parts = plain_parts();
    parts.count = 2;
    parts_refused(&parts, "its header", "");
    parts = plain_parts();
    parts.tail = "x";
    parts_refused(&parts, "it is not as long as it says it is", "");
    parts = plain_parts();
    parts.kdf = "bcrypt";
    parts_refused(&parts, "it has a passphrase, and no cipher", "");
    parts = plain_parts();
    parts.cipher = "";
    parts_refused(&parts, "it is encrypted by , which", "ssh-keygen -p -Z");
    parts.cipher = "aes256-ctr\033[2J\351";
    parts_refused(&parts, "aes256-ctr\\x1B[2J\\xE9, which", "ssh-keygen -p -Z");
    parts.public_blob.len = 0;
    parts.private_part.len = 0;
    parts.cipher = "none";
    parts_refused(&parts, "it is not as long as it says it is", "");
}

static void
openssh_kdf(void **state)
{
    (void)state;
    static const char damaged[] = "its parameters of bcrypt";
    struct parts parts = encrypted_parts("aes256-ctr", "0123456789abcdef", 16);

    parts_good(&parts, true);
    parts.private_part.len = 56;
    parts_refused(&parts, "it is not as long as it says it is", "");
    parts = encrypted_parts("3des-cbc", "0", 4096);
    parts.private_part.len = 56;
    parts_good(&parts, true);
    parts.kdf = "none";
    parts_refused(&parts, damaged, "");
    parts.kdf = "bcrypt2";
    parts_refused(&parts, damaged, "");
    parts = encrypted_parts("aes256-cbc", "0123456789abcdef", 0);
    parts_refused(&parts, damaged, "");
    parts = encrypted_parts("aes256-cbc", "", 16);
    parts_refused(&parts, damaged, "");
    parts = encrypted_parts("aes256-cbc", "0123456789abcdef", 16);
    parts.options.len--;
    parts_refused(&parts, damaged, "");
    parts.options.len = 0;
    parts_refused(&parts, damaged, "");
    parts = encrypted_parts("aes256-cbc", "0123456789abcdef", 4097);
    parts_refused(&parts, "takes 4097 rounds of bcrypt", "ssh-keygen -p -a");
    parts = encrypted_parts("aes256-cbc", "0123456789abcdef", 0xffffffff);
    parts_refused(&parts, "takes 4294967295 rounds of bcrypt", "ssh-keygen -p -a");
}

static void
openssh_key(void **state)
{
    (void)state;
    static const char public_half[] = "its public half", private_half[] = "its private half";
    struct parts parts = plain_parts();

    parts.public_blob.len--;
    parts_refused(&parts, public_half, "");
    parts.public_blob.len = 3;
    parts_refused(&parts, public_half, "");
    parts = plain_parts();
    put_text(&parts.public_blob, "more");
    parts_refused(&parts, public_half, "");
    parts = plain_parts();
    parts.public_blob.bytes[parts.public_blob.len - 1] ^= 1; /* not that of the private half */
    parts_refused(&parts, private_half, "");
    for (size_t bit = 0; bit < 8 * 8; bit++) { /* one of the numbers that must be equal */
        parts = plain_parts();
        parts.private_part.bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
        parts_refused(&parts, private_half, "");
    }
    for (size_t less = 8; less < plain_parts().private_part.len; less += 8) {
        parts = plain_parts();
        parts.private_part.len -= less;
        parts_refused(&parts, private_half, "");
    }
    parts = plain_parts();
    parts.private_part.bytes[parts.private_part.len - 1] ^= 1; /* padding */
    parts_refused(&parts, private_half, "");
    parts = plain_parts();
    put_bytes(&parts.private_part, "\1\2\3\4\5\6\7\10", 8);
    parts_refused(&parts, private_half, "");
}

static void
openssh_types(void **state)
{
    (void)state;
    static const struct {
        const char *type, *why, *hint;
    } types[] = {
        {"ssh-dss", "a key of the type ssh-dss", "ssh-keygen -p -m PEM -f FILE"},
        {"sk-ssh-ed25519@openssh.com", "type sk-ssh-ed25519@openssh.com", "ssh-agent"},
        {"ssh-ed25519-cert-v01@openssh.com", "libssh2 cannot sign with a key", "ssh-agent"},
        {"ssh-ed25519\033", "its public half", ""},
        {"", "its public half", ""},
    };

    for (size_t i = 0; i < COUNT(types); i++) {
        struct parts parts = plain_parts();
        parts.public_blob.len = parts.private_part.len = 0;
        put_ed25519(&parts, types[i].type, "");
        parts_refused(&parts, types[i].why, types[i].hint);
    }
}

/* ---- real keys, cut and changed ---- */

static const char *const samples[] = {"-t ed25519",      "-t ecdsa",      "-t rsa",
                                      "-t ecdsa -m PEM", "-t rsa -m PEM", "-t ecdsa -m PKCS8"};

/* Of the sample `i`, the second half of which are encrypted; to be freed. */
static char *
sample(size_t i)
{
    generate("sample", samples[i % COUNT(samples)], i < COUNT(samples) ? "" : PASSPHRASE);
    char *text = read_text("sample");
    assert_non_null(text);
    run("rm sample sample.pub");
    return text;
}

static void
cut_at_every_length(void **state)
{
    (void)state;
    struct keyfile keyfile;

    for (size_t i = 0; i < 2 * COUNT(samples); i++) {
        char *text = sample(i);
        size_t whole = strlen(text) - 1; /* only the last newline may be missing */
        for (size_t len = 0; len <= whole; len++) {
            write_private("key", text, len);
            if (len < whole)
                load_refused("key", "key: ", "");
        }
        load_good(&keyfile, "key");
        keyfile_free(&keyfile);
        free(text);
    }
}

/* Whatever the file is: refused with a reason, or accepted with a text that libssh2 can be
 * given. */
static void
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
        assert_true(keyfile.pem || keyfile.key.blob != NULL);
    } else {
        assert_non_null(keyfile.key.blob);
    }
    assert_printable(keyfile.key.type);
    keyfile_free(&keyfile);
}

static unsigned
next(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 16;
}

static void
changed_at_random(void **state)
{
    (void)state;
    static const char likely[] = "-----\n\r :,=AAAA/+\0\377";
    unsigned seed = 20261121;

    for (size_t i = 0; i < 2 * COUNT(samples); i++) {
        char *text = sample(i);
        size_t len = strlen(text);
        char *changed = malloc(len);
        for (int round = 0; round < 500; round++) {
            size_t from = next(&seed) % len, size = next(&seed) % (len - from) + 1;
            memcpy(changed, text, len);
            for (unsigned changes = next(&seed) % 4; changes > 0; changes--)
                changed[next(&seed) % len] = likely[next(&seed) % (sizeof likely - 1)];
            if (round % 4 == 0) /* bytes that moved */
                memmove(changed + next(&seed) % (len - size + 1), changed + from, size);
            if (round % 4 == 1)
                changed[next(&seed) % len] ^= (char)(1 << next(&seed) % 7);
            write_private("key", changed, round % 8 == 7 ? from : len);
            load_anything();
        }
        free(changed);
        free(text);
    }
}

/* The same beneath the armour, where it must be good for the rest to be reached. */
static void
changed_inside(void **state)
{
    (void)state;
    unsigned seed = 7;

    for (int round = 0; round < 3000; round++) {
        struct parts parts = round % 2 == 0
                                 ? plain_parts()
                                 : encrypted_parts("aes256-ctr", "0123456789abcdef", 16);
        struct built *const built[] = {&parts.public_blob, &parts.private_part, &parts.options};
        for (unsigned changes = next(&seed) % 3 + 1; changes > 0; changes--) {
            struct built *part = built[next(&seed) % COUNT(built)];
            if (part->len == 0)
                continue;
            part->bytes[next(&seed) % part->len] = (unsigned char)next(&seed);
            if (next(&seed) % 8 == 0)
                part->len = next(&seed) % (part->len + 1);
        }
        write_parts(&parts);
        load_anything();
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(judges_texts),        IN_DIRECTORY(judges_bytes),
        IN_DIRECTORY(openssh_header),      IN_DIRECTORY(openssh_kdf),
        IN_DIRECTORY(openssh_key),         IN_DIRECTORY(openssh_types),
        IN_DIRECTORY(cut_at_every_length), IN_DIRECTORY(changed_at_random),
        IN_DIRECTORY(changed_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
