/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the two files of publickey share: not for anybody else.
 */
#ifndef PUBLICKEY_H
#define PUBLICKEY_H

#include "auth/agent.h"
#include "auth/attempt.h"
#include "keys/keyfile.h"
#include "util/escape.h"

/* A key that is to be tried: from a file, from the agent, or from the agent as a file names it.
 */
struct candidate {
    const struct identity *identity;   /* NULL: only the agent's */
    struct keyfile file;               /* of the identity */
    const struct agent_key *agent_key; /* NULL: the file's private half signs, or none */
    bool left_out;
};

struct candidates {
    struct candidate *list;
    size_t count;
    struct agent agent;
    bool named_in_agent; /* a file names which of the agent's keys are tried: no others are */
};

/* The public half as it is offered: the certificate where there is one. Its blob is NULL where
 * it is not known before the file is decrypted. */
const struct public_key *candidate_key(const struct candidate *candidate);

#define KEY_UNDECIDED OUTCOME_COUNT /* of a key_try, while it is being offered */

enum offer {
    OFFER_NEXT,  /* not accepted: the next key may be */
    OFFER_END,   /* accepted, or a named key that cannot be used */
    OFFER_BROKEN /* the dialogue ended: attempt_conclude() finds out why */
};

/*
 * Offers one key: the query, and the signature. Adds to the step's keys, where there is room,
 * what came of it, and sets *rc to libssh2's result.
 */
enum offer publickey_offer(struct attempt *attempt, struct agent *agent,
                           const struct candidate *candidate, int *rc);

#endif
