/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the seam needs to know of mend.c.
 */
#ifndef MEND_H
#define MEND_H

#include "ssh2/compat.h"

/*
 * Calls a function of libssh2's. Where one of its assertions fails, which a server can bring
 * about by the length of a packet, LIBSSH2_ERROR_DECRYPT comes back instead of SIGABRT. The
 * session may only be freed then.
 */
int mend_call(int (*function)(LIBSSH2_SESSION *), LIBSSH2_SESSION *lib);

#endif
