/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a target as typed to a request: what the command line says, then what ssh's
 * configuration says, then the default.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "cli/options_layer.h"
#include "cli/sshconfig.h"
#include "cli/target.h"

#define ROUTE_PORT            22
#define ROUTE_CONNECT_TIMEOUT (10 * DEADLINE_SECOND)

/*
 * Asks ssh for its configuration of the target (sshconfig_read()) and fills *request with it,
 * but for the label; the settings are those of the options. *config (any content before) is the
 * memory behind it, to be freed by sshconfig_free(), in any case. False with the reason in
 * `failure`: USAGE, INTERRUPTED or INTERNAL. Threads may call it at the same time.
 */
bool route_make(const struct options *options, const struct target *named,
                struct sshconfig *config, struct request *request, struct failure *failure);

#endif
