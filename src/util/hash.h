/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A small number for a long text (FNV-1a, 64 bits), where it only has to be recognised. Not for
 * anything whose safety depends on it: whoever chooses the text can choose the hash.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

/* Goes on from `hash`, HASH_BEGIN at first, with `len` bytes. */
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len);

#endif
