/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Untrusted bytes to printable text: decode strictly (utf8.c), look the character up in one
 * table, copy it or write its number. Pure: no locale, no <wchar.h>, no input or output;
 * nothing that knows what the text means may enter.
 */
#include <config.h>

#include "util/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/utf8.h"

#define TOKEN_SIZE                                                                             \
    16 /* "\\u{10FFFF}", and room for what a compiler thinks that %X may need                  \
        */

/*
 * Characters that are not shown as they are, in ascending order: general categories Cc, Cf, Zl
 * and Zp of Unicode 15, the noncharacters, and what Default_Ignorable_Code_Point adds to them
 * (blank letters, invisible marks, places reserved for more of the kind). Variation selectors
 * 1 to 16 are not among them: they only choose a glyph, and half of all emoji carry one.
 */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x00, 0x1F},       /* C0 */
    {0x7F, 0x9F},       /* DEL, C1 */
    {0xAD, 0xAD},       /* soft hyphen */
    {0x34F, 0x34F},     /* combining grapheme joiner */
    {0x600, 0x605},     /* Arabic number signs */
    {0x61C, 0x61C},     /* Arabic letter mark */
    {0x6DD, 0x6DD},     /* Arabic end of ayah */
    {0x70F, 0x70F},     /* Syriac abbreviation mark */
    {0x890, 0x891},     /* Arabic pound and piastre marks */
    {0x8E2, 0x8E2},     /* Arabic disputed end of ayah */
    {0x115F, 0x1160},   /* Hangul fillers */
    {0x17B4, 0x17B5},   /* Khmer inherent vowels */
    {0x180B, 0x180F},   /* Mongolian selectors and vowel separator */
    {0x200B, 0x200F},   /* zero-width space and joiners, LRM, RLM */
    {0x2028, 0x202E},   /* line and paragraph separators, embeddings, overrides */
    {0x2060, 0x206F},   /* word joiner, invisible operators, isolates */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xFDD0, 0xFDEF},   /* noncharacters */
    {0xFEFF, 0xFEFF},   /* byte order mark */
    {0xFFA0, 0xFFA0},   /* halfwidth Hangul filler */
    {0xFFF0, 0xFFFB},   /* reserved, interlinear annotation */
    {0xFFFE, 0xFFFF},   /* noncharacters; in the higher planes: see is_hidden() */
    {0x110BD, 0x110BD}, /* Kaithi number signs */
    {0x110CD, 0x110CD}, /* the same, above */
    {0x13430, 0x1343F}, /* Egyptian hieroglyph format controls */
    {0x1BCA0, 0x1BCA3}, /* shorthand format controls */
    {0x1D173, 0x1D17A}, /* musical symbol format controls */
    {0xE0000, 0xE0FFF}, /* tags, variation selectors 17 to 256, reserved */
};

static bool
is_hidden(uint32_t character)
{
    size_t low = 0, high = sizeof(hidden) / sizeof(hidden[0]);
    if ((character & 0xFFFE) == 0xFFFE) /* the last two of each plane */
        return true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (character > hidden[middle].last)
            low = middle + 1;
        else if (character < hidden[middle].first)
            high = middle;
        else
            return true;
    }
    return false;
}

/*
 * Takes the next character or invalid byte off the text and writes what stands for it, with a
 * NUL, to `token`. Returns how many bytes of the text that was.
 */
static size_t
next_token(char token[TOKEN_SIZE], const unsigned char *text, size_t len, enum escape_mode mode)
{
    uint32_t character = 0;
    size_t taken = utf8_decode(text, len, &character);
    if (taken == 0) {
        snprintf(token, TOKEN_SIZE, "\\x%02X", text[0]);
        return 1;
    }
    if (character == '\r' && mode == ESCAPE_TEXT && len > 1 && text[1] == '\n') {
        memcpy(token, "\n", sizeof("\n"));
        return 2;
    }
    if (character == '\n' || character == '\t') {
        bool newline = character == '\n';
        if (mode == ESCAPE_TEXT)
            snprintf(token, TOKEN_SIZE, "%s", newline ? "\n" : "\t");
        else
            snprintf(token, TOKEN_SIZE, "%s", newline ? "\\n" : "\\t");
    } else if (!is_hidden(character)) {
        memcpy(token, text, taken);
        token[taken] = '\0';
    } else if (character < 0x80) {
        snprintf(token, TOKEN_SIZE, "\\x%02X", (unsigned)character);
    } else {
        snprintf(token, TOKEN_SIZE, "\\u{%X}", (unsigned)character);
    }
    return taken;
}

char *
escape_into(char *out, size_t size, const void *text, size_t len, enum escape_mode mode)
{
    static const char ellipsis[] = "...";
    const unsigned char *from = text;
    size_t at = 0;
    size_t cut =
        0; /* the last place between two characters that leaves room for the ellipsis */
    while (len > 0) {
        char token[TOKEN_SIZE];
        size_t taken = next_token(token, from, len, mode);
        size_t width = strlen(token);
        if (width >= size - at) {
            memcpy(out + cut, ellipsis, sizeof(ellipsis));
            return out;
        }
        memcpy(out + at, token, width);
        at += width;
        if (at + sizeof(ellipsis) <= size)
            cut = at;
        from += taken;
        len -= taken;
    }
    out[at] = '\0';
    return out;
}

char *
escape_dup(const void *text, size_t len, enum escape_mode mode)
{
    /* No byte becomes more than four: \xHH for one, \u{HH} for two, \u{HHHH} for three. */
    if (len > (SIZE_MAX - sizeof("...")) / 4)
        return NULL;
    size_t size = len * 4 + sizeof("...");
    char *out = malloc(size);
    if (out == NULL)
        return NULL;
    escape_into(out, size, text, len, mode);
    char *fitting = realloc(out, strlen(out) + 1);
    return fitting != NULL ? fitting : out;
}
