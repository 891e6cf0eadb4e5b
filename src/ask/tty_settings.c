/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The terminal's settings are saved, changed and put back here and nowhere else; readline is
 * told to keep its hands off them. State is static because signal handlers need it.
 *
 * Settings are changed at once (TCSANOW) and typed-ahead input is discarded apart from that:
 * TCSAFLUSH and TCSADRAIN wait for output, for ever on a terminal that was stopped by Ctrl-S.
 */
#include <config.h>

#include "ask/tty_settings.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "util/signals.h"

static int tty_fd = -1;
static struct tty_keys keys;

static struct termios saved;          /* what to put back... */
static volatile sig_atomic_t changed; /* ...where this is set; else it is out of date */
static volatile sig_atomic_t resumed, resized;

static struct sigaction before[NSIG];
static bool handled[NSIG];
static sigset_t mask_before;

/* ---- putting the settings back; async-signal-safe ---- */

/*
 * Discards what was typed. tcflush(3) would do the same to a Ctrl-C that the kernel has not yet
 * taken in; read(2) has it taken in first. Not for ever, where a terminal sends without end.
 * Returns 0, or an errno.
 */
static int
discard_input(void)
{
    char typed[256];
    ssize_t n = 0; /* at Ctrl-D too, behind which there may be more, and at a hang-up */
    for (int i = 0; i < 64 && n >= 0; i++) {
        n = read(tty_fd, typed, sizeof typed);
    }
    int error = n < 0 && errno != EAGAIN ? errno : 0;
    if (n >= 0) {
        tcflush(tty_fd, TCIFLUSH);
    }
    explicit_bzero(typed, sizeof typed);
    return error;
}

/*
 * Not from the background: whoever has the terminal now has settings of their own, and their
 * shell has put ours away. Call with SIGTTOU and SIGTTIN blocked, lest we stop after all. What
 * was typed is discarded before, lest it be echoed, and after, lest the shell run it.
 */
static void
settings_restore(void)
{
    if (!changed || tcgetpgrp(tty_fd) != getpgrp()) {
        return;
    }
    changed = 0;
    (void)discard_input();
    tcsetattr(tty_fd, TCSANOW, &saved);
    (void)discard_input();
}

/* ---- signals ---- */

static void
on_notice(int signal)
{
    if (signal == SIGWINCH) {
        resized = 1;
    } else {
        resumed = 1;
    }
}

/* Ctrl-Z: give the terminal back, stop as if nobody had caught the signal, take it again later.
 */
static void
on_stop(int signal)
{
    int error = errno;
    settings_restore();

    struct sigaction ours;
    sigset_t only;
    sigaction(signal, &before[signal], &ours);
    sigemptyset(&only);
    sigaddset(&only, signal);
    raise(signal);
    pthread_sigmask(SIG_UNBLOCK, &only, NULL); /* the process stops here */
    pthread_sigmask(SIG_BLOCK, &only, NULL);
    sigaction(signal, &ours, NULL);
    resumed = 1;
    errno = error;
}

/* Any other signal that kills. It is raised again, or the faulting instruction runs again, with
 * the action of before. */
static void
on_fatal(int signal, siginfo_t *info, void *context)
{
    (void)context;
    int error = errno;
    settings_restore();
    sigaction(signal, &before[signal], NULL);
    bool fault = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;
    if (!fault || info->si_code <= 0) {
        raise(signal); /* blocked in its handler: delivered on return */
    }
    errno = error;
}

static bool
kills_by_default(int signal)
{
    static const int others[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, /* util/signals.h */
                                 SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU,
                                 SIGCONT, SIGCHLD, SIGURG,  SIGWINCH};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (signal == others[i]) {
            return false;
        }
    }
    return true;
}

static void
handle(int signal, const struct sigaction *action)
{
    handled[signal] = sigaction(signal, action, &before[signal]) == 0;
}

/* A signal that is ignored, or has a handler (a sanitizer's), keeps it; only faults are passed
 * on. */
static bool
handler_wanted(int signal)
{
    struct sigaction now;
    if (sigaction(signal, NULL, &now) != 0) {
        return false;
    }
    bool fault = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;
    return now.sa_handler == SIG_DFL || (fault && now.sa_handler != SIG_IGN);
}

static sigset_t
mask_of(int a, int b, int c)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, a);
    sigaddset(&set, b);
    sigaddset(&set, c);
    return set;
}

/* TSTP, CONT and WINCH are let in only by signals_poll(), so that none slips in between a look
 * at the flags and the wait. */
