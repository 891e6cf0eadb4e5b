/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/keyfile.c with files that are in order: keys of every type and format from ssh-keygen,
 * certificates, and who may read them. Damaged ones: keyfile_damaged_test.c.
 */
#include <config.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "keyfile_fixture.h"

static const char *const types[] = {"-t ed25519", "-t ecdsa -b 256", "-t ecdsa -b 384",
                                    "-t ecdsa -b 521", "-t rsa -b 2048"};
static const char *const formats[] = {"", "-m PEM", "-m PKCS8"};

/* What is handed to libssh2: one block of lines of at most 64 characters, that ssh-keygen takes
 * for the same key. */
static void
check_text(const struct keyfile *keyfile, const char *passphrase)
{
    const char *text = keyfile->text.text;

    assert_int_equal(strlen(text), keyfile->text.len);
    assert_int_equal(strncmp(text, "-----BEGIN ", 11), 0);
    assert_int_equal(text[keyfile->text.len - 1], '\n');
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 64);
    write_private("again", text, keyfile->text.len);
    run("ssh-keygen -y -P '%s' -f again | cut -d' ' -f1,2 >public", passphrase);
    run("cut -d' ' -f1,2 <key.pub | cmp -s - public");
}

static void
check_key(const char *passphrase)
{
    struct keyfile keyfile;
    char ours[PUBLIC_FINGERPRINT], theirs[64];
    char *file = read_text("key"), *public = read_text("key.pub");

    load_good(&keyfile, "key");
    assert_true(keyfile.is_private);
    assert_int_equal(keyfile.encrypted, passphrase[0] != '\0');
    assert_null(keyfile.certificate.blob);
    assert_null(keyfile.certificate_text);
    if (strstr(file, "BEGIN OPENSSH") == NULL) {
        assert_null(keyfile.key.blob);
    } else {
        fingerprint_by_ssh_keygen(theirs, "key.pub");
        public_key_fingerprint(ours, keyfile.key.blob, keyfile.key.len);
        assert_string_equal(ours, theirs);
        assert_int_equal(strncmp(public, keyfile.key.type, strlen(keyfile.key.type)), 0);
    }
    check_text(&keyfile, passphrase);
    keyfile_free(&keyfile);
    assert_null(keyfile.text.text);
    keyfile_free(&keyfile);
    free(file);
    free(public);
}

static void
every_type_and_format(void **state)
{
    (void)state;
    char options[64];

    for (size_t type = 0; type < COUNT(types); type++) {
        for (size_t format = 0; format < COUNT(formats); format++) {
            snprintf(options, sizeof options, "%s %s", types[type], formats[format]);
            generate("key", options, "");
            check_key("");
            run("ssh-keygen -q -p -a 1 %s -P '' -N '%s' -f key >/dev/null", formats[format],
                PASSPHRASE);
            check_key(PASSPHRASE);
            run("rm key key.pub");
        }
    }
}

/* ssh-keygen writes ed25519 in PKCS#8 only from 9.6 on; this is the example of RFC 8410. */
static void
ed25519_in_pkcs8(void **state)
{
    (void)state;
    static const char text[] =
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
        "-----END PRIVATE KEY-----\n";
    struct keyfile keyfile;

    write_private("key", text, sizeof text - 1);
    load_good(&keyfile, "key");
    assert_true(keyfile.is_private && !keyfile.key.blob && !keyfile.encrypted);
    assert_string_equal(keyfile.text.text, text);
    keyfile_free(&keyfile);
}

static void
ciphers_of_openssh(void **state)
{
    (void)state;
    static const char *const good[] = {"aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-cbc",
                                       "aes192-cbc", "aes256-cbc", "3des-cbc"};
    static const char *const bad[] = {"aes128-gcm@openssh.com", "aes256-gcm@openssh.com",
                                      "chacha20-poly1305@openssh.com"};

    generate("key", "-t ed25519 -a 1", "");
    for (size_t i = 0; i < COUNT(good); i++) {
        run("ssh-keygen -q -p -a 1 -Z %s -P '' -N '%s' -f key >/dev/null", good[i], PASSPHRASE);
        check_key(PASSPHRASE);
        run("ssh-keygen -q -p -P '%s' -N '' -f key >/dev/null", PASSPHRASE);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        run("ssh-keygen -q -p -a 1 -Z %s -P '' -N '%s' -f key >/dev/null", bad[i], PASSPHRASE);
        load_refused("key", bad[i], "ssh-keygen -p -Z aes256-ctr -f FILE");
        run("ssh-keygen -q -p -P '%s' -N '' -f key >/dev/null", PASSPHRASE);
    }
}

/* ---- the same key, written otherwise ---- */

