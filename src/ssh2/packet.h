/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The seam to libssh2's private packet functions: the one place that knows that they exist.
 * The program is linked with --wrap for the two functions that all of libssh2's userauth code
 * sends and receives through, so that each userauth message passes here, in both directions,
 * for the one that its key exchange receives through, and for the one that reads any message.
 *
 *  - observe: each message, decoded; the server's verdict, partial success included, the
 *    methods that can continue, banners;
 *  - guard: a malformed or misplaced message never reaches libssh2's parsers (guard.h says
 *    which one is misplaced); nothing but the key exchange leaves before the host key is
 *    accepted, and never a message of 80 or more; a later key exchange shows the same host key;
 *    after an error nothing more is sent;
 *  - correct: a signature that libssh2 names wrongly (signature.h);
 *  - speak: one userauth packet out, one in: what gssapi-with-mic needs.
 */
#ifndef PACKET_H
#define PACKET_H

#include <stdint.h>

#include "ssh2/exchange.h"
#include "ssh2/guard.h"
#include "ssh2/outgoing.h"
#include "ssh2/userauth_msg.h"
#include "util/bytes.h"
#include "util/failure.h"

struct session;

#define PACKET_MAX_SENT    34743 /* payload; libssh2's MAX_SSH_PACKET_LEN less 0x100 and 1 */
#define PACKET_MAX_PROMPTS 100   /* in one INFO_REQUEST, as libssh2 */
#define PACKET_MAX_ROUNDS  100   /* INFO_REQUESTs in one attempt */
#define PACKET_MAX_TOKENS  32    /* GSSAPI tokens received in one attempt */
#define PACKET_MAX_BANNERS 64    /* kept; more are only counted */
#define PACKET_MAX_QUERIES 4     /* of publickey about one key */
#define PACKET_SESSION_ID  64    /* bytes: a SHA-512 key exchange hash is the longest */

/* What the server said to the request in progress. */
struct packet_reply {
    bool success;
    bool failure;
    bool partial;    /* of the FAILURE */
    bool dialogue;   /* a message of 60 to 79 came */
    bool signature;  /* publickey: a signed request was sent */
    char *methods;   /* of the FAILURE: a name-list, printable ASCII */
    unsigned rounds; /* INFO_REQUESTs or GSSAPI tokens received */
};

/* Told of each userauth message once it was sent, or received; also of one that was refused. */
typedef void packet_observer(void *context, const struct userauth_msg *msg);

/* While libssh2 is called for its own state's sake only: what it is handed as the answer. */
enum packet_phantom { PHANTOM_NONE, PHANTOM_SESSION_ID, PHANTOM_SUCCESS };

/* The seam's state of one session, part of struct session. */
struct packet {
    struct failure failure; /* once set: nothing is sent or received any more */
    struct guard guard;
    bool gate_open;            /* the host key was accepted */
    bool service_held;         /* key exchange complete, SERVICE_REQUEST waits for the gate */
    bool resend;               /* libssh2 will repeat the send that would have blocked */
    struct outgoing corrected; /* what is sent instead of libssh2's own bytes */
    bool credential_sent; /* a password, answer, signature or token, in the whole session */
    unsigned queries;     /* of publickey, since packet_begin() */
    int transport_error;  /* libssh2's, of a read that failed: its calls hide it */
    enum packet_phantom phantom;
    enum userauth_method method;
    struct packet_reply reply;
    struct bytes info_request;   /* the last INFO_REQUEST's payload, as the server sent it */
    struct bytes change_text;    /* PASSWD_CHANGEREQ's prompt, as the server sent it */
    struct bytes key_blob;       /* the public key of the last publickey request */
    struct bytes key_algorithm;  /* what that one names it */
    struct bytes own_kexinit;    /* our last KEXINIT */
    struct exchange_group group; /* that we asked for last */
    struct bytes server_kexinit; /* the server's, as long as its exchange is under way */
    bool guess;           /* the server's next message of the key exchange is a wrong one */
    const void *host_key; /* of the first key exchange, in libssh2's memory */
    size_t host_key_len;
    struct bytes banners[PACKET_MAX_BANNERS];
    size_t banner_count;
    size_t banners_said; /* how many of them a person has been shown: auth's business */
    unsigned banners_dropped;
    unsigned char session_id[PACKET_SESSION_ID];
    size_t session_id_len;
    packet_observer *observer; /* may be NULL */
    void *observer_context;
};

/* Frees what the record holds. */
void packet_free(struct packet *packet);

/* Forgets the reply to the last attempt; the session's own record stays. */
void packet_begin(struct packet *packet);

/*
 * Records a failure after which no byte is sent or received on this session: a cancelled prompt
 * must not become an empty answer. The first one stays.
 */
void packet_refuse(struct packet *packet, enum outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same of a failure that is recorded already, with its remedy. */
void packet_refuse_for(struct packet *packet, const struct failure *failure);

/* The last INFO_REQUEST, decoded; false where none came. Points into the record. */
bool packet_info_request(const struct packet *packet, struct userauth_msg *msg);

/* Takes banners that arrived but were not asked for yet off libssh2's queue. */
void packet_collect_banners(struct session *session);

/*
 * Sends one userauth payload. 0, LIBSSH2_ERROR_EAGAIN (call again with the same bytes at the
 * same address), or another of libssh2's errors.
 */
int packet_send(struct session *session, const unsigned char *payload, size_t len);

/*
 * Receives one userauth payload whose type is among the 0-ended `types`: 0 with *payload, to be
 * freed by packet_payload_free(), LIBSSH2_ERROR_EAGAIN, or another of libssh2's errors.
 */
int packet_receive(struct session *session, const unsigned char *types, unsigned char **payload,
                   size_t *len);
void packet_payload_free(struct session *session, unsigned char *payload);

/* To be called once before libssh2's session is freed: of what is to be sent or received any
 * more there is only DISCONNECT. */
void packet_abandon(struct session *session);

/*
 * Learns the session identifier (RFC 4253 section 7.2) from libssh2, with nothing sent: to be
 * called once, right after the handshake. False where libssh2 did not give it.
 */
bool packet_learn_session_id(struct session *session);

/* What libssh2 is handed meanwhile: 0 with a payload of the session's allocator, else libssh2's
 * error. For packet.c. */
int packet_phantom_reply(struct session *session, unsigned char **data, size_t *len);

/* Makes libssh2_userauth_authenticated() true, after a SUCCESS that packet_receive() gave. */
void packet_mark_authenticated(struct session *session);

#endif
