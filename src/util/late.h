/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shared libraries that many runs do without, loaded when they are first needed: to load and
 * relocate all of them at the start takes as long as a key exchange. Each has a header,
 * NAME_library.h, that is included instead of its own and calls through a table of addresses.
 */
#ifndef LATE_H
#define LATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/failure.h"

struct late_library {
    const char *file;         /* "libreadline.so.8", where the dynamic linker finds it */
    const char *purpose;      /* in a message: what it is needed for */
    const char *const *names; /* of its functions and variables */
    void **addresses;         /* in the same order, written before `loaded` is */
    size_t count;
    size_t size; /* of the table, in bytes: whole pages, which are its own */
    _Atomic bool loaded;
};

/*
 * Loads it for good, unless it was, for all threads. Symbols are found as if the program had
 * been linked with it, what LD_PRELOAD names first. False with INTERNAL in `failure` where that
 * fails: nothing of it may be called then. The table is read-only from then on, as that of what
 * the program is linked with (RELRO), where pages have the size below.
 */
bool late_load(struct late_library *library, struct failure *failure);

#define LATE_PAGE 4096

/* clang-format off */

/* For NAME_library.h: the table, with a pointer for each ROW(symbol) of LIST(ROW). */
#define LATE_TABLE(prefix, LIST) \
    struct prefix##_library { \
        LIST(LATE_MEMBER) \
    }; \
    extern union prefix##_library_table { \
        struct prefix##_library of; \
        void *addresses[sizeof(struct prefix##_library) / sizeof(void *)]; \
    } __attribute__((aligned(LATE_PAGE))) prefix##_library

/* For NAME_library.c: the table itself, and prefix_library_load(), of late_load(). */
#define LATE_LIBRARY(prefix, late_file, late_purpose, LIST) \
    union prefix##_library_table prefix##_library; \
    static const char *const prefix##_names[] = {LIST(LATE_NAME)}; \
    _Static_assert(sizeof prefix##_names / sizeof *prefix##_names == \
                       sizeof prefix##_library.addresses / sizeof(void *), \
                   "a name for each address"); \
    static struct late_library prefix##_late = { \
        .file = late_file, \
        .purpose = late_purpose, \
        .names = prefix##_names, \
        .addresses = prefix##_library.addresses, \
        .count = sizeof prefix##_names / sizeof *prefix##_names, \
        .size = sizeof prefix##_library, \
    }; \
    bool prefix##_library_load(struct failure *failure) \
    { \
        return late_load(&prefix##_late, failure); \
    } \
    _Static_assert(1, "")

/* The same for a library that the program is linked with. */
#define LATE_LINKED(prefix) \
    bool prefix##_library_load(struct failure *failure) \
    { \
        (void)failure; \
        return true; \
    } \
    _Static_assert(1, "")

#define LATE_MEMBER(name) __typeof__(name) *name;
#define LATE_NAME(name)   #name,

/* clang-format on */

#endif
