/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions through GNU readline. What readline may not have: the terminal's settings and
 * signals (ask/tty.c has them), the user's inputrc, a history, a kill ring, and, where nothing
 * is shown, the answer: then it is handed the newline only (ask/hidden.c edits).
 *
 * The usual recipe for passwords, a redisplay function that does nothing, leaves the
 * password in readline's line buffer, undo list and kill ring.
 */
#include <config.h>

#include "ask/prompt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask/askpass.h"
#include "ask/environment.h"
#include "ask/hidden.h"
#include "ask/keys.h"
#include "ask/readline_library.h"
#include "ask/tty.h"
#include "util/signals.h"

#define CONTROL(letter) ((letter)&0x1f)
#define LINE_ROOM       (SECRET_MAX + 512) /* readline's line buffer: it never moves */

/* The prompt that is being shown: readline's callbacks take no argument of ours. */
static struct {
    const struct prompt *prompt;
    struct hidden hidden;
    enum tty_event ended; /* why no answer can come; TTY_NONE: one can */
    int error;            /* errno of then */
    bool complete;        /* `answer` holds the line */
    bool overflow;        /* longer than SECRET_MAX */
    bool end_of_file;
} now;

/* ---- the end of a line ---- */

/* The texts in the undo list are freed by readline, which does not wipe. */
static void
wipe_undo_list(void)
{
    for (UNDO_LIST *undo = rl_undo_list; undo != NULL; undo = undo->next) {
        if (undo->text != NULL) {
            explicit_bzero(undo->text, strlen(undo->text));
        }
    }
}

static int
key_accept(int count, int key)
{
    if (now.ended == TTY_NONE && now.prompt->echo) {
        now.overflow = !secret_append(now.hidden.answer, rl_line_buffer, (size_t)rl_end);
    }
    now.complete = now.ended == TTY_NONE;
    wipe_undo_list();
    return rl_newline(count, key);
}

static const struct {
    const char *name, *value;
} variables[] = {
    {"bell-style", "none"}, /* it rings on standard error */
    {"bind-tty-special-chars", "off"},
    {"convert-meta", "off"}, /* with these three an é survives LC_ALL=C */
    {"input-meta", "on"},
    {"output-meta", "on"},
    {"disable-completion", "on"},
    {"enable-bracketed-paste", "off"},
};

/* ---- readline's callbacks ---- */

/* The user's stty(1) keys stand for readline's. */
static int
translate(unsigned char byte)
{
    const struct tty_keys *keys = tty_keys();
    return byte == keys->erase    ? 0x7f
           : byte == keys->kill   ? CONTROL('U')
           : byte == keys->werase ? CONTROL('W')
           : byte == keys->eof    ? CONTROL('D')
                                  : byte;
}

static void
show_again(void)
{
    if (!now.prompt->echo) {
        hidden_reset(
            &now.hidden); /* what was typed cannot be seen: begin anew, like the prompt */
    }
    rl_forced_update_display();
}

static int
end_with(enum tty_event event)
{
    now.ended = event;
    now.error = errno;
    wipe_undo_list();
    return EOF;
}

/* What readline is to see of a key: itself, a newline, EOF, or -2 for nothing. */
static int
key_for_readline(unsigned char byte)
{
    int key = translate(byte);
    if (!now.prompt->echo) {
        switch (hidden_key(&now.hidden, (unsigned char)key)) {
        case HIDDEN_LINE:
            now.overflow = now.hidden.too_long;
            return '\n';
        case HIDDEN_END:
            return EOF;
        default:
            return -2;
        }
    }
    if (key == 0 || (rl_end > SECRET_MAX && key >= ' ' && key != 0x7f)) {
        return -2; /* no NUL, and no growing without limit */
    }
    return key;
}

static int
get_key(FILE *stream)
{
    (void)stream;
    for (;;) {
        if (now.ended != TTY_NONE) {
            return EOF; /* readline may ask again */
        }
        unsigned char byte = 0;
        int key = -2;
        enum tty_event event = tty_wait(now.prompt->server_fd, &byte);
        if (event == TTY_KEY) {
            key = key_for_readline(byte);
            explicit_bzero(&byte, sizeof byte);
        } else if (event == TTY_RESUMED) {
            show_again();
        } else if (event == TTY_RESIZED) {
            rl_resize_terminal();
        } else {
            return end_with(event);
        }
        if (key != -2) {
            return key;
        }
    }
}

/* Readline's own uses select(2), which cannot take descriptors from 1024 up. */
static int
key_waits(void)
{
    return tty_key_waits(rl_set_keyboard_input_timeout(-1) / 1000);
}

static void
leave_terminal(void)
{
}

static void
leave_terminal_too(int meta)
{
    (void)meta;
}

/* ---- setting readline up ---- */

/* Readline's startup hook: behind its initialisation, which resets variables, before the
 * prompt. */
static int
begin(void)
{
    environment_restore();
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        rl_variable_bind(variables[i].name, variables[i].value);
    }
    return 0;
}

