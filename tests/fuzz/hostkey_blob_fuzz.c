/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Public key blobs as a server shows them: the one form of a key is its own one form, and no
 * longer; and what is judged to be a plain key has it.
 */
#include <config.h>

#include <errno.h>

#include "fuzz.h"
#include "keys/public.h"
#include "probe/hostkey_blob.h"
#include "probe/known_hosts.h"

static void
try_canonical(const uint8_t *blob, size_t size)
{
    unsigned char *canonical = NULL, *again = NULL;
    char type[KNOWN_HOSTS_TYPE_SIZE], same[KNOWN_HOSTS_TYPE_SIZE];
    size_t len = 0, again_len = 0;
    int rc = hostkey_blob_canonical(blob, size, &canonical, &len);

    REQUIRE(rc == 0 || (rc == -EBADMSG && canonical == NULL));
    if (rc != 0)
        return;
    REQUIRE(len > 0 && len <= size);
    REQUIRE(hostkey_blob_canonical(canonical, len, &again, &again_len) == 0);
    REQUIRE(again_len == len && memcmp(again, canonical, len) == 0);
    bool plain = known_hosts_blob_type(type, blob, size);
    REQUIRE(plain == known_hosts_blob_type(same, canonical, len));
    REQUIRE(strcmp(type, same) == 0);
    free(canonical);
    free(again);
}

static void
try_public(const uint8_t *blob, size_t size)
{
    char out[PUBLIC_FINGERPRINT];
    struct public_key key;

    REQUIRE(public_key_fingerprint(out, blob, size) == out);
    REQUIRE(strncmp(out, "SHA256:", 7) == 0 && strlen(out) == 7 + 43);
    if (!public_key_copy(&key, blob, size)) {
        REQUIRE(key.blob == NULL);
        return;
    }
    REQUIRE(key.len == size && memcmp(key.blob, blob, size) == 0);
    REQUIRE(key.type[0] != '\0' && fuzz_is_line(key.type));
    REQUIRE(!public_key_certifies(&key, &key));
    public_key_free(&key);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char type[KNOWN_HOSTS_TYPE_SIZE];
    uint8_t *exact = fuzz_copy(data, size);

    if (known_hosts_blob_type(type, exact, size))
        REQUIRE(type[0] != '\0' && fuzz_is_line(type) && strchr(type, ',') == NULL);
    try_canonical(exact, size);
    try_public(exact, size);
    free(exact);
    return 0;
}
