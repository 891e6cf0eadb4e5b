/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of the guard and the record: a session without a socket, and one message after
 * the other for it.
 */
#ifndef RECORD_FIXTURE_H
#define RECORD_FIXTURE_H

#include "message_table.h"
#include "ssh2/record.h"

#define SUCCESS_MSG  BYTES("\x34")
#define FAILURE_MSG  BYTES("\x33" L3 "a,b\0")
#define BANNER_MSG   BYTES("\x35" L2 "hi" L0)
#define INFO_MSG     BYTES("\x3c" L0 L0 L0 L0)
#define TOKEN_MSG    BYTES("\x3d" L2 "`x")
#define RESPONSE_MSG BYTES("\x3c" L1 "o")

/* What we send. */
#define NONE_MSG      BYTES(HEAD L4 "none")
#define RESPONSES_MSG BYTES("\x3d" L0)

/* What libssh2 and gssapi_with_mic.c wait for. */
#define FOR_VERDICT "\x34\x33"
#define FOR_KBDINT  "\x3c\x33\x34"
#define FOR_GSSAPI  "\x3c\x3d\x40\x41\x33\x34"
#define ALL         "\x03\x32\x33\x34\x3c\x3d\x3e\x3f\x40\x41"

enum fate { HANDED_ON, TAKEN, REFUSED };

struct session_record {
    struct packet packet;
    unsigned observed; /* messages that were not refused */
    unsigned refused;
    unsigned char last_observed;
    unsigned char payload[1024]; /* of the last message, as it was handed on */
    size_t len;
};

/* A session whose last request was `method`'s (publickey: a query), or without any request. */
void record_begin(struct session_record *record, enum userauth_method method, bool request);

/* We sent this message: it must be well-formed. */
void record_send(struct session_record *record, const unsigned char *bytes, size_t len);

/* One message arrives, in memory of its exact size, while one of `types` is waited for. */
enum fate record_receive_span(struct session_record *record, const char *types,
                              struct span message);
enum fate record_receive(struct session_record *record, const char *types,
                         const unsigned char *bytes, size_t len);

#endif
