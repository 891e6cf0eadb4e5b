/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Turns at the terminal, where several targets have something to ask: what one says and asks in
 * its turn is not mixed with what others do.
 */
#ifndef TURN_H
#define TURN_H

#include "util/deadline.h"
#include "util/failure.h"

/*
 * Calls run(context) in the main thread, which alone has the terminal and the signals, once no
 * other one is asked anything; run() may use ask/prompt.h and must not wait for other targets
 * (ask/respond.h). What it leaves on the stack is wiped. The deadline is moved by the time
 * until then, not by what run() takes. SUCCESS once it was called; else it was not, and the
 * reason is in `failure`: INTERRUPTED, DISCONNECTED (the peer of server_fd hung up; -1: nobody
 * is watched), INTERNAL.
 */
enum outcome turn_take(void (*run)(void *context), void *context, int server_fd,
                       struct deadline *deadline, struct failure *failure);

#endif
