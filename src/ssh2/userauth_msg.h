/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Userauth messages decoded, and nothing else: no state, no I/O, no memory of its own. Bytes
 * come from a peer that may be hostile; each decode is strict: lengths, counts and trailing
 * bytes. RFC 4252 (messages 50 to 53, password, publickey), RFC 4256 (keyboard-interactive),
 * RFC 4462 section 3 (gssapi-with-mic).
 */
#ifndef USERAUTH_MSG_H
#define USERAUTH_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MSG_DISCONNECT = 1,
    MSG_SERVICE_REQUEST = 5,
    MSG_SERVICE_ACCEPT = 6,
    MSG_KEXINIT = 20,
    MSG_NEWKEYS = 21,
    MSG_KEX_REPLY = 31,
    MSG_KEX_GEX_REPLY = 33,
    MSG_KEX_GEX_REQUEST = 34,
    MSG_USERAUTH_REQUEST = 50,
    MSG_USERAUTH_FAILURE = 51,
    MSG_USERAUTH_SUCCESS = 52,
    MSG_USERAUTH_BANNER = 53,
    /* 60 to 79 mean what the method in progress says */
    MSG_USERAUTH_PK_OK = 60,
    MSG_USERAUTH_PASSWD_CHANGEREQ = 60,
    MSG_USERAUTH_INFO_REQUEST = 60,
    MSG_USERAUTH_INFO_RESPONSE = 61,
    MSG_USERAUTH_GSSAPI_RESPONSE = 60,
    MSG_USERAUTH_GSSAPI_TOKEN = 61,
    MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE = 63,
    MSG_USERAUTH_GSSAPI_ERROR = 64,
    MSG_USERAUTH_GSSAPI_ERRTOK = 65,
    MSG_USERAUTH_GSSAPI_MIC = 66
};

/* The method that gives 60 to 79 their meaning. */
enum userauth_method {
    USERAUTH_NONE,
    USERAUTH_PASSWORD,
    USERAUTH_PUBLICKEY,
    USERAUTH_KBDINT,
    USERAUTH_GSSAPI,
    USERAUTH_OTHER
};

/* Bytes inside the packet that was decoded; never NUL-terminated. */
struct span {
    const unsigned char *bytes;
    size_t len;
};

enum userauth_direction { USERAUTH_SENT, USERAUTH_RECEIVED };

struct userauth_msg {
    unsigned char type;
    enum userauth_direction direction;
    enum userauth_method method; /* of the request itself, else the one in progress */
    size_t size;                 /* of the whole payload */
    const char *refused;         /* why the guard refused it: `u` is not to be used then */
    union {
        struct {
            struct span user, service, method;
            bool flag;      /* publickey: signature follows; password: new password follows */
            uint32_t count; /* gssapi-with-mic: mechanisms */
            size_t secret;  /* bytes of password, signature: their number only */
            struct span key_type, key_blob;
        } request;
        struct {
            struct span methods;
            bool partial;
        } failure;
        struct {
            struct span message, language;
        } banner; /* and PASSWD_CHANGEREQ */
        struct {
            struct span name, instruction, language;
            uint32_t count;
            struct span prompts; /* for userauth_prompt_next() */
        } info_request;
        struct {
            uint32_t count;
            struct span
                responses; /* for userauth_response_next(): lengths may be shown, bytes never */
        } info_response;
        struct {
            struct span algorithm, blob;
        } pk_ok;
        struct {
            struct span token; /* TOKEN, ERRTOK, MIC; RESPONSE: the mechanism's OID */
        } token;
        struct {
            uint32_t major, minor;
            struct span message, language;
        } error;
    } u;
};

struct userauth_prompt {
    struct span text;
    bool echo;
};

/*
 * Decodes one payload. `in_progress` is the method of the last request sent. Returns NULL, or a
 * static text that says which rule was broken, with the RFC's section.
 */
const char *userauth_msg_decode(struct userauth_msg *msg, enum userauth_direction direction,
                                enum userauth_method in_progress, const unsigned char *payload,
                                size_t len);

/* Takes the next prompt of an INFO_REQUEST that was decoded off `rest`; false at the end. */
bool userauth_prompt_next(struct span *rest, struct userauth_prompt *prompt);

/* Takes the next response's length off `rest`; false at the end. */
bool userauth_response_next(struct span *rest, size_t *len);

/* "USERAUTH_INFO_REQUEST", a static string; NULL for a type that has no name in this context.
 */
const char *userauth_msg_name(unsigned char type, enum userauth_method method);

/* The method with this wire name; USERAUTH_OTHER for any other. */
enum userauth_method userauth_method_of(struct span name);

#endif
