/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fields that keys and small messages are made of (RFC 4251 section 5), taken off one after
 * the other. Nothing is copied. What takes a field returns false, having taken nothing, where
 * it is not all there. (The decoder of userauth messages has a reader of its own, whose error
 * sticks.)
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire {
    const unsigned char *at;
    size_t left;
};

bool wire_skip(struct wire *wire, size_t len);

bool wire_u32(struct wire *wire, uint32_t *value);

/* The bytes of a string, without its length. */
bool wire_string(struct wire *wire, struct wire *string);

/* Are these the bytes of `text`? */
bool wire_is(const struct wire *wire, const char *text);

bool wire_equal(const struct wire *a, const struct wire *b);

/* Writes four bytes, of which there must be room, and returns what is behind them. */
unsigned char *wire_put_u32(unsigned char *at, uint32_t value);

#endif
