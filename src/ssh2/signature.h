/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The name in a signature made with a certificate. It is that of the key that is certified
 * (OpenSSH's PROTOCOL.certkeys): "ssh-ed25519", and not "ssh-ed25519-cert-v01@openssh.com", as
 * libssh2 1.10.0 writes for all but ECDSA, so that no server takes it.
 */
#ifndef SIGNATURE_H
#define SIGNATURE_H

#include "ssh2/outgoing.h"
#include "ssh2/userauth_msg.h"

/*
 * Where `msg`, decoded from the payload, is a publickey request whose signature names a
 * certificate's type, sets *corrected to the same request with the key's; else leaves it empty.
 * False where memory is short.
 */
bool signature_correct(const struct userauth_msg *msg, const unsigned char *payload, size_t len,
                       struct outgoing *corrected);

#endif
