/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libssh2 reads this format trustingly (1.10.0 frees memory twice where the parameters of
 * bcrypt are bad, and compares names without looking at their length), so that what it is
 * handed must be good.
 */
#include <config.h>

#include "keys/openssh.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "util/wire.h"
#include "util/escape.h"

enum {
    PLAIN_BLOCK = 8,      /* what an unencrypted key is padded to */
    SALT_LIMIT = 1 << 20, /* libssh2's */
    NAME = 64             /* of a cipher, escaped */
};

/* Ciphers that ssh-keygen -Z and libssh2 have both. */
static const struct cipher {
    const char *name;
    size_t block;
} ciphers[] = {
    {"none", PLAIN_BLOCK}, {"aes256-ctr", 16}, {"aes192-ctr", 16}, {"aes128-ctr", 16},
    {"aes256-cbc", 16},    {"aes192-cbc", 16}, {"aes128-cbc", 16}, {"3des-cbc", 8},
};

/* Types that libssh2 signs with: ssh-dss it looks for under another name here. In the private
 * part the fields of the public key come first (RSA's two the other way round), then so many
 * others, then the comment. */
static const struct type {
    const char *name;
    unsigned public_fields, private_fields;
} types[] = {
    {"ssh-ed25519", 1, 1},         {"ssh-rsa", 2, 4},
    {"ecdsa-sha2-nistp256", 2, 1}, {"ecdsa-sha2-nistp384", 2, 1},
    {"ecdsa-sha2-nistp521", 2, 1},
};

struct header {
    struct wire cipher, kdf, options, public_blob, private_part;
};

static bool
take_header(struct header *header, const struct secret *bytes)
{
    static const char magic[] = "openssh-key-v1"; /* with its NUL */
    struct wire rest = {(const unsigned char *)bytes->text, bytes->len};
    uint32_t count;

    return rest.left >= sizeof magic && memcmp(rest.at, magic, sizeof magic) == 0 &&
           wire_skip(&rest, sizeof magic) && wire_string(&rest, &header->cipher) &&
           wire_string(&rest, &header->kdf) && wire_string(&rest, &header->options) &&
           wire_u32(&rest, &count) && count == 1 && wire_string(&rest, &header->public_blob) &&
           wire_string(&rest, &header->private_part);
}

static const struct cipher *
find_cipher(const struct wire *name)
{
    for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++) {
        if (wire_is(name, ciphers[i].name))
            return &ciphers[i];
    }
    return NULL;
}

static bool
judge_kdf(const struct header *header, struct refusal *refusal)
{
    static const char hint[] = "ssh-keygen -p -a 64 -f FILE writes it anew";
    struct wire options = header->options, salt;
    uint32_t rounds;

    if (wire_is(&header->cipher, "none"))
        return wire_is(&header->kdf, "none") ||
               refuse_damaged(refusal, "it has a passphrase, and no cipher");
    if (!wire_is(&header->kdf, "bcrypt") || !wire_string(&options, &salt) || salt.left == 0 ||
        salt.left > SALT_LIMIT || !wire_u32(&options, &rounds) || rounds == 0 ||
        options.left != 0)
        return refuse_damaged(refusal, "its parameters of bcrypt");
    if (rounds > OPENSSH_ROUNDS_MAX)
        return refuse(refusal, hint,
                      "its passphrase takes %lu rounds of bcrypt, more than the %d that are "
                      "supported",
                      (unsigned long)rounds, OPENSSH_ROUNDS_MAX);
    return true;
}

/* Takes `count` fields, none of which is empty, and shows the first four. */
static bool
take_fields(struct wire *rest, unsigned count, struct wire fields[4])
{
    struct wire field;

    for (unsigned i = 0; i < count; i++) {
        if (!wire_string(rest, &field) || field.left == 0)
            return false;
        if (i < 4)
            fields[i] = field;
    }
    return true;
}

/* An unencrypted private part: two equal numbers, the key, the comment, 1 2 3 ... */
static bool
is_private_part(const struct type *type, struct wire rest, const struct wire public_fields[4])
{
    struct wire name, comment, fields[4], others[4];
    uint32_t check, again;
    bool swapped = strcmp(type->name, "ssh-rsa") == 0;

    if (!wire_u32(&rest, &check) || !wire_u32(&rest, &again) || check != again ||
        !wire_string(&rest, &name) || !wire_is(&name, type->name) ||
        !take_fields(&rest, type->public_fields, fields) ||
        !take_fields(&rest, type->private_fields, others) || !wire_string(&rest, &comment) ||
        rest.left >= PLAIN_BLOCK)
        return false;
    for (unsigned i = 0; i < type->public_fields; i++) {
        if (!wire_equal(&fields[i], &public_fields[swapped ? 1 - i : i]))
            return false;
    }
    for (size_t i = 0; i < rest.left; i++) {
        if (rest.at[i] != i + 1)
            return false;
    }
    return true;
}

static bool
judge_key(const struct header *header, const struct public_key *key, bool encrypted,
          struct refusal *refusal)
{
    struct wire rest = header->public_blob, name, fields[4];
    const struct type *type = types, *end = types + sizeof types / sizeof types[0];

    while (type < end && strcmp(type->name, key->type) != 0)
        type++;
    if (type == end)
        return refuse(refusal,
                      strcmp(key->type, "ssh-dss") == 0
                          ? "ssh-keygen -p -m PEM -f FILE writes it in a format that it can use"
                          : "ssh-agent may be able to: ssh-add FILE, and --agent",
                      "libssh2 cannot sign with a key of the type %s in this format",
                      key->type);
    if (!wire_string(&rest, &name) || !take_fields(&rest, type->public_fields, fields) ||
        rest.left != 0)
        return refuse_damaged(refusal, "its public half");
    return encrypted || is_private_part(type, header->private_part, fields) ||
           refuse_damaged(refusal, "its private half");
}

bool
openssh_judge(const struct secret *bytes, struct public_key *key, bool *encrypted,
              struct refusal *refusal)
{
    struct header header;
    char shown[NAME];

    *key = (struct public_key){.blob = NULL};
    if (!take_header(&header, bytes))
        return refuse_damaged(refusal, "its header");
    const struct cipher *cipher = find_cipher(&header.cipher);
    if (!cipher)
        return refuse(refusal, "ssh-keygen -p -Z aes256-ctr -f FILE writes it anew",
                      "it is encrypted by %s, which libssh2 does not have for keys",
                      escape_into(shown, sizeof shown, header.cipher.at, header.cipher.left,
                                  ESCAPE_LINE));
    *encrypted = !wire_is(&header.cipher, "none");
    size_t len = header.private_part.left;
    if (len == 0 || len % cipher->block != 0 ||
        header.private_part.at + len != (const unsigned char *)bytes->text + bytes->len)
        return refuse_damaged(refusal, "it is not as long as it says it is");
    if (!judge_kdf(&header, refusal))
        return false;
    errno = 0;
    if (!public_key_copy(key, header.public_blob.at, header.public_blob.left))
        return errno != ENOMEM && refuse_damaged(refusal, "its public half");
    if (judge_key(&header, key, *encrypted, refusal))
        return true;
    public_key_free(key);
    return false;
}
