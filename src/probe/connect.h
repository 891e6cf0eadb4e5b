/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a name to a connected socket.
 */
#ifndef CONNECT_H
#define CONNECT_H

#include <netdb.h>

#include "probe/request.h"
#include "util/deadline.h"
#include "util/failure.h"

/*
 * Looks the request's host up, in a helper thread, so that a resolver that hangs holds up
 * nobody. OUTCOME_SUCCESS with *addresses, to be freed by freeaddrinfo(3); else UNREACHABLE,
 * TIMEOUT, INTERRUPTED or INTERNAL with the reason in `failure`.
 */
enum outcome connect_resolve(const struct request *request, struct deadline deadline,
                             struct addrinfo **addresses, struct failure *failure);

/*
 * Tries the addresses in turn; each gets its share of the time that is left. OUTCOME_SUCCESS
 * with *fd, a non-blocking socket with TCP_NODELAY and close-on-exec, and the numeric address
 * in `address`; else as above: TIMEOUT where an address did not answer in its time, UNREACHABLE
 * where all said no.
 */
enum outcome connect_any(const struct request *request, const struct addrinfo *addresses,
                         struct deadline deadline, int *fd, char *address, size_t address_size,
                         struct failure *failure);

#endif
