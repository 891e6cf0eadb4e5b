/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/keyfile.c with what is no key, was cut, or was changed.
 */
#include <config.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "keyfile_fixture.h"

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
    {BLOCK("RSA PRIVATE KEY", EPKI), NOT_SO_LONG, ""}, /* it needs a passphrase */
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
            assert_true(keyfile.is_private && keyfile.key.blob == NULL);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(judges_texts),
        IN_DIRECTORY(judges_bytes),
        IN_DIRECTORY(cut_at_every_length),
        IN_DIRECTORY(changed_at_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
