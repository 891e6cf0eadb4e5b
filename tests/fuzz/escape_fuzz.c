/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes of anybody's to what a terminal, JSON and XML may have: whatever comes in, no control
 * gets out, and what gets out is valid. The first two bytes of the input choose the room.
 */
#include <config.h>

#include <jansson.h>

#include "fuzz.h"
#include "report/xml_text.h"
#include "util/escape.h"
#include "util/utf8.h"

/* Valid UTF-8 without what moves or hides: written anew here, by the header's list. */
static void
require_harmless(const char *text, size_t len, enum escape_mode mode)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + len;
    uint32_t c = 0;

    while (at < end) {
        size_t taken = utf8_decode(at, (size_t)(end - at), &c);
        REQUIRE(taken > 0);
        at += taken;
        if (mode == ESCAPE_TEXT && (c == '\n' || c == '\t'))
            continue;
        REQUIRE(c >= 0x20 && !(c >= 0x7f && c <= 0x9f));
        REQUIRE(c != 0x61c && c != 0x200e && c != 0x200f);
        REQUIRE(!(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069));
        REQUIRE(c != 0x2028 && c != 0x2029 && !(c >= 0x200b && c <= 0x200d));
        REQUIRE(!(c >= 0xe0000 && c <= 0xe007f) && c != 0xfeff && c != 0xad);
        REQUIRE(!(c >= 0xfdd0 && c <= 0xfdef) && (c & 0xfffe) != 0xfffe);
    }
}

static void
try_escape(const uint8_t *bytes, size_t len, size_t room, enum escape_mode mode)
{
    char *out = malloc(room);
    char *whole = escape_dup(bytes, len, mode);

    REQUIRE(out && whole);
    REQUIRE(escape_into(out, room, bytes, len, mode) == out);
    size_t out_len = strlen(out), whole_len = strlen(whole);
    require_harmless(out, out_len, mode);
    require_harmless(whole, whole_len, mode);
    if (out_len == whole_len) {
        REQUIRE(strcmp(out, whole) == 0);
    } else {
        /* cut: only where it does not fit, at a character, with an ellipsis */
        REQUIRE(whole_len >= room && out_len >= 3 && strcmp(out + out_len - 3, "...") == 0);
        REQUIRE(strncmp(out, whole, out_len - 3) == 0);
    }
    /* nothing is left to escape but newlines and tabs */
    char *again = escape_dup(whole, whole_len, mode);
    REQUIRE(again && strcmp(again, whole) == 0);
    free(again);
    free(whole);
    free(out);
}

static void
try_utf8(const uint8_t *bytes, size_t len)
{
    size_t clean_len = 0, again_len = 0;
    char *clean = utf8_clean(bytes, len, &clean_len);

    REQUIRE(clean && clean[clean_len] == '\0' && clean_len >= len && clean_len <= 3 * len);
    char *again = utf8_clean(clean, clean_len, &again_len);
    REQUIRE(again && again_len == clean_len && memcmp(again, clean, clean_len) == 0);
    /* a judge of its own says that it is valid, and what JSON makes of it is pure */
    json_t *value = json_stringn(clean, clean_len);
    REQUIRE(value);
    char *json = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    REQUIRE(json);
    for (const char *c = json; *c; c++)
        REQUIRE(*c >= 0x20); /* DEL: report/json.c's write_line() */
    json_decref(value);
    free(json);
    free(again);

    /* character by character it is the same */
    const char *at = (const char *)bytes, *end = at + len, *from = clean;
    while (at < end) {
        REQUIRE(from < clean + clean_len);
        REQUIRE(utf8_next(&at, end) == utf8_next(&from, clean + clean_len));
    }
    REQUIRE(from == clean + clean_len);
    free(clean);
}

static void
try_xml(const char *text)
{
    char *xml = xml_text_dup(text);

    REQUIRE(xml);
    const unsigned char *at = (const unsigned char *)xml, *end = at + strlen(xml);
    uint32_t c = 0;
    while (at < end) {
        size_t taken = utf8_decode(at, (size_t)(end - at), &c);
        REQUIRE(taken > 0);
        at += taken;
        REQUIRE(c == '\n' || c == '\t' || c >= 0x20);
        REQUIRE(!(c >= 0x7f && c <= 0x9f) && c != 0xfffe && c != 0xffff);
    }
    free(xml);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    size_t room = fuzz_byte(&input);

    room = 4 + room + 256u * (fuzz_byte(&input) % 8);
    uint8_t *exact = fuzz_copy(input.at, input.left);
    char *text = fuzz_string(input.at, input.left);
    try_escape(exact, input.left, room, ESCAPE_LINE);
    try_escape(exact, input.left, room, ESCAPE_TEXT);
    try_utf8(exact, input.left);
    try_xml(text);
    free(text);
    free(exact);
    return 0;
}
