/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Preloaded into the program by tests/inject_test.py: calls are counted, and the Nth of a class
 * fails. What happened is left in a file that is mapped, so that a crash does not lose it.
 *
 *   INJECT_PAGE  that file, of struct inject_page's size
 *   INJECT       CLASS N HOW, see the tables in core.c; without it calls are counted only
 *
 * Counting begins behind the constructors of all libraries, right before main().
 */
#ifndef INJECT_H
#define INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum inject_class {
    INJECT_ALLOC,  /* any allocation */
    INJECT_OWN,    /* those of the program's own code, libssh2 in it: not of other libraries */
    INJECT_OTHER,  /* those of libraries but libcrypto, whose go through a hook of the program's
                    */
    INJECT_SEND,   /* send(2), sendto(2), sendmsg(2), writev(2) to a socket */
    INJECT_RECV,   /* recv(2), recvfrom(2), recvmsg(2) */
    INJECT_POLL,   /* poll(2), ppoll(2) */
    INJECT_GSSAPI, /* what src/gss calls of GSSAPI and libkrb5, and can fail */
    INJECT_CLASSES
};

enum inject_how {
    INJECT_ERROR, /* inject_error() has the errno, or the minor status */
    INJECT_SHORT, /* one byte only */
    INJECT_END    /* end of file */
};

struct inject_page {
    uint64_t count[INJECT_CLASSES];
    uint64_t failed;  /* whether the Nth came */
    char where[4096]; /* the stack at that time, a line a frame: OBJECT+OFFSET SYMBOL */
    char crash[4096]; /* the same at a fatal signal, which is in the first line */
};

/* Counts a call; true where it is the one that fails. `caller` is its return address. */
bool inject_due(enum inject_class class, const void *caller);

/* Is that address in the program itself, and in none of its libraries? */
bool inject_in_program(const void *address);

enum inject_how inject_how(void);
int inject_error(void);

/* The next definition of this name behind ours. */
void *inject_next(const char *name);

/* libcrypto calls the program's hooks for memory: that is not the program's own code. */
void inject_libcrypto(int enter);

#endif
