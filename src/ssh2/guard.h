/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The guard: which message may come now. No bytes, no memory and no libssh2 here: types in,
 * a rule out. Of a connection it knows where the key exchange is (RFC 4253 section 7), whether
 * the userauth service is there (section 10), and whose turn it is in the userauth dialogue
 * (RFC 4252, RFC 4256, RFC 4462 section 3).
 */
#ifndef GUARD_H
#define GUARD_H

#include "ssh2/userauth_msg.h"

#define GUARD_MAX_IGNORED 4096 /* messages that mean nothing: IGNORE, DEBUG and the like */
#define GUARD_MAX_UNKNOWN 64   /* of them of types that nobody knows: libssh2 keeps them all */
#define GUARD_MAX_REKEYS  16   /* key exchanges behind the first one */

/* What the server is at: its KEXINIT opens an exchange, its NEWKEYS ends it. */
enum guard_exchange {
    GUARD_NO_KEYS, /* before its first KEXINIT */
    GUARD_KEXINIT,
    GUARD_KEX_REPLY, /* a message of the exchange's method came */
    GUARD_KEYS
};

enum guard_service { GUARD_NO_SERVICE, GUARD_SERVICE_ASKED, GUARD_SERVICE };

/* The userauth dialogue: what was said last, and so whose turn it is. */
enum guard_dialogue {
    GUARD_NO_REQUEST, /* none was sent, or it was answered */
    GUARD_REQUEST,    /* by none, password or a method of 60 to 79 that we do not know */
    GUARD_CHANGE,     /* the server's PASSWD_CHANGEREQ */
    GUARD_QUERY,      /* publickey without a signature */
    GUARD_KEY,        /* the server's PK_OK */
    GUARD_SIGNED,
    GUARD_ANSWERS, /* keyboard-interactive: the request, or answers */
    GUARD_QUESTIONS,
    GUARD_MECHANISMS, /* gssapi-with-mic: the request */
    GUARD_MECHANISM,
    GUARD_OUR_TOKEN,
    GUARD_TOKEN,
    GUARD_PROOF, /* MIC or EXCHANGE_COMPLETE */
    GUARD_ERROR, /* the server's */
    GUARD_DIALOGUES
};

/* Zeroed at the start. */
struct guard {
    enum guard_exchange exchange;
    enum guard_service service;
    enum guard_dialogue dialogue;
    bool authenticated;       /* SUCCESS came */
    bool error, error_token;  /* gssapi-with-mic: they came for this request */
    unsigned exchanges;       /* the server's KEXINITs */
    bool keyed;               /* our NEWKEYS was sent, since the reply is verified */
    unsigned asked, answered; /* messages of this exchange's method: ours, the server's */
    unsigned ignored, unknown;
};

/*
 * A message of this type has arrived; its bytes are not looked at. NULL where it may have come
 * now, else which rule it breaks: a static text.
 */
const char *guard_arrived(struct guard *guard, unsigned char type);

/* We sent a message that is none of userauth. */
void guard_transport_sent(struct guard *guard, unsigned char type);

/* The server's KEXINIT announced a guess that is wrong: one message more is to come (RFC 4253
 * section 7.1). */
void guard_guessed_wrong(struct guard *guard);

/* May the server say this now? `msg` was decoded, and is of 51 to 79 without BANNER. NULL, or
 * the rule that it breaks. */
const char *guard_check(const struct guard *guard, const struct userauth_msg *msg);

/* It did, and it was in order. */
void guard_received(struct guard *guard, const struct userauth_msg *msg);

/* We said it: to be called of each userauth message that was sent. */
void guard_sent(struct guard *guard, const struct userauth_msg *msg);

/* A request is about to be sent: what the last one was does not matter any more. */
void guard_begin(struct guard *guard);

/* Of a message that we are about to send: does it begin a new dialogue? A signed request does
 * not, where the server said that it accepts the key. */
bool guard_is_new_request(const struct guard *guard, const struct userauth_msg *msg);

/* True where the server has nothing to say before we do. */
bool guard_is_our_turn(const struct guard *guard);

/* "KEXINIT", a static string; NULL for a type that has no name, and for 50 to 79. */
const char *guard_message_name(unsigned char type);

#endif