/* What a shell makes of the file, which is then in `key`. */
static const char *const variants[] = {
    "sed 's/$/\\r/'",   /* CRLF */
    "tr '\\n' '\\r'",   /* CR alone */
    "sed 's/$/ \\t /'", /* blanks at the end */
    ("(echo 'Bag Attributes'; echo '  friendlyName: x'; echo '-----BEGIN CERTIFICATE-----'; "
     "echo AAAA; echo '-----END CERTIFICATE-----'; cat)"),
    "(cat; echo; echo trash)",
    "(printf '\\357\\273\\277'; cat)", /* a byte order mark */
    "perl -pe 'chomp if eof'",
    "perl -0pe 's/(?<=[^-\\n]{40})\\n(?!-)//g'", /* one long line */
};

static void
written_otherwise(void **state)
{
    (void)state;
    static const char *const samples[] = {"-t ed25519", "-t rsa -m PEM", "-t rsa -m PKCS8"};
    struct keyfile keyfile, original;

    for (size_t i = 0; i < 2 * COUNT(samples); i++) {
        generate("sample", samples[i / 2], i % 2 == 0 ? "" : PASSPHRASE);
        load_good(&original, "sample");
        for (size_t variant = 0; variant < COUNT(variants); variant++) {
            run("%s <sample >key && ! cmp -s sample key && chmod 600 key", variants[variant]);
            load_good(&keyfile, "key");
            assert_string_equal(keyfile.text.text, original.text.text);
            assert_int_equal(keyfile.encrypted, i % 2);
            keyfile_free(&keyfile);
        }
        keyfile_free(&original);
        run("rm sample sample.pub");
    }
}

static void
parameters_before_an_ec_key(void **state)
{
    (void)state;
    struct keyfile keyfile;

    generate("sample", "-t ecdsa -m PEM", "");
    run("(echo '-----BEGIN EC PARAMETERS-----'; echo BggqhkjOPQMBBw==; "
        "echo '-----END EC PARAMETERS-----'; cat sample) >key && chmod 600 key");
    load_good(&keyfile, "key");
    assert_int_equal(strncmp(keyfile.text.text, "-----BEGIN EC PRIVATE KEY-----\n", 31), 0);
    keyfile_free(&keyfile);
}

/* ---- certificates ---- */

static void
a_certificate_beside_it(void **state)
{
    (void)state;
    struct keyfile keyfile;
    struct public_key parsed;

    generate("ca", "-t ed25519", "");
    generate("key", "-t ecdsa", PASSPHRASE);
    run("ssh-keygen -q -s ca -I identity -n alice key.pub");
    load_good(&keyfile, "key");
    assert_string_equal(keyfile.certificate.type, "ecdsa-sha2-nistp256-cert-v01@openssh.com");
    assert_true(public_key_certifies(&keyfile.certificate, &keyfile.key));
    assert_true(
        public_key_parse(&parsed, keyfile.certificate_text, strlen(keyfile.certificate_text)));
    assert_int_equal(parsed.len, keyfile.certificate.len);
    assert_memory_equal(parsed.blob, keyfile.certificate.blob, parsed.len);
    public_key_free(&parsed);
    keyfile_free(&keyfile);

    run("chmod 644 key-cert.pub && (echo '# a comment'; echo; cat key-cert.pub) >new && "
        "mv new key-cert.pub");
    load_good(&keyfile, "key");
    assert_non_null(keyfile.certificate_text);
    keyfile_free(&keyfile);

    load_good(&keyfile, "key-cert.pub");
    assert_false(keyfile.is_private);
    assert_string_equal(keyfile.key.type, "ecdsa-sha2-nistp256-cert-v01@openssh.com");
    assert_null(keyfile.certificate.blob);
    keyfile_free(&keyfile);

    generate("other", "-t ecdsa", "");
    run("ssh-keygen -q -s ca -I identity -n alice other.pub; mv other-cert.pub key-cert.pub");
    load_refused("key", "key-cert.pub: the certificate is for another key", "");
    run("ssh-keygen -q -p -m PEM -P '%s' -N '' -f key >/dev/null", PASSPHRASE);
    load_good(&keyfile, "key"); /* of PEM the public half is not known */
    assert_non_null(keyfile.certificate_text);
    keyfile_free(&keyfile);
}

