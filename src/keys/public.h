/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Public keys and certificates as bytes (RFC 4253 section 6.6, and OpenSSH's
 * PROTOCOL.certkeys). Pure: no files, no sockets.
 */
#ifndef PUBLIC_H
#define PUBLIC_H

#include <stdbool.h>
#include <stddef.h>

#define PUBLIC_FINGERPRINT 64 /* bytes, with the NUL */

struct public_key {
    unsigned char *blob; /* as it is sent; NULL: none */
    size_t len;
    char type[64]; /* "ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com"; printable */
};

/* Copies the blob, whose first string is the type. False where it is malformed (a type that is
 * no name of RFC 4251 section 6, or none; trailing bytes are not looked at), or memory is
 * short. */
bool public_key_copy(struct public_key *key, const unsigned char *blob, size_t len);

/*
 * Decodes a line as it is in a .pub file: "TYPE BASE64 [COMMENT]". False where it is none,
 * TYPE is not what the blob says, the blob of a known type is not whole, or memory is short.
 */
bool public_key_parse(struct public_key *key, const char *line, size_t len);

/* "SHA256:..." as ssh-keygen -l shows it, of the key itself; of a certificate, of the key that
 * is certified, as ssh-keygen does. Returns `out`. */
char *public_key_fingerprint(char out[PUBLIC_FINGERPRINT], const unsigned char *blob,
                             size_t len);

/* Is it a certificate? */
bool public_key_is_certificate(const struct public_key *key);

/* Is `certificate` for `key`? */
bool public_key_certifies(const struct public_key *certificate, const struct public_key *key);

void public_key_free(struct public_key *key);

#endif
