/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * OpenSSH's own format of private keys (its file PROTOCOL.key).
 */
#ifndef OPENSSH_H
#define OPENSSH_H

#include <stdbool.h>

#include "keys/public.h"
#include "keys/refusal.h"
#include "util/secret.h"

#define OPENSSH_LABEL "OPENSSH PRIVATE KEY"

#define OPENSSH_ROUNDS_MAX 4096 /* of bcrypt: ssh-keygen -a; some 30 s */

/*
 * Judges the decoded file: copies its public half to *key, sets *encrypted. All that is not
 * encrypted is checked to its last byte. False, with the reason in *refusal and *key empty,
 * where it is damaged, of a type that libssh2 cannot sign with, or encrypted by what libssh2
 * does not have or would work on for minutes.
 */
bool openssh_judge(const struct secret *bytes, struct public_key *key, bool *encrypted,
                   struct refusal *refusal);

#endif
