/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What both sides offered at the start of the key exchange (RFC 4253 section 7.1), kept until
 * the host key is accepted: libssh2 says that it has no algorithm in common with the server,
 * and neither for what nor what the server has.
 */
#ifndef KEXINIT_H
#define KEXINIT_H

#include "util/bytes.h"
#include "util/failure.h"

#define KEXINIT_MAX_INPUT 40000 /* bytes: lines before the version, and one packet (6.1) */

struct kexinit {
    struct bytes ours;  /* the payload */
    struct bytes input; /* what the server sent, from its first byte on */
    bool short_memory;  /* input has a gap */
};

/* Notes what the server sent in clear text: all of it, in order. */
void kexinit_received(struct kexinit *kexinit, const void *data, size_t len);

/* Notes our KEXINIT, a payload in two parts. */
void kexinit_sent(struct kexinit *kexinit, const void *data, size_t len, const void *data2,
                  size_t len2);

/*
 * Sets the failure of a key exchange that libssh2, of that version, gave up: KEX_FAILURE with
 * each purpose that there is no common algorithm for and what the server has, and which libssh2
 * knows one of these; PROTOCOL_ERROR where the server's KEXINIT is malformed.
 */
enum outcome kexinit_explain(const struct kexinit *kexinit, const char *version,
                             struct failure *failure);

/* Frees, and keeps nothing. */
void kexinit_free(struct kexinit *kexinit);

#endif
