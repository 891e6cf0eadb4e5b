/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keys of prompts that show what is typed. Of ask/prompt.c only, the other file that
 * includes ask/readline_library.h.
 */
#ifndef KEYS_H
#define KEYS_H

#include "ask/readline_library.h"

/* A new keymap, to be kept for good, in which Enter runs `accept`. */
Keymap keys_make(rl_command_func_t *accept);

#endif
