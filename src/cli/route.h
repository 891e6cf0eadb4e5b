/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a target as typed to a request: what the command line says, then what ssh's
 * configuration says, then the default.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "cli/options_parser.h"

#define ROUTE_PORT            22
#define ROUTE_CONNECT_TIMEOUT (10 * DEADLINE_SECOND)

/*
 * Asks ssh for its configuration of the target (sshconfig_read()) and fills *request with it,
 * but for the label. *config (any content before) is the memory behind it, to be freed by
 * sshconfig_free(), in any case. False with the reason in the parser's failure: USAGE,
 * INTERRUPTED or INTERNAL.
 */
bool route_make(struct parser *parser, const struct target *named, struct sshconfig *config,
                struct request *request);

#endif
