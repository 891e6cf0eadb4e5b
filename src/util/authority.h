/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * [USER@]HOST[:PORT], which RFC 3986 calls an authority, whoever typed it: a target or a jump
 * host. What a user and a host may be is not known here.
 */
#ifndef AUTHORITY_H
#define AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ends the user at the last '@': *user is what stands before it, or NULL; the rest is returned.
 */
char *authority_split_user(char *text, char **user);

/*
 * Takes HOST, HOST:PORT, [HOST], [HOST]:PORT or a bare IPv6 address apart, in place: *host is
 * what stands there, *port the text behind the colon, perhaps empty, or NULL. NULL, or a static
 * text that says what is wrong.
 */
const char *authority_split_host(char *text, char **host, char **port);

/* A port, 1 to 65535, of nothing but digits. */
bool authority_port(const char *text, size_t len, uint16_t *port);

/* Are these `len` bytes a URI with USER:PASSWORD@, which no message may repeat? */
bool authority_has_password(const char *text, size_t len);

#endif
