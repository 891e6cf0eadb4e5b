/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors that are handed to a child.
 */
#ifndef DESCRIPTOR_H
#define DESCRIPTOR_H

#include <stdbool.h>

/* Closes *fd, unless it is -1, and makes it -1. errno stays. */
void descriptor_close(int *fd);

/*
 * Moves *fd above the standard descriptors, with close-on-exec, unless it is there: in a
 * process that was started without those it would land on one, and be lost when the child's are
 * set. False with errno; *fd is closed then, and -1.
 */
bool descriptor_move_up(int *fd);

#endif
