/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keymap of echoing prompts: readline's editing, without what remembers. No history,
 * search, completion, macros, kill ring or reading of init files.
 */
#include <config.h>

#include "ask/keys.h"

#include <string.h>

/*
 * Readline's own kill commands would fill its ring, which only grows. These delete; undo
 * (Ctrl-_) brings text back within the same prompt.
 */
static int
delete_to(int target)
{
    int from = target < rl_point ? target : rl_point;
    int to = target < rl_point ? rl_point : target;
    rl_delete_text(from, to);
    rl_point = from;
    return 0;
}

static int
delete_moved(rl_command_func_t *move, int count, int key)
{
    int from = rl_point;
    move(count, key);
    int target = rl_point;
    rl_point = from;
    return delete_to(target);
}

static int
key_discard(int count, int key)
{
    (void)count, (void)key;
    return delete_to(0);
}

static int
key_discard_rest(int count, int key)
{
    (void)count, (void)key;
    return delete_to(rl_end);
}

static int
key_erase_word(int count, int key)
{
    (void)count, (void)key;
    int target = rl_point;
    while (target > 0 && strchr(" \t", rl_line_buffer[target - 1]) != NULL) {
        target--;
    }
    while (target > 0 && strchr(" \t", rl_line_buffer[target - 1]) == NULL) {
        target--;
    }
    return delete_to(target);
}

static int
key_delete_word_left(int count, int key)
{
    return delete_moved(rl_backward_word, count, key);
}

static int
key_delete_word_right(int count, int key)
{
    return delete_moved(rl_forward_word, count, key);
}

static int
key_nothing(int count, int key)
{
    (void)count, (void)key;
    return 0;
}

Keymap
keys_make(rl_command_func_t *accept)
{
    /* All that is bound: what is not here does nothing. No history, search, completion, macros,
     * yank or reading of init files. */
    const struct {
        const char *sequence;
        rl_command_func_t *function;
    } bindings[] = {
        {"\\C-a", rl_beg_of_line},
        {"\\C-b", rl_backward_char},
        {"\\C-d", rl_delete},
        {"\\C-e", rl_end_of_line},
        {"\\C-f", rl_forward_char},
        {"\\C-h", rl_rubout},
        {"\\C-k", key_discard_rest},
        {"\\C-l", rl_refresh_line},
        {"\\C-t", rl_transpose_chars},
        {"\\C-u", key_discard},
        {"\\C-v", rl_quoted_insert},
        {"\\C-w", key_erase_word},
        {"\\C-_", rl_undo_command},
        {"\\eb", rl_backward_word},
        {"\\ed", key_delete_word_right},
        {"\\ef", rl_forward_word},
        {"\\e\\C-h", key_delete_word_left},
        {"\\e\\C-?", key_delete_word_left},
        {"\\e[", rl_skip_csi_sequence},
        {"\\e[C", rl_forward_char},
        {"\\e[D", rl_backward_char},
        {"\\e[F", rl_end_of_line},
        {"\\e[H", rl_beg_of_line},
        {"\\e[1~", rl_beg_of_line},
        {"\\e[3~", rl_delete},
        {"\\e[4~", rl_end_of_line},
        {"\\eOA", key_nothing},
        {"\\eOB", key_nothing},
        {"\\eOC", rl_forward_char},
        {"\\eOD", rl_backward_char},
        {"\\eOF", rl_end_of_line},
        {"\\eOH", rl_beg_of_line},
    };
    Keymap keymap = rl_make_keymap(); /* printable characters and Backspace; never NULL */
    rl_bind_key_in_map('\r', accept, keymap);
    rl_bind_key_in_map('\n', accept, keymap);
    for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++) {
        rl_bind_keyseq_in_map(bindings[i].sequence, bindings[i].function, keymap);
    }
    return keymap;
}
