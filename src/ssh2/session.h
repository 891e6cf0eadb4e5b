/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One SSH connection up to and through authentication: libssh2's session with an allocator, a
 * receive function and a wait of our own, so that memory, input and time are bounded whatever
 * the server sends. Everything hangs from libssh2_session_abstract(); nothing is global.
 */
#ifndef SESSION_H
#define SESSION_H

#include <sys/types.h>

#include "ssh2/compat.h"
#include "ssh2/memory.h"
#include "ssh2/packet.h"
#include "ssh2/version.h"
#include "util/deadline.h"

#define SESSION_MAX_INPUT   ((uint64_t)2 * 1024 * 1024) /* bytes from one server */
#define SESSION_MAX_PREFACE ((uint64_t)256 * 1024)      /* before its version has ended */

struct gssapi_login; /* gssapi_with_mic.c */

/* The server's DISCONNECT (RFC 4253 section 11.1). */
struct session_disconnect {
    bool seen;
    uint32_t reason;
    unsigned char text[1024]; /* as sent, cut to fit */
    size_t text_len;
};

/* Received with the server's version line, and not handed to libssh2 yet. */
struct session_ahead {
    size_t begin, end;
    char bytes[2048]; /* mostly its KEXINIT, too */
};

struct session {
    LIBSSH2_SESSION *lib;
    int fd;
    struct deadline deadline; /* moved by the time that people take to type */
    int64_t waited;           /* ns, for other targets: in no time that is reported */
    int wake_fd;              /* also waited for: a worker's, or -1 */
    struct memory memory;     /* libssh2's */
    unsigned long
        shortages; /* wipe_memory_shortages() at the start, in the thread that has it */
    struct packet packet;
    struct gssapi_login *gssapi;
    const struct gss_choice *gss_choice; /* for the next gssapi-with-mic; NULL: the default */
    struct session_disconnect disconnect;
    int agent_error; /* errno of what an agent's socket failed with last, or 0 */
    uint64_t input;  /* bytes received, those that are ahead not counted */
    struct version_reader version;
    struct session_ahead ahead;
    bool eof;           /* the server closed its side */
    int error;          /* errno of a failed send or receive, or 0 */
    int64_t version_at; /* clock_now() when the server's version was there; 0: not yet */
    void *attempt;      /* the attempt in progress, for libssh2's callbacks */
};

/* The session behind a libssh2 session; NULL for one that is not ours. */
struct session *session_of(LIBSSH2_SESSION *lib);

/*
 * Makes a session on a connected, non-blocking socket, which stays the caller's and is to be
 * closed after session_close(). libssh2_init() must have been called. `deadline` bounds
 * everything that follows. NULL where memory is short.
 */
struct session *session_open(int fd, struct deadline deadline);

/* Says goodbye where something was said after the key exchange, and frees it. NULL is fine. */
void session_close(struct session *session);

/*
 * Waits until libssh2 can go on: the socket in the directions it blocks on, or wake_fd. Returns
 * OUTCOME_SUCCESS, OUTCOME_TIMEOUT, or OUTCOME_INTERRUPTED.
 */
enum outcome session_wait(struct session *session);

/* True where session_wait() would not wait: the limit passed, or a signal came. */
bool session_over(const struct session *session);

/*
 * Exchanges versions and keys, up to the point where the host key is known and nothing else has
 * been sent. `hostkey_algorithms`: in the order to ask for them, or NULL. On failure the
 * outcome, with the reason in `failure`: KEX_FAILURE, HOST_KEY (wrongly signed),
 * PROTOCOL_ERROR, DISCONNECTED, TIMEOUT, INTERRUPTED, INTERNAL.
 */
enum outcome session_exchange_keys(struct session *session, const char *hostkey_algorithms,
                                   struct failure *failure);

/* True once the server's version line was received: the stage is then the key exchange. */
bool session_has_version(const struct session *session);

/* Accepts the host key: asks for the userauth service, and learns the session identifier. */
enum outcome session_request_userauth(struct session *session, struct failure *failure);

/*
 * Can this libssh2 make signatures for keys of this type, "ssh-ed25519", or a certificate's
 * "ssh-ed25519-cert-v01@openssh.com"? RSA counts as long as there is ssh-rsa.
 */
bool session_can_sign(const struct session *session, const char *type);

/* libssh2 before 1.11 has only ssh-rsa, which is SHA-1 and refused by servers of today. */
bool session_has_rsa_sha2(const struct session *session);

/* Was there a moment without memory, of this session's, or in libcrypto in this thread since?
 * libssh2 hides it behind other errors. */
bool session_memory_was_short(const struct session *session);

/*
 * Why a call of libssh2's failed with `rc` although the server gave no answer: the seam's own
 * verdict, DISCONNECT, end of file, an errno, or what libssh2 says. Never OUTCOME_SUCCESS.
 */
enum outcome session_diagnose(struct session *session, int rc, struct failure *failure);

/* The same of a handshake that failed before the host key could be judged. */
enum outcome session_diagnose_exchange(struct session *session, int rc,
                                       struct failure *failure);

#endif
