/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file of -i: what kind of key is in it, whether a passphrase is needed, its public half
 * where that can be seen. Nothing is decrypted here: libssh2 does that. No network, no libssh2.
 */
#ifndef KEYFILE_H
#define KEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "keys/public.h"
#include "keys/refusal.h"
#include "util/failure.h"
#include "util/secret.h"

#define KEYFILE_MAX ((size_t)256 * 1024) /* bytes of a key's file */

struct keyfile {
    struct secret text;    /* of a private key: its block, written anew; no NUL inside */
    bool is_private;       /* false: the file holds a public key, or a certificate */
    bool encrypted;        /* a passphrase is needed */
    struct public_key key; /* blob NULL: not known before it is decrypted (PEM) */
    struct public_key certificate; /* of FILE-cert.pub beside a private key; blob NULL: none */
    char *certificate_text;        /* "TYPE BASE64" of that file, for libssh2; NULL: none */
};

/*
 * Reads and judges the file, and FILE-cert.pub beside a private key. Frees nothing that was in
 * *keyfile before. False, with OUTCOME_CREDENTIAL and "FILE: why" in `failure`, where it
 * cannot be read, is no regular file, is too large, holds a private key that others can read,
 * is no key (PuTTY's .ppk, SSH.com's and DER files are named for what they are, with the
 * ssh-keygen or puttygen command that converts them as the hint), is damaged, or encrypted by a
 * cipher that libssh2 does not have (OpenSSH's chacha20-poly1305 and GCM) or by one whose key
 * takes more than some 30 s to derive, is of a type that libssh2 cannot sign with, or a
 * certificate beside it is damaged or for another key (where the key's public half is known).
 * INTERNAL: memory. *keyfile is then empty.
 */
bool keyfile_load(struct keyfile *keyfile, const char *path, struct failure *failure);

/*
 * The two parts of it that read no file: the key's text, which ends with a NUL behind its
 * length, with the status of its file; then the certificate's. *keyfile is zeroed before the
 * first, and to be freed in any case. False with the reason in *refusal.
 */
bool keyfile_judge(struct keyfile *keyfile, const struct secret *text,
                   const struct stat *status, struct refusal *refusal);
bool keyfile_judge_certificate(struct keyfile *keyfile, const struct secret *text,
                               struct refusal *refusal);

/* Wipes and frees; safe on a zeroed struct and twice. */
void keyfile_free(struct keyfile *keyfile);

#endif
