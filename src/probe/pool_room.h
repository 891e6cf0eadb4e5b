/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors for many targets at once.
 */
#ifndef POOL_ROOM_H
#define POOL_ROOM_H

#include <stdbool.h>

/* What the process needs beside its targets, which do not run yet: from what is open now. */
unsigned pool_room_base(void);

/*
 * True where so many targets at once find descriptors. The soft limit is raised for them, as
 * far as the hard one allows, and no further: children inherit it, and programs that close all
 * descriptors up to the limit get slow.
 */
bool pool_room_for(unsigned base, unsigned targets);

#endif
