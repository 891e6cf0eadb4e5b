/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the fuzzer of the userauth dialogue share.
 *
 * An input is a head of HEAD_SIZE bytes, and records of what the server sends: a byte of
 * RECORD_ flags, the length of the payload (two bytes, big endian), the payload. A head or a
 * payload that is cut short is as if zeros, or nothing, followed.
 */
#ifndef DIALOGUE_H
#define DIALOGUE_H

#include "fuzz.h"
#include "probe/request.h"
#include "ssh2/session.h"

#define HEAD_SIZE 20

enum {
    RECORD_TOGETHER = 1,    /* comes with the one before, not after a message of the client's */
    RECORD_RAW = 2,         /* bytes of the transport, not a payload that is to be framed */
    RECORD_ECHO = 4,        /* PK_OK of the key that was asked about, then the payload */
    RECORD_FLOOD = 8,       /* repetitions come together */
    RECORD_REPEAT_SHIFT = 4 /* the upper half: index of the number of repetitions */
};

/* How the connection ends behind the last record. */
enum dialogue_end { END_EOF, END_RESET, END_SILENCE, END_SIGNAL, END_COUNT };

/* How the socket takes what is sent. */
enum dialogue_sending { SEND_ALL, SEND_LATER, SEND_SLOWLY, SEND_BREAKS, SEND_COUNT };

/* The head, taken apart. */
struct dialogue {
    bool at_once;    /* all of it is there before the first request */
    bool ends_early; /* the end comes with the last record, not when it is waited for */
    enum dialogue_end end;
    enum dialogue_sending sending;
    size_t breaks_at; /* bytes that are sent before SEND_BREAKS fails */
    size_t chunk;     /* bytes that are received at once, at most */
    bool batch, no_trivial, delegate, require_delegation, expect, forbid, crowd;
    unsigned rules;              /* which of dialogue_fuzz.c's */
    unsigned max_refused;        /* at least 1 */
    size_t first_key, key_count; /* of dialogue_keys.c's */
    unsigned person;             /* 0: nobody there */
    unsigned char chain[4];
    size_t chain_count;
    unsigned char gss[8]; /* what each step of GSSAPI gives: dialogue_gss.c */
    unsigned format;
    const uint8_t *records;
    size_t records_len;
};

extern struct dialogue dialogue;

/* dialogue_keys.c: what -i names; the first one has its private half. Made once. */
#define KEYS 3u
extern struct identity keys[KEYS];
void keys_make(void);

/* dialogue_peer.c: the socket, the wait and the signals. */
void peer_begin(void);
void peer_follow(struct session *session); /* whose socket it is */
void peer_start(void);                     /* the server may speak */
bool peer_interrupted(void);
bool peer_went_silent(void);
bool peer_is_gone(void);   /* it hung up, in whatever way, and the program has seen it */
bool peer_was_reset(void); /* and the program has seen it before anything else that is wrong */

/* dialogue_model.c: what was said, seen from the wire, without any of the program's code. */
enum model_state {
    MODEL_IDLE,  /* no request is open */
    MODEL_WAIT,  /* the server is to answer */
    MODEL_ASKED, /* the client is */
    MODEL_DONE,  /* SUCCESS came, in its place */
    MODEL_BAD,   /* something came that has no place */
    MODEL_OVER   /* DISCONNECT, or nothing that is a packet */
};

struct model {
    enum model_state state;
    unsigned char method; /* index of a name in dialogue_model.c */
    bool signed_request;  /* the last publickey request has a signature */
    bool disconnected;    /* DISCONNECT came */
    bool gss_error;       /* ERROR or ERRTOK was sent, by whomever: only a FAILURE may follow */
    bool proof;           /* gssapi-with-mic: MIC or EXCHANGE_COMPLETE was sent */
    bool kex;             /* the server began a key exchange */
    bool kex_answered;    /* and the client goes along */
    uint32_t prompts;     /* of the INFO_REQUEST that waits for its answer */
    unsigned requests, failures, partials, change_requests, pk_oks;
    unsigned passwords, responses, info_requests;
    uint64_t received;
    const uint8_t *blob; /* key of the last publickey request */
    size_t blob_len;
};

extern struct model model;

void model_begin(void);
void model_received(const uint8_t *bytes, size_t len);
void model_sent(const uint8_t *bytes, size_t len);
size_t model_messages_sent(void);

/* dialogue_check.c: text that people see. */
void check_text(const char *text, size_t len, bool lines);

/* dialogue_fuzz.c: is it one that a rule or the person gives? */
void check_answer(const uint8_t *answer, size_t len);

/* dialogue_gss.c */
bool gss_stalls(void); /* the helper thread that runs now will never end */
void gss_begin(void);

#endif
