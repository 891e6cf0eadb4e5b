/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory that is the system's again while its addresses stay in use: a thousand connections
 * have as many large buffers and stacks, most of which are never written to, or not again.
 */
#ifndef PAGES_H
#define PAGES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Of this memory, of malloc(3) or a stack, the whole pages are given back: they hold zeros from
 * now on, unless the kernel refuses, which it does to locked memory: who has secrets in them
 * overwrites them first. What is at the ends, outside of whole pages, keeps what it holds.
 * errno stays.
 */
void pages_give_back(void *begin, size_t size);

/* The same for those pages alone that hold nothing but zeros: nobody sees a difference. */
void pages_give_back_zeros(void *begin, size_t size);

/* Could so much be had just now? For calls of those who crash where it cannot. */
bool pages_could_be_had(size_t size);

#endif
