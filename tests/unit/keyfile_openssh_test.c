/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keys/openssh.c, through keys/keyfile.c: files of OpenSSH's format put together by hand, that
 * lie about themselves.
 */
#include <config.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "keyfile_fixture.h"

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

/* Beneath the armour, which must be good for the rest to be reached. */
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
        IN_DIRECTORY(openssh_header), IN_DIRECTORY(openssh_kdf),    IN_DIRECTORY(openssh_key),
        IN_DIRECTORY(openssh_types),  IN_DIRECTORY(changed_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
