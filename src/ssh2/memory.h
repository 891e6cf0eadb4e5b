/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory that libssh2 works with: bounded, and wiped when it is freed. libssh2 frees the
 * answers itself and wipes nothing; where it is left in the middle of a call it forgets some,
 * so each block in use is known here.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#define MEMORY_MAX_BLOCK ((size_t)1024 * 1024) /* one allocation */

union memory_header;

/* Zeroed at the start. */
struct memory {
    union memory_header *live;
    bool capped;    /* more than MEMORY_MAX_BLOCK was asked for: a packet's doing */
    bool exhausted; /* the system gave none */
};

/* A block of `size` bytes, not NULL for 0; NULL where it is too large or memory is short. */
void *memory_allocate(struct memory *memory, size_t size);

/* As realloc(3). The old block is wiped where it moves, which it always does. */
void *memory_resize(struct memory *memory, void *block, size_t size);

/* From now on memory_release() of this block does nothing, until memory_release_all(): for what
 * libssh2 goes on using after it has released it. */
void memory_keep(void *block);

/* Wipes and frees one block; NULL is fine. */
void memory_release(void *block);

/*
 * Until it is called again with NULL, free(3) of one of these blocks in this thread is as
 * memory_release(): libssh2's functions for ECDSA keys mix up the two (1.11.1, where libcrypto
 * is OpenSSL 3).
 */
void memory_lend(struct memory *memory);

/* For the one place where free(3) is wrapped (mend.c): releases the block where it is of the
 * memory that is lent in this thread; else false. */
bool memory_take_back(void *block);

/* Blocks of which nothing was used yet, but for zeros written to all of it, need no room: a
 * session has some 50 KiB of buffers, most of it for packets of a size that is never seen. */
void memory_give_back_zeros(const struct memory *memory);

/* Wipes and frees what is still in use. */
void memory_release_all(struct memory *memory);

#endif
