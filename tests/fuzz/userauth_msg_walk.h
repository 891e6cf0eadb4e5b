/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Did the decoder of userauth messages tell what is on the wire?
 */
#ifndef USERAUTH_MSG_WALK_H
#define USERAUTH_MSG_WALK_H

#include "fuzz.h"
#include "ssh2/userauth_msg.h"

/* Of a message that was taken: each field is where it stands in the payload, and together they
 * fill it. */
void require_filled(const struct userauth_msg *msg, const uint8_t *payload, size_t len);

#endif