/* The first time; the streams are open. */
static bool
set_up_once(void)
{
    static bool done;
    if (done) {
        return true;
    }
    environment_prepare();
    if (!environment_change()) {
        return false;
    }
    rl_readline_name = "ssh-authtest";
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0; /* no setenv of LINES and COLUMNS */
    rl_initialize();
    environment_restore();
    rl_startup_hook = begin;
    rl_inhibit_completion = 1;
    rl_getc_function = get_key;
    rl_input_available_hook = key_waits;
    rl_prep_term_function = leave_terminal_too;
    rl_deprep_term_function = leave_terminal;
    rl_tty_set_echoing(1);
    rl_extend_line_buffer(LINE_ROOM);
    rl_set_keymap(keys_make(key_accept));
    done = true;
    return true;
}

static bool
set_up(void)
{
    rl_instream = tty_input();
    rl_outstream = tty_output();
    if (!set_up_once()) {
        return false;
    }
    rl_reset_screen_size(); /* it may be another terminal, or another size, than last time */
    return true;
}

/* ---- prompts ---- */

/* Shows the prompt and fills `now`. False where memory is short. */
static bool
ask(void)
{
    if (!environment_change()) {
        return false;
    }
    char *line = readline(now.prompt->text);
    environment_restore();
    if (line != NULL) {
        explicit_bzero(line, strlen(line));
        free(line);
    } else {
        now.end_of_file = now.ended == TTY_NONE;
    }
    explicit_bzero(rl_line_buffer, LINE_ROOM);
    rl_point = rl_end = 0;
    if (!now.complete) {
        fputc('\n', tty_output()); /* what comes next begins on a line of its own */
    }
    return true;
}

static enum outcome
ended_as(enum tty_event event, int error, struct failure *failure)
{
    switch (event) {
    case TTY_SIGNAL:
        return failure_set(failure, OUTCOME_INTERRUPTED, "interrupted at a prompt: %s",
                           strsignal(signals_caught()));
    case TTY_SERVER_GONE:
        return failure_set(failure, OUTCOME_DISCONNECTED,
                           "the server hung up while a prompt was waiting for its answer");
    case TTY_GONE:
        return failure_set(failure, OUTCOME_NO_RESPONSE, "no terminal to ask on: /dev/tty: %s",
                           strerror(error));
    default:
        return failure_set(failure, OUTCOME_INTERNAL, "cannot set the terminal: %s",
                           strerror(error));
    }
}

static enum outcome
outcome_of_now(struct failure *failure)
{
    if (now.ended != TTY_NONE) {
        return ended_as(now.ended, now.error, failure);
    }
    if (now.end_of_file || !now.complete) {
        return failure_set(failure, OUTCOME_NO_RESPONSE,
                           "cancelled at the prompt: end of file instead of an answer");
    }
    if (now.overflow) {
        return failure_set(failure, OUTCOME_NO_RESPONSE,
                           "the answer typed is longer than %d bytes", SECRET_MAX);
    }
    return OUTCOME_SUCCESS;
}

static enum outcome
read_answer(const struct prompt *prompt, struct secret *answer, struct failure *failure)
{
    /* no time is spent on it where there is no terminal, which tty_begin() says */
    if (tty_possible() && !readline_library_load(failure)) {
        return failure->outcome;
    }
    enum tty_event event = tty_begin();
    if (event != TTY_NONE) {
        return ended_as(event, errno, failure);
    }
    memset(&now, 0, sizeof now);
    now.prompt = prompt;
    now.hidden.answer = answer;
    enum outcome outcome = OUTCOME_INTERNAL;
    if (set_up() && ask()) {
        outcome = outcome_of_now(failure);
    } else {
        failure_set(failure, outcome, "out of memory");
    }
    tty_end();
    rl_instream = rl_outstream = NULL;
    memset(&now, 0, sizeof now);
    return outcome;
}

bool
prompt_possible(void)
{
    return tty_possible() || askpass_wanted(false);
}

bool
prompt_ready(struct failure *failure)
{
    return !tty_possible() || askpass_wanted(true) || readline_library_load(failure);
}

const char *
prompt_place(void)
{
    return askpass_wanted(tty_possible()) ? "askpass" : "terminal";
}

void
prompt_say(const char *text)
{
    size_t len = strlen(text);
    tty_say(text, len);
    if (len == 0 || text[len - 1] != '\n') {
        tty_say("\n", 1);
    }
    if (askpass_wanted(tty_possible())) {
        askpass_said(text);
    }
}

enum outcome
prompt_read(const struct prompt *prompt, struct secret *answer, struct failure *failure)
{
    int64_t start = clock_now();
    secret_clear(answer);
    enum outcome outcome = askpass_wanted(tty_possible())
                               ? askpass_read(prompt, answer, failure)
                               : read_answer(prompt, answer, failure);
    if (outcome != OUTCOME_SUCCESS) {
        secret_clear(answer);
    }
    if (prompt->deadline != NULL) {
        deadline_extend(prompt->deadline, clock_now() - start);
    }
    return outcome;
}
