/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shared libraries that many runs do without, loaded when they are first needed: to load and
 * relocate all of them at the start takes as long as a key exchange. Each has a header,
 * NAME_library.h, that is included instead of its own and calls through a table of addresses.
 */
#ifndef LATE_H
#define LATE_H

#include <stdatomic.h>
#include <stddef.h>

#include "util/failure.h"

struct late_library {
    const char *file;         /* "libreadline.so.8", where the dynamic linker finds it */
    const char *purpose;      /* in a message: what it is needed for */
    const char *const *names; /* of its functions and variables */
    void **addresses;         /* in the same order, written before `loaded` is */
    size_t count;
    _Atomic bool loaded;
};

/*
 * Loads it for good, unless it was, for all threads. Symbols are found as if the program had
 * been linked with it, what LD_PRELOAD names first. False with INTERNAL in `failure` where that
 * fails: nothing of it may be called then.
 */
bool late_load(struct late_library *library, struct failure *failure);

/* For the tables: a struct with a pointer for each row of LIST, as an array, and the names. */
#define LATE_MEMBER(name) __typeof__(name) *name;
#define LATE_NAME(name)   #name,

#endif
