/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the types of OpenSSH's certificates are named (PROTOCOL.certkeys).
 */
#ifndef CERTIFICATE_H
#define CERTIFICATE_H

#include <stddef.h>

#define CERTIFICATE_SUFFIX "-cert-v01@openssh.com"

/* Of a certificate's type of `len` bytes the length without the suffix, as in "ssh-ed25519"; 0
 * where it is not a certificate's. */
size_t certificate_plain_length(const void *type, size_t len);

#endif
