/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The terminal's settings while a prompt is shown, and the signals that must put them back.
 * Used by ask/tty.c only; one terminal at a time, from the main thread.
 */
#ifndef TTY_SETTINGS_H
#define TTY_SETTINGS_H

#include "ask/tty.h"

/* Handles signals, then saves the settings of `fd` and turns echo and line editing off.
 * Whatever it returns, tty_settings_end() is to be called before `fd` is closed. See
 * tty_begin(). */
enum tty_event tty_settings_begin(int fd);

/* Puts settings and handlers back. */
void tty_settings_end(void);

/* Where the process was stopped and goes on: turns echo off again, TTY_RESUMED or why not.
 * Where the window was resized: TTY_RESIZED. Else TTY_NONE. */
enum tty_event tty_settings_news(void);

#endif
