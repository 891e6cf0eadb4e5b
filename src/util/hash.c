/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fowler, Noll and Vo's hash in the variant that XORs first.
 */
#include <config.h>

#include "util/hash.h"

#define PRIME UINT64_C(0x100000001b3)

uint64_t
hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * PRIME;
    return hash;
}
