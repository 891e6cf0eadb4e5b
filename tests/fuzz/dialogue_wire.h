/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The wire as dialogue_model.c reads it: a stream of bytes cut into packets in clear text (RFC
 * 4253 section 6), and the fields of their payloads (RFC 4251 section 5).
 */
#ifndef DIALOGUE_WIRE_H
#define DIALOGUE_WIRE_H

#include "fuzz.h"

#define PACKET_ROOM 65536 /* more than libssh2 takes (40000) or makes (35000) */

/* A payload that is read from its front, or one string of it. Once something was missing it is
 * bad, and all that is read later is 0 or empty. */
struct field {
    const uint8_t *at;
    size_t left;
    bool bad;
};

uint32_t field_number(struct field *f);
struct field field_string(struct field *f);
uint8_t field_octet(struct field *f);
bool field_at_end(const struct field *f); /* and nothing was missing */
bool field_is_text(struct field value, const char *text);

/* One direction's stream. */
struct stream {
    uint8_t bytes[PACKET_ROOM + 5];
    size_t len;
    bool version; /* the line before the packets is over */
    bool broken;  /* what came is no packet; nothing is read any more */
};

void stream_begin(struct stream *stream, bool version);

/* Hands the payload of each packet that is complete now to said(). */
void stream_feed(struct stream *stream, const uint8_t *bytes, size_t len,
                 void (*said)(const uint8_t *payload, size_t len));

#endif
