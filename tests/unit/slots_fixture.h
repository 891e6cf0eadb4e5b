/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of slots: addresses of hosts that are never asked.
 */
#ifndef SLOTS_FIXTURE_H
#define SLOTS_FIXTURE_H

#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>

struct host {
    struct addrinfo nodes[3];
    struct sockaddr_in6 ipv6;
    struct sockaddr_in ipv4[2];
};

/* Its addresses, `ipv6` first; either may be NULL. They are in *host. */
const struct addrinfo *host(struct host *host, const char *ipv6, const char *ipv4,
                            uint16_t port);

#endif
