/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signals at chosen moments of taking a terminal, which tests/tty can only hit by chance. Each
 * test is a process of its own that leads the session of a pseudo-terminal: SIGTSTP does all
 * that it does, but for the stop itself, since nobody is there to continue such a process.
 */
#include <config.h>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "apart.h"
#include "ask/tty_settings.h"
#include "util/signals.h"

enum { PATIENCE = 20 };

static int controller = -1, terminal = -1;

static bool
open_terminal(void)
{
    alarm(PATIENCE * 2);
    controller = posix_openpt(O_RDWR | O_NOCTTY);
    if (setsid() < 0 || controller < 0 || grantpt(controller) != 0 || unlockpt(controller) != 0)
        return false;
    terminal = open(ptsname(controller), O_RDWR | O_NONBLOCK); /* the session's, from now on */
    return terminal >= 0 && tcgetpgrp(terminal) == getpgrp();
}

static bool
is_raw(void)
{
    struct termios now;
    return tcgetattr(terminal, &now) == 0 && (now.c_lflag & (ICANON | ECHO)) == 0;
}

static void
let_in(int signal)
{
    raise(signal);
    signals_poll(NULL, 0, &(struct timespec){0});
}

/* By `disturb`, which is called while the terminal is taken, its settings are as before in the
 * end. */
static bool
settings_survive(bool (*disturb)(void))
{
    struct termios before, after;
    bool good = open_terminal() && tcgetattr(terminal, &before) == 0;

    signals_install();
    good = good && tty_settings_begin(terminal) == TTY_NONE && is_raw() && disturb();
    tty_settings_end();
    return good && tcgetattr(terminal, &after) == 0 &&
           memcmp(&before, &after, sizeof before) == 0;
}

static bool
nothing(void)
{
    return tty_settings_news() == TTY_NONE;
}

/* As behind SIGSTOP: the settings in force are not the user's. */
static bool
continued(void)
{
    let_in(SIGCONT);
    return tty_settings_news() == TTY_RESUMED && is_raw() && tty_settings_news() == TTY_NONE;
}

static bool
stopped(void)
{
    let_in(SIGTSTP);
    return !is_raw() && tty_settings_news() == TTY_RESUMED && is_raw();
}

/* The stop is still pending when the terminal is taken again because of the SIGCONT before. */
static bool
stopped_while_continuing(void)
{
    let_in(SIGCONT);
    raise(SIGTSTP);
    return tty_settings_news() == TTY_RESUMED && is_raw() && continued() && stopped();
}

/* What was typed before the prompt is gone; what is typed at it is not. */
static bool
input_is_discarded(void)
{
    char typed[64] = "";
    bool good = open_terminal() && write(controller, "before\nthe prompt", 17) == 17;

    signals_install();
    good = good && tty_settings_begin(terminal) == TTY_NONE;
    good = good && write(controller, "at it", 5) == 5;
    struct pollfd wait = {.fd = terminal, .events = POLLIN};
    size_t len = 0;
    while (good && len < 5) {
        ssize_t n = poll(&wait, 1, PATIENCE * 1000) == 1
                        ? read(terminal, typed + len, sizeof typed - len)
                        : -1;
        good = n > 0;
        len += good ? (size_t)n : 0;
    }
    tty_settings_end();
    return good && len == 5 && memcmp(typed, "at it", 5) == 0;
}

/* What was typed at the prompt, and not read, is not for the shell. */
static bool
rest_is_discarded(void)
{
    char typed[64];
    bool good = open_terminal();

    signals_install();
    good = good && tty_settings_begin(terminal) == TTY_NONE;
    good = good && write(controller,
                         "a line\n\x04"
                         "and more",
                         16) == 16;
    tty_settings_end();
    struct pollfd wait = {.fd = terminal, .events = POLLIN};
    return good && poll(&wait, 1, 50) == 0 && read(terminal, typed, sizeof typed) == -1;
}

/* Ctrl-C is no input that came too early, even where the kernel has not yet taken it in. */
static bool
ctrl_c_is_kept(void (*disturb)(void))
{
    bool good = open_terminal();

    signals_install();
    good = good && tty_settings_begin(terminal) == TTY_NONE;
    disturb();
    enum tty_event event = tty_settings_news();
    good = good && (event == TTY_RESUMED || event == TTY_SIGNAL);
    good = good && signals_poll(NULL, 0, &(struct timespec){.tv_sec = PATIENCE}) == -1;
    tty_settings_end();
    return good && signals_caught() == SIGINT;
}

static void
continue_and_type(void)
{
    let_in(SIGCONT);
    (void)!write(controller, "\x03", 1);
}

static void
type_and_stop(void)
{
    (void)!write(controller, "\x03", 1);
    let_in(SIGTSTP);
}

/* ---- cmocka ---- */

#define TEST(name, expression)                                                                 \
    static void test_##name(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        ASSERT_APART(expression);                                                              \
    }

TEST(undisturbed_settings_survive, settings_survive(nothing))
TEST(settings_survive_a_continue, settings_survive(continued))
TEST(settings_survive_a_stop, settings_survive(stopped))
TEST(settings_survive_a_stop_in_a_continue, settings_survive(stopped_while_continuing))
TEST(input_is_discarded, input_is_discarded())
TEST(rest_is_discarded, rest_is_discarded())

/* As often as it takes to strike while the settings are changed. */
static void
test_ctrl_c_is_kept(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        ASSERT_APART(ctrl_c_is_kept(continue_and_type));
        ASSERT_APART(ctrl_c_is_kept(type_and_stop));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_undisturbed_settings_survive),
        cmocka_unit_test(test_settings_survive_a_continue),
        cmocka_unit_test(test_settings_survive_a_stop),
        cmocka_unit_test(test_settings_survive_a_stop_in_a_continue),
        cmocka_unit_test(test_input_is_discarded),
        cmocka_unit_test(test_rest_is_discarded),
        cmocka_unit_test(test_ctrl_c_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
