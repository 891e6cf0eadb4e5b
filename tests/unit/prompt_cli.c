/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * prompt.c alone, for tests/tty/prompt_test.py. Each argument is one step:
 *   echo:TEXT, noecho:TEXT  prompt_read; prints "OUTCOME LENGTH HEX MILLISECONDS MESSAGE"
 *   hold:TEXT               the same without echo; stops (SIGSTOP) with the answer in memory,
 *                           and again after secret_free
 *   say:TEXT  fd:N          prompt_say; the server_fd of the prompts that follow
 *   sleep:MS  possible      wait; print whether prompt_possible
 * MILLISECONDS is what the deadline was moved by. Signals are raised again at the end, as main
 * does.
 */
#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask/prompt.h"
#include "util/signals.h"

static int server_fd = -1;

static void
print_answer(enum outcome outcome, const struct secret *answer, int64_t moved,
             const struct failure *failure)
{
    printf("%s %zu ", outcome_word(outcome), answer->len);
    for (size_t i = 0; i < answer->len; i++) {
        printf("%02x", (unsigned char)answer->text[i]);
    }
    printf("%s %lld %s\n", answer->len == 0 ? "-" : "", (long long)(moved / 1000000),
           failure->message);
    fflush(stdout);
}

static enum outcome
read_one(const char *text, bool echo, bool hold)
{
    struct deadline deadline = {.at = 0};
    struct prompt prompt = {
        .text = text, .echo = echo, .server_fd = server_fd, .deadline = &deadline};
    struct failure failure = FAILURE_INIT;
    struct secret answer;
    if (!secret_init(&answer)) {
        return OUTCOME_INTERNAL;
    }
    enum outcome outcome = prompt_read(&prompt, &answer, &failure);
    if (hold) {
        printf("held %zu\n", answer.len);
        fflush(stdout);
        raise(SIGSTOP);
        secret_free(&answer);
        raise(SIGSTOP);
        return outcome;
    }
    print_answer(outcome, &answer, deadline.at, &failure);
    secret_free(&answer);
    return outcome;
}

static enum outcome
step(const char *argument)
{
    const char *colon = strchr(argument, ':');
    const char *value = colon == NULL ? "" : colon + 1;
    size_t len = colon == NULL ? strlen(argument) : (size_t)(colon - argument);
    if (strncmp(argument, "echo", len) == 0) {
        return read_one(value, true, false);
    }
    if (strncmp(argument, "noecho", len) == 0) {
        return read_one(value, false, false);
    }
    if (strncmp(argument, "hold", len) == 0) {
        return read_one(value, false, true);
    }
    if (strncmp(argument, "say", len) == 0) {
        prompt_say(value);
    } else if (strncmp(argument, "fd", len) == 0) {
        server_fd = atoi(value);
    } else if (strncmp(argument, "sleep", len) == 0) {
        usleep((useconds_t)atoi(value) * 1000);
    } else if (strncmp(argument, "possible", len) == 0) {
        printf("possible %d\n", prompt_possible());
        fflush(stdout);
    } else {
        fprintf(stderr, "prompt_cli: %s?\n", argument);
        return OUTCOME_USAGE;
    }
    return OUTCOME_SUCCESS;
}

int
main(int argc, char **argv)
{
    signals_install();
    enum outcome outcome = OUTCOME_SUCCESS;
    for (int i = 1; i < argc && signals_caught() == 0; i++) {
        outcome = step(argv[i]);
    }
    signals_raise_again();
    return outcome_status(outcome);
}
