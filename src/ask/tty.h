/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The controlling terminal while a prompt is shown: its settings, the signals that must put
 * them back, one key at a time. Used by ask/prompt.c only; one at a time, from the main thread.
 *
 * Whatever was typed before a prompt was shown, or after its newline, is dropped, as ssh and
 * sudo do: an answer is only what a person typed on seeing the question. So the second line of
 * a pasted text answers nothing, and is not run by the shell afterwards either.
 */
#ifndef TTY_H
#define TTY_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

enum tty_event {
    TTY_NONE,        /* nothing happened */
    TTY_KEY,         /* a byte was read */
    TTY_RESUMED,     /* the process was stopped and goes on: show the prompt again */
    TTY_RESIZED,     /* the window's size changed */
    TTY_SIGNAL,      /* one of the signals of util/signals.h */
    TTY_SERVER_GONE, /* the peer of server_fd hung up */
    TTY_GONE,        /* the terminal was hung up, or may not be read */
    TTY_BROKEN       /* its settings cannot be read or set */
};

/* The keys of the user's stty(1), -1 where there is none. */
struct tty_keys {
    int erase, kill, werase, eof;
};

/* True where /dev/tty can be opened for reading and writing. */
bool tty_possible(void);

/*
 * Opens the terminal and turns echo and line editing off. From the background it stops, as any
 * job does that wants the terminal, and goes on when brought to the foreground. TTY_NONE, or
 * TTY_SIGNAL, TTY_GONE or TTY_BROKEN with errno set; nothing is open then and nothing was
 * changed. From here to tty_end() a fatal signal puts the settings back before it kills.
 */
enum tty_event tty_begin(void);

/* Puts everything back as it was before tty_begin(). */
void tty_end(void);

/* Between tty_begin() and tty_end(). The stream is only for its descriptor: nothing may be read
 * from it. */
FILE *tty_input(void);
FILE *tty_output(void);
const struct tty_keys *tty_keys(void);

/* Waits for a key without a limit. After TTY_RESUMED and TTY_RESIZED call it again; TTY_KEY
 * sets `byte`. */
enum tty_event tty_wait(int server_fd, unsigned char *byte);

/* Is a key there, or does one come within so many milliseconds? */
bool tty_key_waits(int milliseconds);

/* Writes to the terminal without changing its settings; nothing happens where there is none. */
void tty_say(const char *text, size_t len);

#endif
