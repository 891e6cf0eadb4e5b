/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Is the key that the server showed the right one? Decided after the key exchange and before
 * anything else is sent.
 */
#ifndef HOSTKEY_H
#define HOSTKEY_H

#include "probe/hostkey_known.h"
#include "probe/request.h"
#include "util/deadline.h"
#include "util/failure.h"

enum hostkey_status {
    HOSTKEY_NOT_SEEN,
    HOSTKEY_KNOWN,    /* in a known hosts file */
    HOSTKEY_NEW,      /* was unknown, now written to the file */
    HOSTKEY_UNKNOWN,  /* in no file; accepted for this run where the person said so */
    HOSTKEY_MISMATCH, /* the files have other keys for this host, of this type or another */
    HOSTKEY_REVOKED,  /* @revoked, or in the list of revoked keys */
    HOSTKEY_PINNED,   /* --fingerprint matched */
    HOSTKEY_UNPINNED, /* --fingerprint given, none matched */
    HOSTKEY_UNCHECKED /* --host-key=off, and the key is not a known one */
};

struct hostkey_verdict {
    enum hostkey_status status;
    char type[KNOWN_HOSTS_TYPE_SIZE];           /* "ssh-ed25519"; printable */
    char fingerprint[HOSTKEY_FINGERPRINT_SIZE]; /* "SHA256:" and 43 characters */
    char place[128]; /* "FILE:LINE" of the line that decided, or of the file that was written;
                          else empty; printable, cut to fit */
    bool accepted;
    bool changed; /* status is MISMATCH (and accepted where --host-key=off went on): no typed
                     secrets */
};

/*
 * The word that reports use: known, new, unknown, mismatch (also of a key that is not a pinned
 * one), revoked, pinned, unchecked; NULL for HOSTKEY_NOT_SEEN.
 */
const char *hostkey_status_word(enum hostkey_status status);

/*
 * Judges the key blob (RFC 4253 section 6.6: string type, ...) against the request's settings,
 * asks the person or writes the file where the settings say so. `server_fd` is watched while a
 * person is asked, and `deadline` moved by the time that takes. Returns OUTCOME_SUCCESS where
 * the key is accepted, else with the reason in `failure`:
 *   HOST_KEY        unknown, changed, revoked, not a pinned one, not accepted by the person,
 *                   to be remembered (accept-new) and not written, or the list of revoked keys
 *                   cannot be read
 *   CREDENTIAL      the --known-hosts file is there and cannot be read
 *   PROTOCOL_ERROR  the blob is malformed
 *   KEX_FAILURE     it is a host certificate, which libssh2 cannot verify
 *   NO_RESPONSE, DISCONNECTED  while asking
 *   INTERRUPTED     while asking, reading or writing
 *   INTERNAL        memory or libcrypto
 */
enum outcome hostkey_check(const struct request *request, const unsigned char *blob, size_t len,
                           int server_fd, struct deadline *deadline,
                           struct hostkey_verdict *verdict, struct failure *failure);

/*
 * The host key algorithms to ask the server for, for LIBSSH2_METHOD_HOSTKEY: those of
 * `supported` (the library's own, comma-separated, in its order), the ones of which a key is
 * known for this host first. Known are keys that are neither @revoked nor @cert-authority; an
 * ssh-rsa key is one for rsa-sha2-512, rsa-sha2-256 and ssh-rsa. With fingerprints, or nothing
 * known, the order stays. Certificate algorithms are left out: libssh2 lists some, and cannot
 * verify a host certificate. To be freed by the caller; NULL where memory is short.
 */
char *hostkey_preference(const struct request *request, const char *supported);

#endif
