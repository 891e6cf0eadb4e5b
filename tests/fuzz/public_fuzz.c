/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines of .pub files, keys and certificates: what is read and written anew is read as the
 * same.
 */
#include <config.h>

#include <openssl/evp.h>

#include "fuzz.h"
#include "keys/public.h"

static void
require_same(const struct public_key *key)
{
    struct public_key again;
    size_t type_len = strlen(key->type);
    char *line = malloc(type_len + 1 + key->len / 3 * 4 + 5);

    REQUIRE(line);
    memcpy(line, key->type, type_len);
    line[type_len] = ' ';
    int len = EVP_EncodeBlock((unsigned char *)line + type_len + 1, key->blob, (int)key->len);
    REQUIRE(public_key_parse(&again, line, type_len + 1 + (size_t)len));
    REQUIRE(again.len == key->len && memcmp(again.blob, key->blob, key->len) == 0);
    REQUIRE(strcmp(again.type, key->type) == 0);
    public_key_free(&again);
    free(line);
}

/* A certificate has the fingerprint of the one key that it is for. */
static void
try_two(const struct public_key *certificate, const struct public_key *key)
{
    char of_key[PUBLIC_FINGERPRINT], of_certificate[PUBLIC_FINGERPRINT];

    if (!public_key_certifies(certificate, key))
        return;
    REQUIRE(public_key_is_certificate(certificate) && !public_key_is_certificate(key));
    public_key_fingerprint(of_key, key->blob, key->len);
    public_key_fingerprint(of_certificate, certificate->blob, certificate->len);
    REQUIRE(strcmp(of_key, of_certificate) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t first = newline ? (size_t)(newline - data) : size;
    size_t second = newline ? size - first - 1 : 0;
    char *one = fuzz_copy(data, first), *two = fuzz_copy(data + (size - second), second);
    struct public_key keys[2];

    bool good[] = {public_key_parse(&keys[0], one, first),
                   public_key_parse(&keys[1], two, second)};
    for (unsigned i = 0; i < 2; i++) {
        REQUIRE(good[i] == (keys[i].blob != NULL));
        if (good[i]) {
            REQUIRE(keys[i].type[0] != '\0' && fuzz_is_line(keys[i].type));
            require_same(&keys[i]);
        }
    }
    if (good[0] && good[1]) {
        try_two(&keys[0], &keys[1]);
        try_two(&keys[1], &keys[0]);
    }
    public_key_free(&keys[0]);
    public_key_free(&keys[1]);
    free(one);
    free(two);
    return 0;
}
