/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two forms of a list of revoked keys, decoded strictly. What is said of certificates alone
 * (sections of serial numbers) decides nothing, for none is ever accepted, but is decoded as
 * well: one flipped bit makes such a section of one that has fingerprints.
 */
#include <config.h>

#include "probe/hostkey_revoked.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "probe/known_hosts.h"
#include "util/certificate.h"
#include "util/wire.h"

enum { FILE_LIMIT = 128 << 20, FIRST_SIZE = 16384, FIELD_LIMIT = 65536 };

/* ---- KRL ---- */

#define MAGIC     "SSHKRL\n"
#define MAGIC_LEN sizeof(MAGIC) /* with its NUL */

enum section {
    SECTION_CERTIFICATES = 1,
    SECTION_KEYS = 2,
    SECTION_SHA1 = 3,
    SECTION_SHA256 = 5,
    SECTION_EXTENSION = 255
};

/* Of certificates: what those that one CA signed are revoked by. */
enum part {
    PART_SERIALS = 0x20,
    PART_SERIAL_RANGE = 0x21,
    PART_SERIAL_BITMAP = 0x22,
    PART_KEY_IDS = 0x23
};

static bool
take_byte(struct wire *wire, unsigned *value)
{
    if (wire->left == 0)
        return false;
    *value = wire->at[0];
    return wire_skip(wire, 1);
}

static bool
take_u64(struct wire *wire, uint64_t *value)
{
    uint32_t high, low;
    struct wire rest = *wire;
    if (!wire_u32(&rest, &high) || !wire_u32(&rest, &low))
        return false;
    *value = (uint64_t)high << 32 | low;
    *wire = rest;
    return true;
}

/* A string that is text. */
static bool
take_text(struct wire *wire, struct wire *text)
{
    return wire_string(wire, text) && (text->left == 0 || !memchr(text->at, 0, text->left));
}

/* Is one of these strings the wanted one? With `size`, each must have that many bytes. */
static int
strings_have(struct wire section, const struct wire *wanted, size_t size)
{
    struct wire string;
    bool found = false;
    while (section.left > 0) {
        if (!wire_string(&section, &string) || (size > 0 && string.left != size))
            return -EBADMSG;
        found |= wire_equal(&string, wanted);
    }
    return found;
}

static int
hashes_have(struct wire section, const struct wire *key, const EVP_MD *hash)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(key->at, key->left, digest, &len, hash, NULL) != 1)
        return -ENOTSUP;
    const struct wire wanted = {digest, len};
    return strings_have(section, &wanted, len);
}

/* A number without a sign of at most 2^24 bits, the last of which does not wrap around. */
static bool
is_bitmap(struct wire part)
{
    enum { BYTES_MAX = 2048 }; /* of a number that ssh takes */
    struct wire bits;
    uint64_t first;
    if (!take_u64(&part, &first) || !wire_string(&part, &bits) || part.left > 0)
        return false;
    if (bits.left > BYTES_MAX + 1 || (bits.left > 0 && (bits.at[0] & 0x80) != 0) ||
        (bits.left == BYTES_MAX + 1 && bits.at[0] != 0))
        return false;
    while (bits.left > 0 && bits.at[0] == 0)
        wire_skip(&bits, 1);
    if (bits.left == 0)
        return true;
    if (first == 0 && (bits.at[bits.left - 1] & 1) != 0)
        return false;
    uint64_t last = 8 * bits.left - 1;
    for (unsigned bit = 0x80; (bits.at[0] & bit) == 0; bit >>= 1)
        last--;
    return first <= UINT64_MAX - last;
}

/* Serial numbers are never 0, as with ssh. */
static bool
is_part(unsigned type, struct wire part)
{
    struct wire id;
    uint64_t from = 1, to;
    bool good = true;
    switch (type) {
    case PART_SERIALS:
        while (good && part.left > 0)
            good = take_u64(&part, &from) && from > 0;
        return good;
    case PART_SERIAL_RANGE:
        return take_u64(&part, &from) && take_u64(&part, &to) && part.left == 0 && from > 0 &&
               from <= to;
    case PART_SERIAL_BITMAP:
        return is_bitmap(part);
    case PART_KEY_IDS:
        while (good && part.left > 0)
            good = take_text(&part, &id);
        return good;
    default:
        return false;
    }
}

static int
check_certificates(struct wire section)
{
    char ca_type[KNOWN_HOSTS_TYPE_SIZE];
    struct wire ca, string;
    unsigned type;
    bool good = wire_string(&section, &ca) && wire_string(&section, &string) &&
                (ca.left == 0 || known_hosts_blob_type(ca_type, ca.at, ca.left));
    while (good && section.left > 0)
        good = take_byte(&section, &type) && wire_string(&section, &string) &&
               is_part(type, string);
    return good ? 0 : -EBADMSG;
}

/* One that may be passed over says so. */
static int
check_extension(struct wire section)
{
    struct wire string;
    unsigned critical;
    bool good = wire_string(&section, &string) && take_byte(&section, &critical) &&
                wire_string(&section, &string) && critical == 0 && section.left == 0;
    return good ? 0 : -EBADMSG;
}

static int
section_has(unsigned type, struct wire section, const struct wire *key)
{
    switch (type) {
    case SECTION_CERTIFICATES:
        return check_certificates(section);
    case SECTION_KEYS:
        return strings_have(section, key, 0);
    case SECTION_SHA1:
        return hashes_have(section, key, EVP_sha1());
    case SECTION_SHA256:
        return hashes_have(section, key, EVP_sha256());
    case SECTION_EXTENSION:
        return check_extension(section);
    default:
        return -EBADMSG;
    }
}

