/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a proxy is started with: the tokens of ssh_config(5), the hops of ProxyJump, and the
 * arguments that come of them. Nothing is run here.
 */
#ifndef PROXY_COMMAND_H
#define PROXY_COMMAND_H

#include "probe/request.h"
#include "util/failure.h"

#define PROXY_COMMAND_ARGUMENTS 20

struct proxy_command {
    char *argv[PROXY_COMMAND_ARGUMENTS]; /* ends with NULL; each to be freed */
    size_t count;
};

/*
 * `shell` -c "exec COMMAND", of route.proxy_command with its tokens expanded: %h the hostname,
 * %n the host as typed, %p the port, %r the user, %% a percent sign. OUTCOME_SUCCESS with
 * *command, to be freed by proxy_command_free(); else, with nothing to free, USAGE (another
 * token, or a host or user that a shell would take for more than a name) or INTERNAL (memory).
 */
enum outcome proxy_command_shell(struct proxy_command *command, const struct request *request,
                                 const char *shell, struct failure *failure);

/*
 * `ssh` -W to the target on the last hop of route.jump, the hops before it by -J; no shell. A
 * hop is [user@]host[:port], [user@][v6]:port or ssh://[user@]host[:port], with the tokens
 * above. Without `may_ask` that ssh asks nothing (the ssh of the hops before has to be told by
 * its environment). USAGE also where a hop cannot be one, or ssh would hand it to a shell that
 * takes it for more.
 */
enum outcome proxy_command_jump(struct proxy_command *command, const struct request *request,
                                const char *ssh, bool may_ask, struct failure *failure);

/* Frees the arguments. */
void proxy_command_free(struct proxy_command *command);

#endif
