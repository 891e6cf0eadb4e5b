/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions through a program, as ssh(1) and readpass.c have it: SSH_ASKPASS names it, and it
 * stands for the terminal where there is none and DISPLAY or WAYLAND_DISPLAY is set.
 * SSH_ASKPASS_REQUIRE=prefer: also where there is a terminal; force: always, display or not;
 * never: not at all. Without SSH_ASKPASS it is /usr/bin/ssh-askpass, where that can be run;
 * an empty SSH_ASKPASS is no program. The program gets the question as its argument and prints
 * the answer; any other exit status than 0 cancels.
 *
 * Unlike with ssh, a program that prints nothing at all cancels too, as the end of file does at
 * a terminal: empty answers count as wrong ones, and lock accounts.
 */
#ifndef ASKPASS_H
#define ASKPASS_H

#include "ask/prompt.h"

#define ASKPASS_LIMIT 3600 /* seconds for a person */

/* Does a program ask instead of the terminal? `terminal`: there is one. */
bool askpass_wanted(bool terminal);

/* What was said to the person, and belongs to the question that follows; of a long text the
 * last lines are kept. */
void askpass_said(const char *text);

/* As prompt_read(): the same outcomes, and NO_RESPONSE where the program could not be started
 * or cancelled. The question is what was said since the last one, and the prompt. Where the
 * connection's deadline is to be moved the caller does it. */
enum outcome askpass_read(const struct prompt *prompt, struct secret *answer,
                          struct failure *failure);

#endif
