/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lengths are compared with what is left, never added to a pointer first.
 */
#include <config.h>

#include "util/wire.h"

#include <string.h>

bool
wire_skip(struct wire *wire, size_t len)
{
    if (len > wire->left)
        return false;
    wire->at += len;
    wire->left -= len;
    return true;
}

bool
wire_u32(struct wire *wire, uint32_t *value)
{
    const unsigned char *at = wire->at;
    if (!wire_skip(wire, 4))
        return false;
    *value = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return true;
}

bool
wire_string(struct wire *wire, struct wire *string)
{
    struct wire rest = *wire;
    uint32_t len;
    if (!wire_u32(&rest, &len) || len > rest.left)
        return false;
    *string = (struct wire){rest.at, len};
    *wire = (struct wire){rest.at + len, rest.left - len};
    return true;
}

bool
wire_is(const struct wire *wire, const char *text)
{
    size_t len = strlen(text);
    return wire->left == len && (len == 0 || memcmp(wire->at, text, len) == 0);
}

bool
wire_equal(const struct wire *a, const struct wire *b)
{
    return a->left == b->left && (a->left == 0 || memcmp(a->at, b->at, a->left) == 0);
}

unsigned char *
wire_put_u32(unsigned char *at, uint32_t value)
{
    at[0] = (unsigned char)(value >> 24);
    at[1] = (unsigned char)(value >> 16);
    at[2] = (unsigned char)(value >> 8);
    at[3] = (unsigned char)value;
    return at + 4;
}
