/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From names to addresses.
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <netdb.h>

#include "probe/request.h"
#include "util/deadline.h"
#include "util/failure.h"

/*
 * Looks up the host of the request's route with its port, and the address to connect from where
 * the route has one, in a helper thread, so that a resolver that hangs holds up nobody.
 * OUTCOME_SUCCESS with *addresses and *local (NULL where there is none), to be freed by
 * freeaddrinfo(3); else UNREACHABLE, TIMEOUT, INTERRUPTED or INTERNAL with the reason in
 * `failure`; USAGE where the address to connect from is not known, or none of this machine's.
 */
enum outcome resolve_host(const struct request *request, struct deadline deadline,
                          struct addrinfo **addresses, struct addrinfo **local,
                          struct failure *failure);

#endif
