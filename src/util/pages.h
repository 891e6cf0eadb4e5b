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
 * From here on the functions below do what they say; before, they leave the pages as they are,
 * since to give a page back and to take another costs more time than a few hundred connections
 * are worth of memory. Before there are threads.
 */
void pages_are_scarce(void);

/* Overwrites it, but for whole pages that are not in memory, most of which nobody has used
 * since they were given back: to be given back next. */
void pages_wipe(void *begin, size_t size);

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
