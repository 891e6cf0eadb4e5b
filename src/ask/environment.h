/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What readline sees of the environment while it begins a prompt. It reads $INPUTRC or
 * ~/.inputrc and cannot be told not to, and at each prompt it sets LC_CTYPE to what $LC_ALL or
 * $LANG say. What we show is UTF-8 whatever the locale; in one that is plain ASCII readline
 * would break long prompts within a character.
 */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stdbool.h>

/* Looks which locale the environment says; once, before the first change. */
void environment_prepare(void);

/* No inputrc, and UTF-8 where the locale is plain ASCII; until environment_restore(), which may
 * be called twice. Children do not get it (util/environ.h). False where memory is short. */
bool environment_change(void);
void environment_restore(void);

#endif
