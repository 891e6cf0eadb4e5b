/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes to characters, and to text that XML may hold.
 */
#include <config.h>

#include "report/xml_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

uint32_t
xml_text_next(const char **at, const char *end)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *byte = (const unsigned char *)*at;
    size_t left = (size_t)(end - *at);
    size_t more = *byte < 0x80 ? 0 : *byte < 0xc2 ? 4 : *byte < 0xe0 ? 1 : *byte < 0xf0 ? 2 : 3;
    uint32_t character = more == 0 ? *byte : *byte & (0x3fU >> more);

    ++*at;
    if (more >= left || more == 4)
        return XML_TEXT_REPLACEMENT;
    for (size_t i = 1; i <= more; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return XML_TEXT_REPLACEMENT;
        character = character << 6 | (byte[i] & 0x3f);
    }
    if (character < least[more] || character > 0x10ffff || (character >> 11) == 0xd800 >> 11)
        return XML_TEXT_REPLACEMENT;
    *at += more;
    return character;
}

static bool
is_fit(uint32_t character)
{
    if (character < 0x20)
        return character == '\n' || character == '\t';
    return !(character >= 0x7f && character <= 0x9f) && character != 0xfffe &&
           character != 0xffff;
}

void
xml_text_write(FILE *out, const char *text, size_t len)
{
    const char *end = text + len;

    while (text < end) {
        const char *from = text;
        if (end - text > 1 && text[0] == '\r' && text[1] == '\n')
            from = ++text;
        uint32_t character = xml_text_next(&text, end);
        if (character != XML_TEXT_REPLACEMENT && is_fit(character))
            fwrite(from, 1, (size_t)(text - from), out);
        else
            fputs("\xef\xbf\xbd", out);
    }
}

char *
xml_text_dup(const char *text)
{
    char *copy = NULL;
    size_t size;
    FILE *out = open_memstream(&copy, &size);

    if (!out)
        return NULL;
    xml_text_write(out, text, strlen(text));
    bool failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed)
        return copy;
    free(copy);
    return NULL;
}
