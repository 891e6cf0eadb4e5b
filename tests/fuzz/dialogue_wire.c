/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nothing of the program's is used: this must not be wrong where that is.
 */
#include <config.h>

#include "dialogue_wire.h"

#include <string.h>

/* Fields ---------------------------------------------------------------------------------- */

uint32_t
field_number(struct field *f)
{
    if (f->bad || f->left < 4) {
        f->bad = true;
        return 0;
    }
    uint32_t value = (uint32_t)f->at[0] << 24 | (uint32_t)f->at[1] << 16 |
                     (uint32_t)f->at[2] << 8 | f->at[3];
    f->at += 4;
    f->left -= 4;
    return value;
}

struct field
field_string(struct field *f)
{
    uint32_t len = field_number(f);
    struct field value = {f->at, len, false};

    if (f->bad || len > f->left) {
        f->bad = true;
        return (struct field){f->at, 0, true};
    }
    f->at += len;
    f->left -= len;
    return value;
}

uint8_t
field_octet(struct field *f)
{
    if (f->bad || f->left < 1) {
        f->bad = true;
        return 0;
    }
    f->left--;
    return *f->at++;
}

bool
field_at_end(const struct field *f)
{
    return !f->bad && f->left == 0;
}

bool
field_is_text(struct field value, const char *text)
{
    return value.left == strlen(text) && memcmp(value.at, text, value.left) == 0;
}

/* Packets --------------------------------------------------------------------------------- */

void
stream_begin(struct stream *stream, bool version)
{
    stream->len = 0;
    stream->version = version;
    stream->broken = false;
}

static void
drop_front(struct stream *stream, size_t len)
{
    memmove(stream->bytes, stream->bytes + len, stream->len - len);
    stream->len -= len;
}

/* The client's first line is no packet. */
static bool
version_over(struct stream *stream)
{
    uint8_t *end = stream->version ? NULL : memchr(stream->bytes, '\n', stream->len);

    if (end) {
        drop_front(stream, (size_t)(end + 1 - stream->bytes));
        stream->version = true;
    }
    return stream->version;
}

static void
cut(struct stream *stream, void (*said)(const uint8_t *payload, size_t len))
{
    while (stream->len >= 5) {
        struct field f = {stream->bytes, 4, false};
        size_t len = field_number(&f);
        size_t padding = stream->bytes[4];
        if (len < 1 || len > PACKET_ROOM || padding > len - 1) {
            stream->broken = true;
            return;
        }
        if (stream->len < 4 + len)
            return;
        said(stream->bytes + 5, len - 1 - padding);
        drop_front(stream, 4 + len);
    }
}

void
stream_feed(struct stream *stream, const uint8_t *bytes, size_t len,
            void (*said)(const uint8_t *payload, size_t len))
{
    while (len && !stream->broken) {
        size_t part = sizeof stream->bytes - stream->len;
        if (part > len)
            part = len;
        memcpy(stream->bytes + stream->len, bytes, part);
        stream->len += part;
        bytes += part;
        len -= part;
        if (version_over(stream))
            cut(stream, said);
    }
}
