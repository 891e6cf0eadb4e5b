/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes to text that XML may hold.
 */
#include <config.h>

#include "report/xml_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/memory_file.h"
#include "util/utf8.h"

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
        uint32_t character = utf8_next(&text, end);
        if (character != UTF8_REPLACEMENT && is_fit(character))
            fwrite(from, 1, (size_t)(text - from), out);
        else
            fputs("\xef\xbf\xbd", out);
    }
}

char *
xml_text_dup(const char *text)
{
    struct memory_file memory;

    if (!memory_file_open(&memory))
        return NULL;
    xml_text_write(memory.file, text, strlen(text));
    return memory_file_close(&memory, NULL);
}
