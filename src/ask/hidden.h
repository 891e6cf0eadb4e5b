/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The line editor of prompts that show nothing: keys in, a secret out. Pure: no terminal, no
 * signals.
 *
 * Erase (DEL, Ctrl-H) takes a whole UTF-8 character, Ctrl-W a word, Ctrl-U everything. Ctrl-V
 * takes the next byte as it is. Ctrl-D is the end of input on an empty line and nothing
 * elsewhere. Tab is a character. Other control characters and the sequences of arrow and
 * function keys are dropped: what cannot be seen should not turn a right password into a wrong
 * one, since wrong ones lock accounts. A NUL is dropped even after Ctrl-V. Any other byte is
 * taken as it is.
 */
#ifndef HIDDEN_H
#define HIDDEN_H

#include "util/secret.h"

enum hidden_state {
    HIDDEN_PLAIN,
    HIDDEN_QUOTED, /* after Ctrl-V */
    HIDDEN_ESC,    /* after ESC */
    HIDDEN_CSI,    /* after ESC [ */
    HIDDEN_CSI_IN, /* within its parameters */
    HIDDEN_LAST    /* before the last byte of a sequence */
};

enum hidden_result { HIDDEN_MORE, HIDDEN_LINE, HIDDEN_END };

/* Zeroed but for `answer`, which the caller owns and has initialised. */
struct hidden {
    struct secret *answer;
    enum hidden_state state;
    bool too_long; /* more than SECRET_MAX bytes were typed: what is in `answer` is not all */
};

/* Empties it, for a prompt that starts again. */
void hidden_reset(struct hidden *hidden);

/* Takes one key. LINE: the line is complete; END: end of input on an empty line. */
enum hidden_result hidden_key(struct hidden *hidden, unsigned char key);

#endif
