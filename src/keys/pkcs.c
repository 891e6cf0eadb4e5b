/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A plain key is a sequence that begins with its version, a number; an encrypted PKCS#8 one
 * begins with a sequence. That is checked, since OpenSSL goes by the content and we by the
 * label: of a key said not to be encrypted nobody would be asked for the passphrase.
 */
#include <config.h>

#include "keys/pkcs.h"

#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

#include "util/wire.h"

enum { INTEGER = 0x02, OCTETS = 0x04, SEQUENCE = 0x30 };

enum {
    DEPTH = 8,           /* of sequences inside the parameters of a cipher: 3 are usual */
    COST_LIMIT = 1 << 26 /* some 30 s: PBKDF2's count, or scrypt's N * r * p */
};

/*
 * Ciphers of DEK-Info that OpenSSL has without its legacy provider. It looks them up by these
 * names, of which it has none but those that are added (util/wipe.c).
 */
static const struct dek {
    const char *name;
    size_t block;
    const EVP_CIPHER *(*cipher)(void);
} deks[] = {
    {"AES-128-CBC", 16, EVP_aes_128_cbc},
    {"AES-192-CBC", 16, EVP_aes_192_cbc},
    {"AES-256-CBC", 16, EVP_aes_256_cbc},
#ifndef OPENSSL_NO_CAMELLIA
    {"CAMELLIA-128-CBC", 16, EVP_camellia_128_cbc},
    {"CAMELLIA-192-CBC", 16, EVP_camellia_192_cbc},
    {"CAMELLIA-256-CBC", 16, EVP_camellia_256_cbc},
#endif
    {"DES-EDE3-CBC", 8, EVP_des_ede3_cbc},
};

/* Takes one value with a definite length, the only form in DER. */
static bool
take(struct wire *der, unsigned char *tag, struct wire *value)
{
    struct wire rest = *der;
    size_t len;

    if (rest.left < 2)
        return false;
    *tag = rest.at[0];
    len = rest.at[1];
    (void)wire_skip(&rest, 2);
    if (len & 0x80) {
        size_t count = len & 0x7f;
        if (count == 0 || count > 4 || count > rest.left)
            return false;
        for (len = 0; count > 0; count--) {
            len = len << 8 | rest.at[0];
            (void)wire_skip(&rest, 1);
        }
    }
    *value = (struct wire){rest.at, len};
    if (!wire_skip(&rest, len))
        return false;
    *der = rest;
    return true;
}

/* One sequence that fills the body, and begins with a value of this kind. */
static bool
is_sequence_of(const struct secret *bytes, unsigned char first, struct wire *content)
{
    struct wire rest = {(const unsigned char *)bytes->text, bytes->len};
    struct wire value, inside;
    unsigned char tag;

    if (!take(&rest, &tag, content) || tag != SEQUENCE || rest.left != 0)
        return false;
    inside = *content;
    return take(&inside, &tag, &value) && tag == first;
}

/* Multiplies *cost with each number in the parameters; false where it becomes too much. */
static bool
add_cost(struct wire parameters, uint64_t *cost, int depth)
{
    struct wire value;
    unsigned char tag;

    while (parameters.left > 0) {
        if (depth == DEPTH || !take(&parameters, &tag, &value))
            return false;
        if (tag == SEQUENCE && !add_cost(value, cost, depth + 1))
            return false;
        if (tag != INTEGER)
            continue;
        uint64_t number = 0;
        for (; value.left > 0 && number <= COST_LIMIT; (void)wire_skip(&value, 1))
            number = number << 8 | value.at[0];
        if (number > COST_LIMIT)
            return false;
        *cost *= number > 0 ? number : 1;
        if (*cost > COST_LIMIT)
            return false;
    }
    return true;
}

static bool
judge_encrypted_pkcs8(const struct pem_body *body, struct refusal *refusal)
{
    struct wire content, algorithm, data;
    unsigned char tag, data_tag;
    uint64_t cost = 1;

    if (!is_sequence_of(&body->bytes, SEQUENCE, &content) ||
        !take(&content, &tag, &algorithm) || !take(&content, &data_tag, &data) ||
        data_tag != OCTETS || data.left == 0 || content.left != 0)
        return refuse_damaged(refusal, "it is not the encrypted key that it says it is");
    if (!add_cost(algorithm, &cost, 0))
        return refuse(refusal, "ssh-keygen -p -f FILE writes it anew",
                      "deriving a key from its passphrase would take too long, or its "
                      "parameters are damaged");
    return true;
}

static bool
judge_dek(const struct pem_body *body, struct refusal *refusal)
{
    const struct dek *dek = deks, *end = deks + sizeof deks / sizeof deks[0];

    while (dek < end && strcmp(dek->name, body->cipher) != 0)
        dek++;
    if (dek == end)
        return refuse(refusal, "ssh-keygen -p -f FILE, or openssl pkey, writes it anew",
                      "it is encrypted by %s, which OpenSSL no longer has", body->cipher);
    if (strlen(body->iv) != 2 * dek->block)
        return refuse_damaged(refusal, "its DEK-Info header is cut");
    if (body->bytes.len % dek->block != 0)
        return refuse_damaged(refusal, "it is not of whole blocks of its cipher");
    return EVP_add_cipher(dek->cipher()) == 1; /* else memory is short */
}

bool
pkcs_judge(const struct pem *pem, const struct pem_body *body, bool *encrypted,
           struct refusal *refusal)
{
    static const char *const labels[] = {"RSA PRIVATE KEY", "DSA PRIVATE KEY", "EC PRIVATE KEY",
                                         "PRIVATE KEY"};
    struct wire content;

    *encrypted = true;
    if (strcmp(pem->label, "ENCRYPTED PRIVATE KEY") == 0)
        return body->cipher[0] ? refuse_damaged(refusal, "it is encrypted twice")
                               : judge_encrypted_pkcs8(body, refusal);
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (strcmp(pem->label, labels[i]) != 0)
            continue;
        *encrypted = body->cipher[0] != '\0';
        if (*encrypted)
            return judge_dek(body, refusal);
        return is_sequence_of(&body->bytes, INTEGER, &content) ||
               refuse_damaged(refusal, "it is not as long as it says it is");
    }
    return refuse(refusal, NULL, "a key of the form \"%s\" is not known", pem->label);
}
