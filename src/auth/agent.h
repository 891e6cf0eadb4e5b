/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ssh-agent at SSH_AUTH_SOCK, through libssh2.
 */
#ifndef AGENT_H
#define AGENT_H

#include "auth/attempt.h"
#include "keys/public.h"

#define AGENT_MAX_KEYS 1024 /* more are not looked at */

struct agent_key {
    struct public_key key;
    struct bytes comment; /* as the agent has it */
    struct libssh2_agent_publickey *handle;
};

struct agent {
    LIBSSH2_AGENT *lib;
    struct agent_key *keys;
    size_t count;
};

/*
 * Connects, and lists the keys. False, with CREDENTIAL ("agent: why"), INTERRUPTED or INTERNAL
 * in `failure`, where there is no agent, it gives no sensible answer within the connection's
 * limit, or it has no keys: none were added, or it is locked. agent_close() is to be called in
 * any case.
 */
bool agent_open(struct agent *agent, struct session *session, struct failure *failure);
void agent_close(struct agent *agent);

/* Why the agent's socket failed last, a static text; NULL where it did not. */
const char *agent_error(const struct session *session);

#endif
