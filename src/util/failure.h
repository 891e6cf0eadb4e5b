/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What went wrong, in words: one caller-owned struct that is set once, where it happened. The
 * first one set stays, since what follows is its consequence.
 */
#ifndef FAILURE_H
#define FAILURE_H

#include <stdarg.h>

#include "util/outcome.h"

struct failure {
    enum outcome outcome; /* meaningful only where message is not empty */
    char message[1024];   /* one printable line, "what: why"; empty: nothing went wrong */
    char hint[512];       /* what to do about it; empty: no hint is known */
};

#define FAILURE_INIT                                                                           \
    (struct failure)                                                                           \
    {                                                                                          \
        .message = ""                                                                          \
    }

/*
 * Records `outcome` and the formatted message unless a failure is recorded already. Text from
 * a server, a file or the command line must have gone through escape_into() before.
 * Returns the outcome now recorded, so that a caller can `return failure_set(...)`.
 */
enum outcome failure_set(struct failure *failure, enum outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with the arguments in a list. */
enum outcome failure_vset(struct failure *failure, enum outcome outcome, const char *format,
                          va_list arguments) __attribute__((format(printf, 3, 0)));

/* Records INTERNAL, "out of memory". Always false, so that a caller can return it. */
bool failure_no_memory(struct failure *failure);

/* Adds the remedy to a failure, unless it has one. */
void failure_hint(struct failure *failure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* True where something was recorded. */
bool failure_is_set(const struct failure *failure);

#endif
