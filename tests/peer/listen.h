/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LISTEN_H
#define LISTEN_H

/* Listens on 127.0.0.1 at a port that the kernel chooses, and prints that. Where it cannot the
 * process ends, with the reason behind `name` on standard error. */
int listen_somewhere(const char *name, int backlog);

#endif
