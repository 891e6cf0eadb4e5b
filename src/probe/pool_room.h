/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors and address space for many targets at once.
 */
#ifndef POOL_ROOM_H
#define POOL_ROOM_H

#include <stdbool.h>
#include <sys/resource.h>

/* What the process needs beside its targets. */
struct pool_room {
    rlim_t descriptors, bytes;
};

/* From what it has now, where none runs. */
struct pool_room pool_room_now(void);

/*
 * True where so many targets at once find room. The soft limit of descriptors is raised for
 * them, as far as the hard one allows, and no further: children inherit it, and programs that
 * close all descriptors up to the limit get slow. Limits of address space are kept, as too many
 * targets would only be in each other's way.
 */
bool pool_room_for(const struct pool_room *without, unsigned targets);

#endif
