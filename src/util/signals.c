/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One handler, one number. What a signal means is decided by those who wait; here it is only
 * noted. State of the whole process, as signals are.
 */
#include <config.h>

#include "util/signals.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/descriptor.h"

static const int noted[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { NOTED = sizeof noted / sizeof noted[0] };

static _Atomic int caught; /* free of locks, as a handler needs it */
static bool installed;     /* this and the next ones: before there are threads */
static int wake = -1;      /* an eventfd, readable for ever once a signal was caught */
static sigset_t wait_mask;
static pthread_t main_thread;

static void
note(int signal)
{
    const uint64_t one = 1;
    int error = errno, none = 0;
    atomic_compare_exchange_strong(&caught, &none, signal);
    ssize_t ignored = write(wake, &one, sizeof one);
    (void)ignored;
    errno = error;
}

/* Without it, where there is not one descriptor, nothing else works either. */
static void
make_wake(void)
{
    wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake >= 0) {
        descriptor_move_up(&wake);
    }
}

void
signals_install(void)
{
    if (installed) {
        return;
    }
    make_wake();
    struct sigaction action = {.sa_handler = note}; /* no SA_RESTART: waits end */
    sigset_t block;
    sigemptyset(&block);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < NOTED; i++) {
        sigaddset(&action.sa_mask, noted[i]);
    }
    for (size_t i = 0; i < NOTED; i++) {
        struct sigaction before;
        if (sigaction(noted[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            sigaction(noted[i], &action, NULL);
            sigaddset(&block, noted[i]);
        }
    }
    pthread_sigmask(SIG_BLOCK, &block, &wait_mask);
    for (size_t i = 0; i < NOTED; i++) {
        sigdelset(&wait_mask, noted[i]);
    }
    main_thread = pthread_self();
    installed = true;
}

int
signals_caught(void)
{
    return caught;
}

const sigset_t *
signals_wait_mask(void)
{
    return installed ? &wait_mask : NULL;
}

static bool
in_other_thread(void)
{
    return installed && !pthread_equal(pthread_self(), main_thread);
}

/* Lets pending signals in, for a moment: the four, and those that a prompt has blocked. Mostly
 * there is none, and one call says so. */
static void
deliver_pending(void)
{
    sigset_t pending, before;
    if (in_other_thread() || sigpending(&pending) != 0 || sigisemptyset(&pending)) {
        return;
    }
    pthread_sigmask(SIG_SETMASK, &wait_mask, &before);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Signals are blocked there: the descriptor tells of them. */
static int
poll_in_other_thread(struct pollfd *fds, nfds_t count, const struct timespec *timeout)
{
    struct pollfd all[SIGNALS_POLL_MAX + 1];
    if (count > SIGNALS_POLL_MAX) {
        errno = EINVAL;
        return -1;
    }
    if (count > 0) {
        memcpy(all, fds, count * sizeof *fds);
    }
    all[count] = (struct pollfd){.fd = wake, .events = POLLIN};
    int ready = ppoll(all, count + 1, timeout, NULL);
    if (ready > 0 && all[count].revents != 0) {
        errno = EINTR;
        return -1;
    }
    for (nfds_t i = 0; i < count; i++) {
        fds[i].revents = all[i].revents;
    }
    return ready;
}

int
signals_poll(struct pollfd *fds, nfds_t count, const struct timespec *timeout)
{
    if (caught != 0) {
        errno = EINTR;
        return -1;
    }
    if (in_other_thread()) {
        return poll_in_other_thread(fds, count, timeout);
    }
    int ready = ppoll(fds, count, timeout, signals_wait_mask());
    if (ready > 0 && installed) {
        /* Where a descriptor is ready at once, Linux delivers nothing: a server that never
         * stops sending would make Ctrl-C wait for ever. */
        deliver_pending();
        if (caught != 0) {
            errno = EINTR;
            return -1;
        }
    }
    return ready;
}

int
signals_check(void)
{
    if (installed) {
        deliver_pending();
    }
    return caught;
}

void
signals_block_all(sigset_t *before)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
    sigset_t all;
    sigfillset(&all);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        sigdelset(&all, faults[i]);
    }
    pthread_sigmask(SIG_SETMASK, &all, before);
}

void
signals_give_up(void)
{
    note(SIGPIPE);
}

void
signals_raise_again(void)
{
    int signal = signals_check(); /* one that came after the last wait counts, too */
    if (signal == 0 || signal == SIGPIPE) {
        return;
    }
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t only;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, NULL);
    sigemptyset(&only);
    sigaddset(&only, signal);
    raise(signal); /* still blocked: it is delivered by the next line */
    pthread_sigmask(SIG_UNBLOCK, &only, NULL);
}
