/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is UTF-8 and what is not. Pure: no locale, no <wchar.h>, no input or output; nothing
 * that knows what a text means may enter.
 */
#include <config.h>

#include "util/utf8.h"

#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* By lead byte: what follows, and the least that the form may encode. */
static const struct {
    unsigned char mask, lead;
    unsigned length;
    uint32_t least;
} forms[] = {
    {0x80, 0x00, 1, 0x00},
    {0xE0, 0xC0, 2, 0x80},
    {0xF0, 0xE0, 3, 0x800},
    {0xF8, 0xF0, 4, 0x10000},
};

size_t
utf8_decode(const unsigned char *text, size_t len, uint32_t *character)
{
    size_t form = 0;
    while (form < sizeof(forms) / sizeof(forms[0]) &&
           (text[0] & forms[form].mask) != forms[form].lead)
        form++;
    if (form == sizeof(forms) / sizeof(forms[0]) || len < forms[form].length)
        return 0;
    uint32_t value = text[0] & (unsigned char)~forms[form].mask;
    for (size_t i = 1; i < forms[form].length; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (text[i] & 0x3Fu);
    }
    if (value < forms[form].least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *character = value;
    return forms[form].length;
}

uint32_t
utf8_next(const char **at, const char *end)
{
    uint32_t character;
    size_t len = utf8_decode((const unsigned char *)*at, (size_t)(end - *at), &character);

    *at += len ? len : 1;
    return len ? character : UTF8_REPLACEMENT;
}

char *
utf8_clean(const void *text, size_t len, size_t *clean_len)
{
    const size_t most = sizeof(REPLACEMENT) - 1; /* that one byte may become */
    const unsigned char *from = text;
    uint32_t character;
    size_t at = 0;

    if (len > (SIZE_MAX - 1) / most)
        return NULL;
    char *clean = malloc(len * most + 1);
    if (clean == NULL)
        return NULL;
    while (len > 0) {
        size_t taken = utf8_decode(from, len, &character);
        if (taken > 0) {
            memcpy(clean + at, from, taken);
            at += taken;
        } else {
            memcpy(clean + at, REPLACEMENT, most);
            at += most;
            taken = 1;
        }
        from += taken;
        len -= taken;
    }
    clean[at] = '\0';
    *clean_len = at;
    return clean;
}
