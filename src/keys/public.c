/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A certificate is a nonce, the fields of the plain key in their order, and what the authority
 * says of it: without memory of its own the plain key's blob is its type's name and those
 * fields.
 */
#include <config.h>

#include "keys/public.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "keys/base64.h"
#include "util/certificate.h"
#include "util/wire.h"

/* `fields`: the strings and numbers that follow the type. */
static const struct type {
    const char *plain, *certificate;
    unsigned fields;
} types[] = {
    {"ssh-rsa", "ssh-rsa" CERTIFICATE_SUFFIX, 2},
    {"ssh-dss", "ssh-dss" CERTIFICATE_SUFFIX, 4},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256" CERTIFICATE_SUFFIX, 2},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384" CERTIFICATE_SUFFIX, 2},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521" CERTIFICATE_SUFFIX, 2},
    {"ssh-ed25519", "ssh-ed25519" CERTIFICATE_SUFFIX, 1},
    {"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519" CERTIFICATE_SUFFIX, 2},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256" CERTIFICATE_SUFFIX, 3},
};

/* A plain key in two parts; of a blob that is no certificate only `fields` is used, for all. */
struct plain {
    const char *type;
    struct wire fields;
};

/* A name of RFC 4251 section 6: printable, no comma, at most one @, which is not its first. */
static bool
is_name(const struct wire *name, size_t size)
{
    unsigned ats = 0;

    if (name->left == 0 || name->left >= size || name->at[0] == '@')
        return false;
    for (size_t i = 0; i < name->left; i++) {
        unsigned char c = name->at[i];
        if (c <= ' ' || c > '~' || c == ',')
            return false;
        ats += c == '@';
    }
    return ats <= 1;
}

static const struct type *
find_type(const struct wire *name, bool *certificate)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        *certificate = wire_is(name, types[i].certificate);
        if (*certificate || wire_is(name, types[i].plain))
            return &types[i];
    }
    return NULL;
}

/* Takes the key's own fields, none of which may be empty. */
static bool
take_fields(struct wire *rest, unsigned count, struct wire *fields)
{
    struct wire field;

    *fields = *rest;
    for (; count > 0; count--) {
        if (!wire_string(rest, &field) || field.left == 0)
            return false;
    }
    fields->left -= rest->left;
    return true;
}

/* PROTOCOL.certkeys: what follows the key. The authority's key and signature are not judged. */
static bool
take_certificate(struct wire *rest)
{
    struct wire field;

    if (!wire_skip(rest, 8 + 4)) /* serial, type */
        return false;
    for (int i = 0; i < 2; i++) { /* key id, principals */
        if (!wire_string(rest, &field))
            return false;
    }
    if (!wire_skip(rest, 8 + 8)) /* valid after, valid before */
        return false;
    for (int i = 0; i < 5; i++) { /* options, extensions, reserved, authority, signature */
        if (!wire_string(rest, &field))
            return false;
    }
    return true;
}

/* The plain key of a whole certificate of a known type; of anything else the blob as it is. */
static bool
plain_of(struct plain *plain, const unsigned char *blob, size_t len)
{
    struct wire rest = {blob, len};
    struct wire name, nonce, fields;
    bool certificate;

    *plain = (struct plain){NULL, rest};
    if (!wire_string(&rest, &name))
        return false;
    const struct type *type = find_type(&name, &certificate);
    if (!type || !certificate)
        return true;
    if (!wire_string(&rest, &nonce) || !take_fields(&rest, type->fields, &fields) ||
        !take_certificate(&rest))
        return false;
    *plain = (struct plain){type->plain, fields};
    return true;
}

/* Has a blob of a known type all its fields, and nothing else? Others are taken as they are. */
static bool
is_whole(const struct public_key *key)
{
    struct wire rest = {key->blob, key->len};
    struct wire name, nonce, fields;
    bool certificate;

    if (!wire_string(&rest, &name))
        return false;
    const struct type *type = find_type(&name, &certificate);
    if (!type)
        return true;
    return (!certificate || wire_string(&rest, &nonce)) &&
           take_fields(&rest, type->fields, &fields) &&
           (!certificate || take_certificate(&rest)) && rest.left == 0;
}

bool
public_key_copy(struct public_key *key, const unsigned char *blob, size_t len)
{
    struct wire rest = {blob, len};
    struct wire name;

    *key = (struct public_key){.blob = NULL};
    if (!wire_string(&rest, &name) || !is_name(&name, sizeof key->type))
        return false;
    key->blob = malloc(len);
    if (!key->blob)
        return false;
    memcpy(key->blob, blob, len);
    key->len = len;
    memcpy(key->type, name.at, name.left);
    key->type[name.left] = '\0';
    return true;
}

/* Takes what is up to the next blank, and the blanks around it. */
static struct wire
take_word(struct wire *line)
{
    while (line->left > 0 && (*line->at == ' ' || *line->at == '\t'))
        (void)wire_skip(line, 1);
    struct wire word = *line;
    while (line->left > 0 && !strchr(" \t\r\n", *line->at))
        (void)wire_skip(line, 1);
    word.left -= line->left;
    return word;
}

bool
public_key_parse(struct public_key *key, const char *line, size_t len)
{
    struct wire rest = {(const unsigned char *)line, len};
    struct wire type = take_word(&rest);
    struct wire encoded = take_word(&rest);
    size_t room = BASE64_ROOM(encoded.left), blob_len;
    bool good = false;

    *key = (struct public_key){.blob = NULL};
    unsigned char *blob = malloc(room + 1);
    if (blob && base64_decode(blob, &blob_len, (const char *)encoded.at, encoded.left) &&
        public_key_copy(key, blob, blob_len))
        good = wire_is(&type, key->type) && is_whole(key);
    free(blob);
    if (!good)
        public_key_free(key);
    return good;
}

/* SHA-256 of a key in two parts. */
static bool
digest(unsigned char hash[32], const struct plain *plain)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

    if (good && plain->type) {
        unsigned char len[4] = {0, 0, 0, (unsigned char)strlen(plain->type)};
        good = EVP_DigestUpdate(context, len, sizeof len) == 1 &&
               EVP_DigestUpdate(context, plain->type, len[3]) == 1;
    }
    good = good && EVP_DigestUpdate(context, plain->fields.at, plain->fields.left) == 1 &&
           EVP_DigestFinal_ex(context, hash, NULL) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

char *
public_key_fingerprint(char out[PUBLIC_FINGERPRINT], const unsigned char *blob, size_t len)
{
    static const char name[] = "SHA256:";
    unsigned char hash[32];
    struct plain plain;

    (void)plain_of(&plain, blob, len);
    memcpy(out, name, sizeof name);
    if (digest(hash, &plain)) {
        char *at = out + sizeof name - 1;
        at[EVP_EncodeBlock((unsigned char *)at, hash, sizeof hash) - 1] = '\0'; /* one "=" */
    }
    return out;
}

bool
public_key_is_certificate(const struct public_key *key)
{
    return certificate_plain_length(key->type, strlen(key->type)) > 0;
}

bool
public_key_certifies(const struct public_key *certificate, const struct public_key *key)
{
    struct wire rest = {key->blob, key->len};
    struct wire name;
    struct plain plain;

    return certificate->blob && key->blob &&
           plain_of(&plain, certificate->blob, certificate->len) && plain.type &&
           wire_string(&rest, &name) && wire_is(&name, plain.type) &&
           wire_equal(&plain.fields, &rest);
}

void
public_key_free(struct public_key *key)
{
    free(key->blob);
    *key = (struct public_key){.blob = NULL};
}
