/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RevokedHostKeys of ssh_config(5): a file of public keys, one a line, or a KRL (OpenSSH's
 * PROTOCOL.krl). Read here, both: `ssh-keygen -Q` knows KRLs only, and need not be installed.
 * Whatever is not understood is an error, and never a key that is not revoked.
 */
#ifndef HOSTKEY_REVOKED_H
#define HOSTKEY_REVOKED_H

#include <stddef.h>

/*
 * Is this plain public key (a blob, RFC 4253 section 6.6) revoked? Returns 1, with `line` set
 * to the line that says so, 0 of a KRL; 0 where it is not; else -errno as known_hosts_scan(),
 * which says which kinds of file are read, or one of these:
 *
 * -EBADMSG, line 0: a KRL that is damaged, or has sections that are not known.
 *
 * -EBADMSG: the first line that is neither empty nor a comment nor a public key. As with ssh it
 * does no harm behind the line that has the key.
 *
 * -EFBIG: more than 128 MiB, which is ssh's limit for KRLs.
 *
 * -ENOTSUP: libcrypto lacks the hash that a KRL has.
 *
 * -ENOMEM
 */
int hostkey_revoked_look(const char *path, const unsigned char *blob, size_t len,
                         unsigned *line);

/* The same, of a file's content. */
int hostkey_revoked_in(const unsigned char *content, size_t size, const unsigned char *blob,
                       size_t len, unsigned *line);

#endif