static void
signals_begin(void)
{
    struct sigaction fatal = {.sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO};
    struct sigaction stop = {.sa_handler = on_stop};
    struct sigaction notice = {.sa_handler = on_notice}; /* no SA_RESTART: waits end */
    sigfillset(&fatal.sa_mask);
    sigfillset(&stop.sa_mask);
    sigemptyset(&notice.sa_mask);

    sigset_t block = mask_of(SIGTSTP, SIGCONT, SIGWINCH);
    pthread_sigmask(SIG_BLOCK, &block, &mask_before);
    resumed = resized = 0;
    memset(handled, 0, sizeof handled);
    for (int signal = 1; signal < NSIG; signal++) {
        if (kills_by_default(signal) && handler_wanted(signal)) {
            handle(signal, &fatal);
        }
    }
    if (handler_wanted(SIGTSTP)) {
        handle(SIGTSTP, &stop);
    }
    handle(SIGCONT, &notice);
    handle(SIGWINCH, &notice);
}

static void
signals_end(void)
{
    for (int signal = 1; signal < NSIG; signal++) {
        if (handled[signal]) {
            sigaction(signal, &before[signal], NULL);
        }
    }
    pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
}

/* ---- settings ---- */

static int
key_of(cc_t key)
{
    return key == _POSIX_VDISABLE ? -1 : key;
}

/*
 * ISIG stays, and so does flow control: Ctrl-C and Ctrl-S are the user's. ICRNL goes, so that
 * Enter is told from nothing else; so does what would change bytes of UTF-8.
 */
static struct termios
settings_raw(const struct termios *from)
{
    struct termios raw = *from;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHOE | ECHOK | ECHONL | IEXTEN);
    raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | ISTRIP | INPCK | PARMRK);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    return raw;
}

/*
 * The settings in force are taken for the user's unless they are ours, as after SIGSTOP.
 * Returns 0, or an errno. EINTR: the process was stopped for being in the background, and goes
 * on.
 */
static int
settings_try(void)
{
    /* A way to ask, without any other effect: in the background it raises SIGTTOU, which stops
     * us before another program's settings are saved. An orphaned one gets EIO. */
    if (tcflow(tty_fd, TCOON) != 0) {
        return errno;
    }
    bool ours = changed;
    if (!ours && tcgetattr(tty_fd, &saved) != 0) {
        return errno;
    }
    struct termios raw = settings_raw(&saved), now;
    changed = 1;
    if (tcsetattr(tty_fd, TCSANOW, &raw) != 0) {
        changed = ours;
        return errno;
    }
    /* tcsetattr() is content when one of many changes was made. */
    if (tcgetattr(tty_fd, &now) != 0) {
        return errno;
    }
    if ((now.c_lflag & (ICANON | ECHO)) != 0) {
        return ENOTSUP;
    }
    return discard_input();
}

static enum tty_event
settings_change(void)
{
    sigset_t cont;
    sigemptyset(&cont);
    sigaddset(&cont, SIGCONT);
    for (;;) {
        if (signals_check() != 0) {
            return TTY_SIGNAL;
        }
        /* With SIGCONT open its handler ends the call in which we were stopped, so that a
         * signal sent to a stopped job is seen first, and `kill %1` works. */
        pthread_sigmask(SIG_UNBLOCK, &cont, NULL);
        int error = settings_try();
        pthread_sigmask(SIG_BLOCK, &cont, NULL);
        if (error == 0) {
            break;
        }
        if (error != EINTR) {
            errno = error;
            return error == EIO || error == ENXIO || error == ENOTTY ? TTY_GONE : TTY_BROKEN;
        }
    }
    keys = (struct tty_keys){key_of(saved.c_cc[VERASE]), key_of(saved.c_cc[VKILL]),
                             key_of(saved.c_cc[VWERASE]), key_of(saved.c_cc[VEOF])};
    return TTY_NONE;
}

/* ---- the room's door ---- */

enum tty_event
tty_settings_begin(int fd)
{
    tty_fd = fd;
    signals_begin();
    enum tty_event event = settings_change();
    resumed = resized = 0; /* nothing was shown yet: nothing to show again */
    return event;
}

void
tty_settings_end(void)
{
    int error = errno;
    sigset_t all, now;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &now); /* see settings_restore() */
    settings_restore();
    changed = 0;
    pthread_sigmask(SIG_SETMASK, &now, NULL);
    signals_end();
    tty_fd = -1;
    errno = error;
}

enum tty_event
tty_settings_news(void)
{
    if (resumed) {
        enum tty_event event = settings_change();
        resumed = resized = 0; /* SIGCONT itself was let in meanwhile */
        return event == TTY_NONE ? TTY_RESUMED : event;
    }
    if (resized) {
        resized = 0;
        return TTY_RESIZED;
    }
    return TTY_NONE;
}

const struct tty_keys *
tty_keys(void)
{
    return &keys;
}
