/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the agent says is taken with care: it may be somebody else's, forwarded from afar.
 */
#include <config.h>

#include "auth/agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ssh2/agent_io.h"
#include "util/escape.h"
#include "util/signals.h"

const char *
agent_error(const struct session *session)
{
    switch (session->agent_error) {
    case 0:
        return NULL;
    case ECONNRESET:
    case EPIPE:
        return "it closed the connection";
    case ETIMEDOUT:
        return "it gave no answer within the limit";
    default:
        return strerror(session->agent_error);
    }
}

static bool
unusable(struct session *session, struct failure *failure, const char *why)
{
    const char *error = agent_error(session);

    if (signals_caught())
        failure_set(failure, OUTCOME_INTERRUPTED, "agent: interrupted by a signal");
    else if (session_memory_was_short(session))
        failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    else
        failure_set(failure, OUTCOME_CREDENTIAL, "agent: %s", error ? error : why);
    session->memory.capped = false; /* it was the agent's answer that was too long */
    return false;
}

static bool
nobody_there(struct session *session, struct failure *failure)
{
    const char *path = getenv("SSH_AUTH_SOCK");
    const char *error = agent_error(session);
    char shown[256], why[400];

    escape_into(shown, sizeof shown, path ? path : "", path ? strlen(path) : 0, ESCAPE_LINE);
    snprintf(why, sizeof why, "no agent answers at SSH_AUTH_SOCK, %s: %s", shown,
             error ? error : "it cannot be reached");
    session->agent_error = 0;
    unusable(session, failure, why);
    if (failure->outcome == OUTCOME_CREDENTIAL)
        failure_hint(failure, "ssh-agent(1) starts one, and ssh-add -l lists its keys");
    return false;
}

static bool
add_key(struct agent *agent, struct libssh2_agent_publickey *handle)
{
    struct agent_key *keys = reallocarray(agent->keys, agent->count + 1, sizeof *keys);

    if (!keys)
        return false;
    agent->keys = keys;
    struct agent_key *added = &keys[agent->count];
    memset(added, 0, sizeof *added);
    errno = 0;
    if (!public_key_copy(&added->key, handle->blob, handle->blob_len))
        return errno != ENOMEM; /* else no key that could be offered */
    added->handle = handle;
    agent->count++;
    return bytes_copy(&added->comment, handle->comment, strlen(handle->comment));
}

bool
agent_open(struct agent *agent, struct session *session, struct failure *failure)
{
    struct libssh2_agent_publickey *handle = NULL;

    *agent = (struct agent){.lib = libssh2_agent_init(session->lib)};
    session->agent_error = 0;
    if (!agent->lib)
        return unusable(session, failure, "out of memory");
    agent_io_connecting(session);
    int rc = libssh2_agent_connect(agent->lib);
    agent_io_connecting(NULL);
    if (rc)
        return nobody_there(session, failure);
    if (libssh2_agent_list_identities(agent->lib))
        return unusable(session, failure, "its list of keys is malformed");
    while (agent->count < AGENT_MAX_KEYS &&
           libssh2_agent_get_identity(agent->lib, &handle, handle) == 0) {
        if (!add_key(agent, handle)) {
            return failure_no_memory(failure);
        }
    }
    if (agent->count)
        return true;
    unusable(session, failure, "it has no keys, or is locked");
    failure_hint(failure, "ssh-add -l shows its keys, ssh-add -X unlocks it");
    return false;
}

void
agent_close(struct agent *agent)
{
    for (size_t i = 0; i < agent->count; i++) {
        public_key_free(&agent->keys[i].key);
        bytes_free(&agent->keys[i].comment);
    }
    free(agent->keys);
    if (agent->lib)
        libssh2_agent_free(agent->lib);
    *agent = (struct agent){NULL, NULL, 0};
}
