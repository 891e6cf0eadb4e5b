/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For tests of the decoder: payloads where one byte too far is a crash, with or without
 * sanitizers, and what was decoded as text.
 */
#ifndef MESSAGE_TEXT_H
#define MESSAGE_TEXT_H

#include "ssh2/userauth_msg.h"

struct message_text {
    char text[4096]; /* "FAILURE [password] no"; what does not fit is left out */
    size_t len;
    size_t wire; /* bytes that the fields take on the wire */
    const unsigned char *payload;
    size_t payload_len;
};

/* cmocka's group setup and teardown: a page, and behind it one that cannot be accessed. */
int message_pages_make(void **state);
int message_pages_drop(void **state);

/* A copy that ends where the page does; the next call overwrites it. */
unsigned char *message_guarded(const unsigned char *bytes, size_t len);

/*
 * Describes what `payload` was decoded to. Asserts that all of its spans lie inside the
 * payload, that the prompts and responses are as many as announced, and that the fields and
 * nothing else fill the payload.
 */
void message_describe(struct message_text *out, const struct userauth_msg *msg,
                      const unsigned char *payload, size_t len);

#endif
