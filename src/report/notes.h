/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What -v has to tell of a target, kept until its turn comes: many run at once. Nothing but
 * a count is shared: each is written by the thread that runs its target.
 */
#ifndef NOTES_H
#define NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ssh2/userauth_msg.h"

#define NOTES_MAX     ((size_t)256 * 1024)       /* bytes kept of one target */
#define NOTES_MAX_ALL ((size_t)32 * 1024 * 1024) /* of all that wait for their turn */

struct notes {
    int64_t started; /* clock_now() of its connection */
    char *text;
    size_t len;
    unsigned long dropped; /* messages behind what is kept */
};

/* NULL where memory is short; to be freed by notes_free(), which takes NULL. */
struct notes *notes_new(void);
void notes_free(struct notes *notes);

/* A connection begins: the times count from here. `notes` is a struct notes, as for the next.
 */
void notes_begin(void *notes);

/* A packet_observer. From the first message that does not fit on none is kept. */
void notes_observe(void *notes, const struct userauth_msg *msg);

/* There was no message: nobody was reached. */
bool notes_are_empty(const struct notes *notes);

/* All that is kept, and a line on what is not. */
void notes_put(FILE *log, const struct notes *notes);

#endif
