/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What prompts call of readline, which is loaded with the first one,
 * or before a connection that a rule may need it for.
 */
#ifndef READLINE_LIBRARY_H
#define READLINE_LIBRARY_H

#include <stdio.h>

#include <readline/readline.h>

#include "util/failure.h"

/* Before anything of it is called; see late_load(). */
bool readline_library_load(struct failure *failure);

#ifdef LATE_READLINE
/* clang-format off */

#define READLINE_LIBRARY(ROW) \
    ROW(readline) \
    ROW(rl_backward_char) \
    ROW(rl_backward_word) \
    ROW(rl_beg_of_line) \
    ROW(rl_bind_key_in_map) \
    ROW(rl_bind_keyseq_in_map) \
    ROW(rl_catch_signals) \
    ROW(rl_catch_sigwinch) \
    ROW(rl_change_environment) \
    ROW(rl_delete) \
    ROW(rl_delete_text) \
    ROW(rl_deprep_term_function) \
    ROW(rl_end) \
    ROW(rl_end_of_line) \
    ROW(rl_extend_line_buffer) \
    ROW(rl_forced_update_display) \
    ROW(rl_forward_char) \
    ROW(rl_forward_word) \
    ROW(rl_getc_function) \
    ROW(rl_inhibit_completion) \
    ROW(rl_initialize) \
    ROW(rl_input_available_hook) \
    ROW(rl_instream) \
    ROW(rl_line_buffer) \
    ROW(rl_make_keymap) \
    ROW(rl_newline) \
    ROW(rl_outstream) \
    ROW(rl_point) \
    ROW(rl_prep_term_function) \
    ROW(rl_quoted_insert) \
    ROW(rl_readline_name) \
    ROW(rl_refresh_line) \
    ROW(rl_reset_screen_size) \
    ROW(rl_resize_terminal) \
    ROW(rl_rubout) \
    ROW(rl_set_keyboard_input_timeout) \
    ROW(rl_set_keymap) \
    ROW(rl_skip_csi_sequence) \
    ROW(rl_startup_hook) \
    ROW(rl_transpose_chars) \
    ROW(rl_tty_set_echoing) \
    ROW(rl_undo_command) \
    ROW(rl_undo_list) \
    ROW(rl_variable_bind)

#include "util/late.h"

LATE_TABLE(readline, READLINE_LIBRARY);

#define readline                      (*readline_library.of.readline)
#define rl_backward_char              (*readline_library.of.rl_backward_char)
#define rl_backward_word              (*readline_library.of.rl_backward_word)
#define rl_beg_of_line                (*readline_library.of.rl_beg_of_line)
#define rl_bind_key_in_map            (*readline_library.of.rl_bind_key_in_map)
#define rl_bind_keyseq_in_map         (*readline_library.of.rl_bind_keyseq_in_map)
#define rl_catch_signals              (*readline_library.of.rl_catch_signals)
#define rl_catch_sigwinch             (*readline_library.of.rl_catch_sigwinch)
#define rl_change_environment         (*readline_library.of.rl_change_environment)
#define rl_delete                     (*readline_library.of.rl_delete)
#define rl_delete_text                (*readline_library.of.rl_delete_text)
#define rl_deprep_term_function       (*readline_library.of.rl_deprep_term_function)
#define rl_end                        (*readline_library.of.rl_end)
#define rl_end_of_line                (*readline_library.of.rl_end_of_line)
#define rl_extend_line_buffer         (*readline_library.of.rl_extend_line_buffer)
#define rl_forced_update_display      (*readline_library.of.rl_forced_update_display)
#define rl_forward_char               (*readline_library.of.rl_forward_char)
#define rl_forward_word               (*readline_library.of.rl_forward_word)
#define rl_getc_function              (*readline_library.of.rl_getc_function)
#define rl_inhibit_completion         (*readline_library.of.rl_inhibit_completion)
#define rl_initialize                 (*readline_library.of.rl_initialize)
#define rl_input_available_hook       (*readline_library.of.rl_input_available_hook)
#define rl_instream                   (*readline_library.of.rl_instream)
#define rl_line_buffer                (*readline_library.of.rl_line_buffer)
#define rl_make_keymap                (*readline_library.of.rl_make_keymap)
#define rl_newline                    (*readline_library.of.rl_newline)
#define rl_outstream                  (*readline_library.of.rl_outstream)
#define rl_point                      (*readline_library.of.rl_point)
#define rl_prep_term_function         (*readline_library.of.rl_prep_term_function)
#define rl_quoted_insert              (*readline_library.of.rl_quoted_insert)
#define rl_readline_name              (*readline_library.of.rl_readline_name)
#define rl_refresh_line               (*readline_library.of.rl_refresh_line)
#define rl_reset_screen_size          (*readline_library.of.rl_reset_screen_size)
#define rl_resize_terminal            (*readline_library.of.rl_resize_terminal)
#define rl_rubout                     (*readline_library.of.rl_rubout)
#define rl_set_keyboard_input_timeout (*readline_library.of.rl_set_keyboard_input_timeout)
#define rl_set_keymap                 (*readline_library.of.rl_set_keymap)
#define rl_skip_csi_sequence          (*readline_library.of.rl_skip_csi_sequence)
#define rl_startup_hook               (*readline_library.of.rl_startup_hook)
#define rl_transpose_chars            (*readline_library.of.rl_transpose_chars)
#define rl_tty_set_echoing            (*readline_library.of.rl_tty_set_echoing)
#define rl_undo_command               (*readline_library.of.rl_undo_command)
#define rl_undo_list                  (*readline_library.of.rl_undo_list)
#define rl_variable_bind              (*readline_library.of.rl_variable_bind)

/* clang-format on */
#endif

#endif
