/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks with a header that knows their size and their neighbours.
 */
#include <config.h>

#include "ssh2/memory.h"

#include <stdlib.h>
#include <string.h>

#include "util/pages.h"

enum { LARGE = 16 * 1024 }; /* what is less has hardly a whole page */

union memory_header {
    struct {
        union memory_header *next;
        union memory_header **link; /* what points to this one */
        size_t size;
        bool kept;
    } of;
    max_align_t align;
};

void *
memory_allocate(struct memory *memory, size_t size)
{
    if (size > MEMORY_MAX_BLOCK) {
        memory->capped = true;
        return NULL;
    }
    union memory_header *header = malloc(sizeof *header + size + 1);
    if (!header) {
        memory->exhausted = true;
        return NULL;
    }
    header->of.size = size;
    header->of.kept = false;
    header->of.next = memory->live;
    header->of.link = &memory->live;
    if (header->of.next)
        header->of.next->of.link = &header->of.next;
    memory->live = header;
    return header + 1;
}

static void
wipe(union memory_header *header)
{
    *header->of.link = header->of.next;
    if (header->of.next)
        header->of.next->of.link = header->of.link;
    const size_t size = sizeof *header + header->of.size;
    if (size < LARGE) {
        explicit_bzero(header, size);
    } else {
        pages_wipe(header, size);
        pages_give_back(header, size); /* malloc(3) keeps it, where others are behind it */
    }
    free(header);
}

void
memory_keep(void *block)
{
    ((union memory_header *)block - 1)->of.kept = true;
}

void
memory_release(void *block)
{
    if (block && !((union memory_header *)block - 1)->of.kept)
        wipe((union memory_header *)block - 1);
}

void *
memory_resize(struct memory *memory, void *block, size_t size)
{
    void *grown = memory_allocate(memory, size);

    if (!grown || !block)
        return grown;
    size_t old = ((union memory_header *)block - 1)->of.size;
    memcpy(grown, block, old < size ? old : size);
    memory_release(block);
    return grown;
}

void
memory_give_back_zeros(const struct memory *memory)
{
    for (union memory_header *header = memory->live; header; header = header->of.next) {
        if (header->of.size >= LARGE)
            pages_give_back_zeros(header, sizeof *header + header->of.size);
    }
}

static _Thread_local struct memory *lent;

void
memory_lend(struct memory *memory)
{
    lent = memory;
}

bool
memory_take_back(void *block)
{
    if (!lent)
        return false;
    for (union memory_header *header = lent->live; header; header = header->of.next) {
        if (header + 1 == block) {
            wipe(header);
            return true;
        }
    }
    return false;
}

void
memory_release_all(struct memory *memory)
{
    while (memory->live)
        wipe(memory->live);
}
