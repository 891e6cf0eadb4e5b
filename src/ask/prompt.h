/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions to a person: at the terminal, always /dev/tty and never standard input or output,
 * or through the program that ask/askpass.h tells of. One prompt at a time, from the main
 * thread. prompt.c and keys.c are all that calls readline; tty.c has the terminal,
 * hidden.c the editing of what is not shown.
 *
 * What was typed before a prompt was shown, or behind its newline, is dropped, as ssh does: the
 * second line of a pasted text answers nothing. Readline sets LC_CTYPE to the environment's
 * (C.UTF-8 where that is C).
 */
#ifndef PROMPT_H
#define PROMPT_H

#include "util/secret.h"
#include "util/deadline.h"
#include "util/failure.h"

struct prompt {
    const char *text;          /* printable (escape_into was here), may hold newlines */
    bool echo;                 /* show what is typed */
    int server_fd;             /* watched for a hang-up until the answer is there; -1: none */
    struct deadline *deadline; /* moved later by the time the prompt took; may be NULL */
};

/* True where /dev/tty can be opened for reading and writing, or an askpass program would ask.
 * From the background a prompt stops the process (SIGTTOU) until it is brought to the
 * foreground; that counts as possible. */
bool prompt_possible(void);

/* Loads what asks there, before a connection for which a person is to be asked. False with
 * INTERNAL in `failure`. Where nobody can be asked nothing is loaded: true. */
bool prompt_ready(struct failure *failure);

/* Where the next answer comes from, for the report: "terminal" or "askpass". */
const char *prompt_place(void);

/* Writes printable text, which may hold newlines, to the terminal, with a newline at its end
 * where it has none; nothing where there is no terminal. Where a program asks it gets the text
 * with the next question. */
void prompt_say(const char *text);

/*
 * Shows the prompt and reads one line into `answer` (initialised by the caller), without its
 * newline. Returns OUTCOME_SUCCESS, also for an empty line; else the outcome, with the
 * reason in `failure`:
 *   NO_RESPONSE   no terminal, or it was hung up, or end of file (Ctrl-D on an empty line), or
 *                 an answer longer than SECRET_MAX; what ask/askpass.h says of a program
 *   DISCONNECTED  the peer of server_fd hung up meanwhile
 *   INTERRUPTED   one of the signals of util/signals.h (signals_caught() tells which)
 *   INTERNAL      memory, or the terminal could not be set
 * On return, whatever it is, the terminal's settings are as they were before, and so are signal
 * handlers and mask; a fatal signal that is not noted puts the settings back and kills. An
 * answer is what was typed, byte for byte, without NULs; `answer` is empty where the outcome is
 * not SUCCESS. Readline's history and kill ring hold nothing of what was typed, with or without
 * echo.
 */
enum outcome prompt_read(const struct prompt *prompt, struct secret *answer,
                         struct failure *failure);

#endif
