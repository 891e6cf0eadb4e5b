/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Addresses for tests.
 */
#include <config.h>

#include "slots_fixture.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

const struct addrinfo *
host(struct host *host, const char *ipv6, const char *ipv4, uint16_t port)
{
    struct addrinfo *node = host->nodes;

    memset(host, 0, sizeof *host);
    if (ipv6) {
        host->ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
        inet_pton(AF_INET6, ipv6, &host->ipv6.sin6_addr);
        *node = (struct addrinfo){.ai_family = AF_INET6,
                                  .ai_addr = (struct sockaddr *)&host->ipv6,
                                  .ai_addrlen = sizeof host->ipv6,
                                  .ai_next = ipv4 ? node + 1 : NULL};
        node++;
    }
    for (int i = 0; ipv4 && i < 2; i++, node++) { /* twice, as some resolvers give them */
        host->ipv4[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
        inet_pton(AF_INET, ipv4, &host->ipv4[i].sin_addr);
        *node = (struct addrinfo){.ai_family = AF_INET,
                                  .ai_addr = (struct sockaddr *)&host->ipv4[i],
                                  .ai_addrlen = sizeof host->ipv4[i],
                                  .ai_next = i == 0 ? node + 1 : NULL};
    }
    return host->nodes;
}
