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

/* Makes the substitute from the environment of now; once. False where memory is short. */
bool environment_prepare(void);

/* No inputrc, and UTF-8 where the locale is plain ASCII; until environment_restore(), which may
 * be called twice. */
void environment_change(void);
void environment_restore(void);

#endif
