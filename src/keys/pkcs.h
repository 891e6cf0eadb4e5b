/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What PEM has inside (RFC 8017, RFC 5915, RFC 5208): enough to see whether it is whole, and
 * what a passphrase would cost. OpenSSL reads the rest.
 */
#ifndef PKCS_H
#define PKCS_H

#include <stdbool.h>

#include "keys/pem.h"

/*
 * Judges the block; sets *encrypted. False, with the reason in *refusal, where it is of a kind
 * that OpenSSL does not have, its length is not what it says, its cipher is none of OpenSSL's,
 * or deriving the cipher's key would take minutes.
 */
bool pkcs_judge(const struct pem *pem, const struct pem_body *body, bool *encrypted,
                struct refusal *refusal);

#endif
