/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keys of the fuzzer of the userauth dialogue: files in memory, the same in each process.
 */
#include <config.h>

#include "dialogue.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

struct identity keys[KEYS];

static char key_paths[KEYS][32];

struct writer {
    unsigned char bytes[512];
    size_t len;
};

static void
add(struct writer *writer, const void *bytes, size_t len)
{
    memcpy(writer->bytes + writer->len, bytes, len);
    writer->len += len;
}

static void
add_string(struct writer *writer, const void *bytes, size_t len)
{
    const unsigned char head[4] = {0, 0, (unsigned char)(len >> 8), (unsigned char)len};

    add(writer, head, sizeof head);
    add(writer, bytes, len);
}

/* "ssh-ed25519" and the key: RFC 8709 section 4. */
static void
add_public(struct writer *writer, const unsigned char key[32])
{
    add_string(writer, "ssh-ed25519", 11);
    add_string(writer, key, 32);
}

/* A file with a name for as long as the process lives. */
static void
make_key(size_t index, const char *before, const struct writer *writer, const char *after)
{
    char text[1024];
    int fd = memfd_create("key", MFD_CLOEXEC);

    EVP_EncodeBlock((unsigned char *)text, writer->bytes, (int)writer->len);
    REQUIRE(fd >= 0 && fchmod(fd, 0600) == 0);
    REQUIRE(dprintf(fd, "%s%s%s", before, text, after) > 0);
    snprintf(key_paths[index], sizeof key_paths[index], "/proc/self/fd/%d", fd);
    keys[index].file = key_paths[index];
}

/* OpenSSH's format, as PROTOCOL.key has it, without a passphrase. The key is always the same.
 */
static void
make_private_key(void)
{
    static const unsigned char seed[32] = "a key that nobody trusts at all";
    unsigned char key[32], both[64];
    size_t len = sizeof key;
    struct writer public = {.len = 0}, inner = {.len = 0}, whole = {.len = 0};
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);

    REQUIRE(pkey && EVP_PKEY_get_raw_public_key(pkey, key, &len) == 1);
    EVP_PKEY_free(pkey);
    memcpy(both, seed, 32);
    memcpy(both + 32, key, 32);
    add_public(&public, key);
    add(&inner, "checkchk", 8);
    memcpy(inner.bytes + 4, inner.bytes, 4);
    add_public(&inner, key);
    add_string(&inner, both, sizeof both);
    add_string(&inner, "", 0);
    for (unsigned char i = 1; inner.len % 8; i++)
        add(&inner, &i, 1);
    add(&whole, "openssh-key-v1", 15);
    add_string(&whole, "none", 4);
    add_string(&whole, "none", 4);
    add_string(&whole, "", 0);
    add(&whole, "\0\0\0\1", 4);
    add_string(&whole, public.bytes, public.len);
    add_string(&whole, inner.bytes, inner.len);
    make_key(0, "-----BEGIN OPENSSH PRIVATE KEY-----\n", &whole,
             "\n-----END OPENSSH PRIVATE KEY-----\n");
}

void
keys_make(void)
{
    struct writer public = {.len = 0}, rsa = {.len = 0};

    make_private_key();
    add_public(&public, (const unsigned char *)"some other key, its public half!");
    make_key(1, "ssh-ed25519 ", &public, " comment\n");
    add_string(&rsa, "ssh-rsa", 7);
    add_string(&rsa, "\3", 1);
    add_string(&rsa, "\5", 1);
    make_key(2, "ssh-rsa ", &rsa, "\n");
}
