/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One state for four characters: what is decoded may be a private key, of which nothing stays
 * in a buffer of our own.
 */
#include <config.h>

#include "keys/base64.h"

#include <stdint.h>
#include <string.h>

enum { PADDING = 64, BLANK, INVALID };

static unsigned
value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    switch (c) {
    case '+':
        return 62;
    case '/':
        return 63;
    case '=':
        return PADDING;
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        return BLANK;
    default:
        return INVALID;
    }
}

/* Four characters' bits, of which `padding` characters are not there. */
static bool
put(unsigned char *out, size_t *out_len, uint32_t bits, unsigned padding)
{
    if (padding > 2 || (bits & ((1U << (8 * padding)) - 1)) != 0)
        return false;
    for (unsigned i = 0; i < 3 - padding; i++)
        out[(*out_len)++] = (unsigned char)(bits >> (16 - 8 * i));
    return true;
}

static bool
decode(unsigned char *out, size_t *out_len, const char *text, size_t len)
{
    uint32_t bits = 0;
    unsigned have = 0, padding = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned value = value_of(text[i]);
        if (value == BLANK)
            continue;
        if (value == INVALID || (padding > 0 && (value != PADDING || have == 0)))
            return false;
        if (value == PADDING) {
            padding++;
            value = 0;
        }
        bits = bits << 6 | value;
        if (++have == 4) {
            if (!put(out, out_len, bits, padding))
                return false;
            have = 0;
            bits = 0;
        }
    }
    return have == 0;
}

bool
base64_decode(unsigned char *out, size_t *out_len, const char *text, size_t len)
{
    *out_len = 0;
    if (decode(out, out_len, text, len))
        return true;
    *out_len = 0;
    return false;
}
