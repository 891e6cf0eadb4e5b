/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The seam's part in key exchanges: the first one, and those that the server begins later, of
 * which libssh2 keeps failures to itself. A failure is recorded by packet_refuse().
 */
#ifndef EXCHANGE_GUARD_H
#define EXCHANGE_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "util/failure.h"

struct session;

/* Refuses a message of the server's for breaking a rule, by its name. */
void exchange_refuse(struct session *session, unsigned char type, const char *why);

/* What libssh2 waited for in a key exchange, or for SERVICE_ACCEPT. False: it is refused. */
bool exchange_accept(struct session *session, const unsigned char *payload, size_t len);

/* Of an exchange that libssh2 gave up since nothing could be agreed on: see kexinit_explain().
 */
enum outcome exchange_explain(const struct session *session, struct failure *failure);

/* A read ended the connection: was it libssh2 (1.11.1) that did, since the server sent what a
 * strict key exchange does not allow? It says so in its last error's text alone, at once. */
void exchange_note_violation(struct session *session);

/* Is this message, of the type that libssh2 waited for, to be ignored for being a wrong guess
 * (RFC 4253 section 7.1)? libssh2 does so in Diffie-Hellman alone, not with curves. */
bool exchange_skips(struct session *session, unsigned char type);

/* Before a message of ours leaves: 0, or libssh2's error. The host key that a later exchange
 * shows is compared with the first one's here. */
int exchange_prepare(struct session *session, unsigned char type, const unsigned char *payload,
                     size_t len);

#endif
