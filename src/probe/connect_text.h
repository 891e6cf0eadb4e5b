/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What became of each address that connect.c tried, in words.
 */
#ifndef CONNECT_TEXT_H
#define CONNECT_TEXT_H

#include <netdb.h>

#include "util/failure.h"

#define CONNECT_NUMERIC_SIZE 64 /* an address with its scope: INET6_ADDRSTRLEN, IF_NAMESIZE */
#define CONNECT_NAME_SIZE    96 /* the same and a port */

/* An address and what became of it. */
struct connect_attempt {
    const struct addrinfo *address;
    int fd;    /* -1: not under way */
    int error; /* errno; 0: none, or no answer. Of one not started: why it could not be, yet */
    const struct addrinfo *local; /* that could not be bound to, which is what `error` says */
};

/* An errno that says what this machine lacks; it is no property of the address. */
bool connect_is_shortage(int error);

/* "fe80::1%eth0"; returns `out`. */
const char *connect_numeric(const struct addrinfo *address, char *out, size_t size);

/* "192.0.2.1 port 22"; returns `out`. */
const char *connect_name(const struct addrinfo *address, char out[CONNECT_NAME_SIZE]);

/*
 * Sets the failure where none of `count` (1 and more) is connected, of which `started` were
 * begun: TIMEOUT where any gave no answer, else UNREACHABLE, or INTERNAL for a shortage.
 */
enum outcome connect_explain(const struct connect_attempt *attempts, size_t count,
                             size_t started, struct failure *failure);

/* The same, UNREACHABLE, where no address can be tried: none is of a family of `local`'s. */
enum outcome connect_explain_none(const struct addrinfo *addresses,
                                  const struct addrinfo *local, struct failure *failure);

#endif