static void
no_certificate_beside_it(void **state)
{
    (void)state;
    static const char why[] = "key-cert.pub: it is no certificate, or damaged";
    struct keyfile keyfile;

    generate("ca", "-t ed25519", "");
    generate("key", "-t ed25519", "");
    run("cp key.pub key-cert.pub");
    load_refused("key", why, "");
    run("rm key-cert.pub; ssh-keygen -q -s ca -I identity -n alice key.pub; mv key-cert.pub "
        "whole");
    run("head -c 200 whole >key-cert.pub");
    load_refused("key", why, "");
    run("sed 's/ AAAAI/ AAABI/' whole >key-cert.pub");
    load_refused("key", why, "");
    run("(cat whole; printf '\\0') >key-cert.pub");
    load_refused("key", why, "");
    run("cp key key-cert.pub");
    load_refused("key", why, "");
    run(": >key-cert.pub");
    load_refused("key", "key-cert.pub: it is empty", "");
    run("rm key-cert.pub; mkdir key-cert.pub");
    load_refused("key", "key-cert.pub: it is a directory", "");
    run("rmdir key-cert.pub; mkfifo key-cert.pub");
    load_refused("key", "key-cert.pub: it is no regular file", "");
    run("rm key-cert.pub; ln -s nowhere key-cert.pub");
    load_good(&keyfile, "key");
    assert_null(keyfile.certificate_text);
    keyfile_free(&keyfile);
}

/* ---- public keys, and who may read private ones ---- */

static void
public_keys(void **state)
{
    (void)state;
    struct keyfile keyfile;
    static const char *const commands[] = {
        "cp sample.pub key",
        "sed 's/$/\\r/' sample.pub >key",
        "(echo '# a comment'; echo; cat sample.pub; echo more) >key",
        "cut -d' ' -f1,2 sample.pub | tr -d '\\n' >key",
    };

    generate("sample", "-t ed25519", "");
    for (size_t i = 0; i < COUNT(commands); i++) {
        run("%s; chmod 666 key", commands[i]);
        load_good(&keyfile, "key");
        assert_false(keyfile.is_private || keyfile.encrypted);
        assert_null(keyfile.text.text);
        assert_string_equal(keyfile.key.type, "ssh-ed25519");
        keyfile_free(&keyfile);
    }
}

static void
open_to_others(void **state)
{
    (void)state;
    static const mode_t modes[] = {0644, 0640, 0604, 0660, 0610, 0777};
    struct keyfile keyfile;

    generate("key", "-t ed25519", "");
    for (size_t i = 0; i < 2 * COUNT(modes); i++) {
        if (i == COUNT(modes)) /* a passphrase is no excuse, as with ssh */
            run("ssh-keygen -q -p -m PEM -P '' -N '%s' -f key >/dev/null", PASSPHRASE);
        assert_int_equal(chmod("key", modes[i % COUNT(modes)]), 0);
        load_refused("key", "others have access to it", "chmod 600 FILE");
        assert_int_equal(chmod("key", 0400), 0);
        load_good(&keyfile, "key");
        keyfile_free(&keyfile);
        assert_int_equal(chmod("key", 0600), 0);
    }
}

static void
no_such_files(void **state)
{
    (void)state;
    alarm(20); /* the FIFO has no writer, and /dev/zero no end */
    load_refused("missing", "missing: No such file or directory", "");
    load_refused("", "No such file or directory", "");
    load_refused(".", "it is a directory", "");
    run("mkfifo fifo; : >empty; chmod 600 empty");
    load_refused("fifo", "it is no regular file", "");
    load_refused("/dev/zero", "it is no regular file", "");
    load_refused("/dev/tty", "/dev/tty: ", "");
    load_refused("empty", "it is empty", "");
    load_refused("missing\033[2J\n", "missing\\x1B[2J\\n: ", "");
    alarm(0);
}

static void
as_large_as_it_may_be(void **state)
{
    (void)state;
    struct keyfile keyfile;

    generate("key", "-t ed25519", "");
    assert_int_equal(truncate("key", (off_t)KEYFILE_MAX + 1), 0);
    load_refused("key", "it is larger than a key's file may be (256 KiB)", "");
    run("rm key key.pub");
    generate("key", "-t ed25519", "");
    run("n=$(wc -c <key); head -c $((%zu - n)) /dev/zero | tr '\\0' '\\n' >>key", KEYFILE_MAX);
    load_good(&keyfile, "key");
    assert_true(keyfile.text.len < 600);
    keyfile_free(&keyfile);
    run("echo >>key");
    load_refused("key", "it is larger than a key's file may be (256 KiB)", "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(every_type_and_format),
        IN_DIRECTORY(ed25519_in_pkcs8),
        IN_DIRECTORY(ciphers_of_openssh),
        IN_DIRECTORY(written_otherwise),
        IN_DIRECTORY(parameters_before_an_ec_key),
        IN_DIRECTORY(a_certificate_beside_it),
        IN_DIRECTORY(no_certificate_beside_it),
        IN_DIRECTORY(public_keys),
        IN_DIRECTORY(open_to_others),
        IN_DIRECTORY(no_such_files),
        IN_DIRECTORY(as_large_as_it_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
