/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What only the main thread can do, because it has the terminal and the signals: others ask it
 * to, one at a time. State of the whole process, as its main thread is.
 */
#ifndef ERRAND_H
#define ERRAND_H

#include <stdbool.h>

#include "util/deadline.h"

enum errand_result {
    ERRAND_DONE,   /* run() was called and has returned */
    ERRAND_SIGNAL, /* it was not called, nor will it be: one of the signals of util/signals.h */
    ERRAND_GONE,   /* likewise: the peer of watch_fd hung up before its turn came */
    ERRAND_FAILED  /* likewise: no memory or descriptor for the wait */
};

/*
 * Calls run(context) in the main thread and waits for its return. Called by the main thread, or
 * while errand_open() was not, it is called at once. `watch_fd` is a socket, or -1; *deadline,
 * which may be NULL, is moved by the time that passed until run() was called.
 */
enum errand_result errand_run(void (*run)(void *context), void *context, int watch_fd,
                              struct deadline *deadline);

/* From here on call(context, true) is called before each run() and call(context, false) after
 * it, in the main thread; NULL: nothing is. Before there are threads. */
void errand_around(void (*call)(void *context, bool begins), void *context);

/* The main thread will look for errands from here on; false with errno. */
bool errand_open(void);

/* Readable while one waits; for poll(2). */
int errand_fd(void);

/* Runs the one that has waited longest; false: there was none. */
bool errand_serve(void);

/* No thread may be left that could have one. */
void errand_close(void);

#endif
