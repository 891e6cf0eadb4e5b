/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4. No cryptography: whether a
 * point is on its curve is libcrypto's to say, and was said in the key exchange.
 */
#include <config.h>

#include "probe/hostkey_blob.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/wire.h"

/* What follows the type: numbers, or strings of which the last has this length. */
static const struct form {
    const char *type;
    size_t numbers;
    const char *curve; /* NULL: there is none */
    size_t len;
} forms[] = {
    {.type = "ssh-rsa", .numbers = 2},
    {.type = "ssh-dss", .numbers = 4},
    {.type = "ssh-ed25519", .len = 32},
    {.type = "ecdsa-sha2-nistp256", .curve = "nistp256", .len = 65},
    {.type = "ecdsa-sha2-nistp384", .curve = "nistp384", .len = 97},
    {.type = "ecdsa-sha2-nistp521", .curve = "nistp521", .len = 133},
};

static unsigned char *
put(unsigned char *at, const struct wire *string)
{
    at = wire_put_u32(at, (uint32_t)string->left);
    memcpy(at, string->at, string->left);
    return at + string->left;
}

/* A positive number; a zero in front stays where it keeps it positive. */
static bool
take_number(struct wire *wire, struct wire *number)
{
    if (!wire_string(wire, number) || number->left == 0 || (number->at[0] & 0x80) != 0)
        return false;
    while (number->left > 1 && number->at[0] == 0 && (number->at[1] & 0x80) == 0)
        wire_skip(number, 1);
    return number->at[0] != 0 || number->left > 1;
}

/* Appends what is behind the type. NULL: it is not as it should be. */
static unsigned char *
copy_fields(unsigned char *at, struct wire rest, const struct form *form)
{
    enum { UNCOMPRESSED = 4 }; /* SEC 1 section 2.3.3 */
    struct wire field;
    for (size_t i = 0; i < form->numbers; i++) {
        if (!take_number(&rest, &field))
            return NULL;
        at = put(at, &field);
    }
    if (form->curve != NULL) {
        if (!wire_string(&rest, &field) || !wire_is(&field, form->curve))
            return NULL;
        at = put(at, &field);
    }
    if (form->numbers == 0) {
        if (!wire_string(&rest, &field) || field.left != form->len ||
            (form->curve != NULL && field.at[0] != UNCOMPRESSED))
            return NULL;
        at = put(at, &field);
    }
    return rest.left == 0 ? at : NULL;
}

int
hostkey_blob_canonical(const unsigned char *blob, size_t len, unsigned char **canonical,
                       size_t *canonical_len)
{
    struct wire rest = {blob, len}, type;
    unsigned char *copy = malloc(len + 1), *end = NULL;
    if (copy == NULL)
        return -ENOMEM;
    memcpy(copy, blob, len);
    if (wire_string(&rest, &type)) {
        end = copy + len;
        for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
            if (wire_is(&type, forms[i].type))
                end = copy_fields(put(copy, &type), rest, &forms[i]);
    }
    if (end == NULL) {
        free(copy);
        return -EBADMSG;
    }
    *canonical = copy;
    *canonical_len = (size_t)(end - copy);
    return 0;
}
