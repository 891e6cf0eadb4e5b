/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one form of a public key. libssh2 takes others as well: numbers with zeros in front,
 * compressed points, something behind the key. Who has a key that is revoked could show it in
 * one of these, in which no list has it.
 */
#ifndef HOSTKEY_BLOB_H
#define HOSTKEY_BLOB_H

#include <stddef.h>

/*
 * A copy of the plain public key (RFC 4253 section 6.6) as ssh writes it: numbers without zeros
 * in front. Returns 0 with *canonical, to be freed, and its length; -EBADMSG where a key of a
 * type that is known here is none that ssh takes; or -ENOMEM. A key of another type is copied
 * as it is.
 */
int hostkey_blob_canonical(const unsigned char *blob, size_t len, unsigned char **canonical,
                           size_t *canonical_len);

#endif
