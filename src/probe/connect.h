/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From addresses to a connected socket, by the staggered start of RFC 8305 ("happy eyeballs"):
 * a dead first address costs a quarter of a second, not the whole limit.
 */
#ifndef CONNECT_H
#define CONNECT_H

#include <netdb.h>

#include "probe/request.h"
#include "util/deadline.h"
#include "util/failure.h"

/* RFC 8305 section 8: the Connection Attempt Delay. */
#define CONNECT_ATTEMPT_DELAY (DEADLINE_SECOND / 4)

/*
 * Starts with the first address and adds the next one, families alternating (RFC 8305 section
 * 4), when one failed or after CONNECT_ATTEMPT_DELAY; the first that is connected wins, and the
 * others are closed. `local`, the addresses to connect from, may be NULL; an address is passed
 * over where none of them is of its family. OUTCOME_SUCCESS with *fd, a non-blocking socket
 * with TCP_NODELAY and close-on-exec, and the numeric address in `address`; else TIMEOUT (some
 * address did not answer until the deadline), UNREACHABLE (all said no), INTERRUPTED or
 * INTERNAL, with what became of each address in `failure`.
 */
enum outcome connect_any(const struct addrinfo *addresses, const struct addrinfo *local,
                         struct deadline deadline, int *fd, char *address, size_t address_size,
                         struct failure *failure);

#endif
