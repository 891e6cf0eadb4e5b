/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fields that keys are made of (RFC 4251 section 5), taken off one after the other. Nothing
 * is copied. Each function returns false, having taken nothing, where the field is not all
 * there.
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

bool wire_string(struct wire *wire, struct wire *string);

/* Are these the bytes of `text`? */
bool wire_is(const struct wire *wire, const char *text);

bool wire_equal(const struct wire *a, const struct wire *b);

#endif
