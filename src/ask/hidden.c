/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why not readline's own editor: it keeps what is killed in its ring, where Ctrl-Y at the next
 * prompt finds it, and leaves copies of the line in memory that nobody wipes.
 */
#include <config.h>

#include "ask/hidden.h"

#define CTRL(letter) ((letter)&0x1f)
#define DEL          0x7f

/* Bytes of the character at the end of the text: one, or a whole well-formed UTF-8 sequence. */
static size_t
last_character(const struct secret *secret)
{
    size_t max = secret->len < 4 ? secret->len : 4;
    for (size_t n = 1; n <= max; n++) {
        unsigned char byte = (unsigned char)secret->text[secret->len - n];
        if ((byte & 0xc0) == 0x80) {
            continue; /* a continuation byte: look further to the left */
        }
        size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        return length == n ? n : 1;
    }
    return 1;
}

static bool
ends_in_blank(const struct secret *secret)
{
    return secret->text[secret->len - 1] == ' ' || secret->text[secret->len - 1] == '\t';
}

static void
erase_character(struct secret *secret)
{
    if (secret->len > 0) {
        secret_truncate(secret, secret->len - last_character(secret));
    }
}

static void
erase_word(struct secret *secret)
{
    while (secret->len > 0 && ends_in_blank(secret)) {
        erase_character(secret);
    }
    while (secret->len > 0 && !ends_in_blank(secret)) {
        erase_character(secret);
    }
}

void
hidden_reset(struct hidden *hidden)
{
    secret_clear(hidden->answer);
    hidden->state = HIDDEN_PLAIN;
    hidden->too_long = false;
}

static void
take(struct hidden *hidden, unsigned char key)
{
    if (key == '\0') {
        return;
    }
    if (hidden->too_long || !secret_append(hidden->answer, &key, 1)) {
        hidden->too_long = true;
    }
}

static enum hidden_result
plain_key(struct hidden *hidden, unsigned char key)
{
    switch (key) {
    case '\r':
    case '\n':
        return HIDDEN_LINE;
    case CTRL('D'):
        return hidden->answer->len == 0 ? HIDDEN_END : HIDDEN_MORE;
    case CTRL('H'):
    case DEL:
        erase_character(hidden->answer);
        break;
    case CTRL('W'):
        erase_word(hidden->answer);
        break;
    case CTRL('U'):
        hidden_reset(hidden);
        break;
    case CTRL('V'):
        hidden->state = HIDDEN_QUOTED;
        break;
    case CTRL('['):
        hidden->state = HIDDEN_ESC;
        break;
    default:
        if (key >= ' ' || key == '\t') {
            take(hidden, key);
        }
        break;
    }
    return HIDDEN_MORE;
}

/* The state after one more byte of an escape sequence (ECMA-48, 5.4); PLAIN: the byte is no
 * part of it. */
static enum hidden_state
sequence_key(enum hidden_state state, unsigned char key)
{
    switch (state) {
    case HIDDEN_ESC:
        return key == '[' ? HIDDEN_CSI : key == 'O' ? HIDDEN_LAST : HIDDEN_PLAIN;
    case HIDDEN_CSI:
        if (key == '[') {
            return HIDDEN_LAST; /* the Linux console's F1 to F5 */
        }
        return key >= 0x20 && key <= 0x3f ? HIDDEN_CSI_IN : HIDDEN_PLAIN;
    case HIDDEN_CSI_IN:
        return key >= 0x20 && key <= 0x3f ? HIDDEN_CSI_IN : HIDDEN_PLAIN;
    default:
        return HIDDEN_PLAIN;
    }
}

enum hidden_result
hidden_key(struct hidden *hidden, unsigned char key)
{
    enum hidden_state state = hidden->state;
    if (state == HIDDEN_PLAIN) {
        return plain_key(hidden, key);
    }
    hidden->state = HIDDEN_PLAIN;
    if (state == HIDDEN_QUOTED) {
        take(hidden, key);
        return HIDDEN_MORE;
    }
    hidden->state = sequence_key(state, key);
    if (hidden->state != HIDDEN_PLAIN) {
        return HIDDEN_MORE;
    }
    /* After ESC alone the key is one of its own; a sequence ends with a printable byte. */
    bool last = state != HIDDEN_ESC && key >= 0x40 && key <= 0x7e;
    return last ? HIDDEN_MORE : plain_key(hidden, key);
}
