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
 * 4), when the last one failed or after CONNECT_ATTEMPT_DELAY; the first that is connected
 * wins, and the others are closed. Equal addresses count once; at most 16 sockets are open at a
 * time. `local`, the addresses to connect from, may be NULL: of those of an address's family
 * the first that bind(2) takes is used, and an address is passed over where none is of its
 * family. OUTCOME_SUCCESS with *fd, a non-blocking socket with TCP_NODELAY and close-on-exec,
 * and the numeric address, with its scope, in `address`; else `address` is empty, and what
 * became of each address is in `failure`: TIMEOUT (some address did not answer, or was not
 * tried, until the deadline), UNREACHABLE (all said no), INTERRUPTED, or INTERNAL (no memory,
 * no descriptor).
 */
enum outcome connect_any(const struct addrinfo *addresses, const struct addrinfo *local,
                         struct deadline deadline, int *fd, char *address, size_t address_size,
                         struct failure *failure);

#endif
