/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fatal signals. SIGINT, SIGTERM, SIGHUP and SIGQUIT are noted, so that a wait ends at
 * once, the terminal is put back and the report is written; main raises the signal again at the
 * end. They stay blocked except inside signals_poll(), so none is lost between a test and a
 * wait. Threads other than the main one keep all signals blocked; their waits end as well, as
 * soon as the main one has let the signal in, which it does in each of its own.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <poll.h>
#include <signal.h>
#include <time.h>

/* Installs the handlers and blocks the four signals in the calling (main) thread; a second call
 * does nothing. SIGPIPE is left as it is: sockets use MSG_NOSIGNAL. Signals that were ignored
 * at start (nohup) stay ignored. */
void signals_install(void);

/* The first of the four that arrived, or 0. Async-signal-safe. In any thread. */
int signals_caught(void);

/* The mask to wait with, and to give to a child before exec: that of the process at start, the
 * four unblocked. NULL before signals_install(), which ppoll(2) takes as "as it is". */
const sigset_t *signals_wait_mask(void);

/*
 * ppoll(2) with the mask above. Returns ppoll's result; -1 with errno EINTR where a signal
 * arrived before or during the call (signals_caught() tells which; 0: some other one). Once one
 * of the four was caught, every call returns so at once. In another thread than that of
 * signals_install() the mask stays as it is, and -1 with EINTR comes of one of the four alone;
 * EINVAL there where `count` is above SIGNALS_POLL_MAX.
 */
#define SIGNALS_POLL_MAX 32
int signals_poll(struct pollfd *fds, nfds_t count, const struct timespec *timeout);

/* Lets pending signals in without waiting; signals_caught() of then. */
int signals_check(void);

/* Blocks every signal in the calling thread: for workers. Those that a fault raises (SIGSEGV,
 * SIGABRT and the like) stay open, so that their handlers can put the terminal back. `before`
 * may be NULL. */
void signals_block_all(sigset_t *before);

/* Ends all waits as if a signal had come, SIGPIPE, where nobody takes what a run is for. */
void signals_give_up(void);

/* Raises the caught signal, or one that is pending, with its default action; returns where
 * there is none, but for signals_give_up(). */
void signals_raise_again(void);

#endif
