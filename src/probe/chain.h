/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The methods of a chain, tried in turn on an open session.
 */
#ifndef CHAIN_H
#define CHAIN_H

#include "probe/verdict.h"
#include "ssh2/session.h"

/*
 * Tries each method once, up to the first that is not partial success; a chain of none asks for
 * the list. A `none` request goes before where an expectation or a method needs the list. Fills
 * the verdict's steps, listing, offered, trivial and failure, and returns the outcome of the
 * chain. The session's deadline is moved by the time that typing took.
 */
enum outcome chain_walk(struct session *session, const struct request *request,
                        const struct chain *chain, struct verdict *verdict);

#endif
