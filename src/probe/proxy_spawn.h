/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The descriptors and the environment of a proxy.
 */
#ifndef PROXY_SPAWN_H
#define PROXY_SPAWN_H

#include "util/process.h"

/*
 * Starts `argv` with one end of a socket pair as its standard input and output. True with *fd,
 * the other end, and *err, to read what it says: both non-blocking, with close-on-exec, above
 * 2, the caller's to close. What it says does not block it, read or not: where 64 KiB are
 * waiting (less where pipes are scarce), its writing fails. With `own_session` it asks nobody:
 * without a terminal, nor through SSH_ASKPASS. False with errno.
 */
bool proxy_spawn(struct process *process, char *const *argv, bool own_session, int *fd,
                 int *err);

#endif
