/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The part of the seam that needs no libssh2: packet.c hands each payload over. The parts of
 * packet.h that only read or fill the record are defined in record.c as well.
 */
#ifndef RECORD_H
#define RECORD_H

#include "ssh2/packet.h"

/*
 * Looks at one payload that was received while the method in progress waits for one of the
 * 0-ended `types`. True: it is recorded, and to be handed on; *len may have become less. False:
 * with *taken it was a banner, which is recorded and dealt with; else packet->failure says what
 * is wrong with it.
 */
bool record_received(struct packet *packet, const unsigned char *types, unsigned char *payload,
                     size_t *len, bool *taken);

/* Refuses a message of the server's, by its name, for breaking a rule. */
void record_refuse(struct packet *packet, unsigned char type, const char *why);

/* A new request is about to be sent: forgets the reply to the one before. False: there were too
 * many, and packet->failure says so. */
bool record_new_request(struct packet *packet, const struct userauth_msg *msg);

/* Notes one message that was sent. */
void record_sent(struct packet *packet, const struct userauth_msg *msg);

#endif