/* All of it is read, also behind the key: a damaged list is not one to be trusted. */
static int
krl_has(struct wire krl, const struct wire *key)
{
    uint32_t version;
    unsigned type;
    struct wire string;
    int found = 0;
    /* magic, format, number of the list, when it was made, flags, reserved, comment */
    if (!wire_skip(&krl, MAGIC_LEN) || !wire_u32(&krl, &version) || version != 1 ||
        !wire_skip(&krl, 3 * sizeof(uint64_t)) || !wire_string(&krl, &string) ||
        !take_text(&krl, &string))
        return -EBADMSG;
    while (krl.left > 0) {
        if (!take_byte(&krl, &type) || !wire_string(&krl, &string))
            return -EBADMSG;
        int rc = section_has(type, string, key);
        if (rc < 0)
            return rc;
        found |= rc;
    }
    return found;
}

/* ---- lines ---- */

struct scratch {
    unsigned char key[FIELD_LIMIT];
    char again[FIELD_LIMIT + 1];
};

/* A field ends at a blank or at the end of the line. */
static struct wire
take_field(struct wire *line)
{
    struct wire field = {line->at, 0};
    while (line->left > 0 && *line->at != ' ' && *line->at != '\t' && *line->at != '\r') {
        wire_skip(line, 1);
        field.left++;
    }
    return field;
}

static void
skip_blanks(struct wire *line)
{
    while (line->left > 0 && (*line->at == ' ' || *line->at == '\t'))
        wire_skip(line, 1);
}

/*
 * Is it a certificate of this key? To revoke one is to revoke the key in it, as with ssh.
 * Behind type and nonce a certificate has what the plain key has behind its type
 * (PROTOCOL.certkeys).
 */
static bool
certifies(struct wire certificate, struct wire key)
{
    struct wire type, plain, nonce;
    if (!wire_string(&certificate, &type) || !wire_string(&certificate, &nonce) ||
        !wire_string(&key, &plain))
        return false;
    size_t len = certificate_plain_length(type.at, type.left);
    return len > 0 && len == plain.left && memcmp(type.at, plain.at, len) == 0 &&
           certificate.left >= key.left && memcmp(certificate.at, key.at, key.left) == 0;
}

/* 1, 0, or -EBADMSG where it is no key. */
static int
line_has(struct wire line, const struct wire *key, struct scratch *scratch)
{
    char own_type[KNOWN_HOSTS_TYPE_SIZE];
    skip_blanks(&line);
    if (line.left == 0 || *line.at == '#')
        return 0;
    const struct wire type = take_field(&line);
    skip_blanks(&line);
    const struct wire encoded = take_field(&line);
    if (encoded.left == 0 || encoded.left > FIELD_LIMIT)
        return -EBADMSG;
    const struct wire decoded = {scratch->key,
                                 known_hosts_decode(scratch->key, scratch->again,
                                                    (const char *)encoded.at, encoded.left)};
    if (!known_hosts_blob_type(own_type, decoded.at, decoded.left) &&
        certificate_plain_length(own_type, strlen(own_type)) == 0)
        return -EBADMSG;
    if (!wire_is(&type, own_type))
        return -EBADMSG;
    return wire_equal(&decoded, key) || certifies(decoded, *key);
}

static int
lines_have(struct wire text, const struct wire *key, unsigned *at)
{
    struct scratch *scratch = malloc(sizeof(*scratch));
    if (scratch == NULL)
        return -ENOMEM;
    int rc = 0;
    unsigned number = 0;
    while (rc == 0 && text.left > 0) {
        const unsigned char *newline = memchr(text.at, '\n', text.left);
        struct wire line = {text.at, newline != NULL ? (size_t)(newline - text.at) : text.left};
        wire_skip(&text, line.left + (newline != NULL));
        number++;
        rc = line_has(line, key, scratch);
    }
    free(scratch);
    if (rc != 0)
        *at = number;
    return rc;
}

int
hostkey_revoked_in(const unsigned char *content, size_t size, const unsigned char *blob,
                   size_t len, unsigned *line)
{
    const struct wire all = {content, size}, key = {blob, len};
    *line = 0;
    if (size >= MAGIC_LEN && memcmp(content, MAGIC, MAGIC_LEN) == 0)
        return krl_has(all, &key);
    return lines_have(all, &key, line);
}

/* ---- file ---- */

/* Doubles the room as the file goes on: its length may change meanwhile. */
static int
read_all(int fd, unsigned char **content, size_t *size)
{
    size_t room = 0;
    *content = NULL;
    *size = 0;
    for (;;) {
        if (*size == room) {
            room = room == 0 ? FIRST_SIZE : 2 * room;
            unsigned char *larger = realloc(*content, room);
            if (larger == NULL)
                return -ENOMEM;
            *content = larger;
        }
        ssize_t got = read(fd, *content + *size, room - *size);
        if (got == 0)
            return 0;
        if (got == -1 && errno != EINTR)
            return -errno;
        if (got > 0)
            *size += (size_t)got;
        if (*size > FILE_LIMIT)
            return -EFBIG;
    }
}

int
hostkey_revoked_look(const char *path, const unsigned char *blob, size_t len, unsigned *line)
{
    unsigned char *content;
    size_t size;
    *line = 0;
    int fd = known_hosts_open(path);
    if (fd < 0)
        return fd;
    int rc = read_all(fd, &content, &size);
    close(fd);
    if (rc == 0)
        rc = hostkey_revoked_in(content, size, blob, len, line);
    free(content);
    return rc;
}
