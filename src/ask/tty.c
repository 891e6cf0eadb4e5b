/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The controlling terminal's two streams: keys in, text out. Every wait ends at a signal, so
 * that a terminal that takes no output holds nobody up.
 */
#include <config.h>

#include "ask/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ask/tty_settings.h"
#include "util/signals.h"

static int in_fd = -1, out_fd = -1;
static FILE *in_stream, *out_stream;
static char out_buffer[1024];

/* Writes all, or as much as can be until a signal or an error ends it. */
static void
write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            if (signals_poll(&wait, 1, NULL) < 0 && (errno != EINTR || signals_caught() != 0)) {
                return;
            }
        } else if (n == 0 || errno != EINTR) {
            return;
        }
    }
}

/* For readline's stream. What cannot be shown is no error of its own: the next read tells. */
static ssize_t
cookie_write(void *cookie, const char *bytes, size_t len)
{
    (void)cookie;
    write_all(out_fd, bytes, len);
    return (ssize_t)len;
}

bool
tty_key_waits(int milliseconds)
{
    struct pollfd wait = {.fd = in_fd, .events = POLLIN};
    struct timespec limit = {milliseconds / 1000, (milliseconds % 1000) * 1000000L};
    return signals_poll(&wait, 1, &limit) > 0;
}

/*
 * A hang-up comes as an end of file and, for the session's leader, as SIGHUP, the better
 * reason. Linux wakes those who read before it sends the signal, so the end alone may be seen
 * first.
 */
static void
wait_for_hangup(void)
{
    struct sigaction action;
    if (getsid(0) == getpid() && sigaction(SIGHUP, NULL, &action) == 0 &&
        action.sa_handler != SIG_IGN) {
        signals_poll(NULL, 0, &(struct timespec){.tv_sec = 1});
    }
}

static enum tty_event
read_key(unsigned char *byte)
{
    ssize_t n = read(in_fd, byte, 1);
    if (n == 1) {
        return TTY_KEY;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return TTY_NONE;
    }
    int error = n == 0 ? EIO : errno;
    wait_for_hangup();
    if (signals_check() != 0) {
        return TTY_SIGNAL;
    }
    errno = error;
    return TTY_GONE;
}

enum tty_event
tty_wait(int server_fd, unsigned char *byte)
{
    for (;;) {
        if (signals_caught() != 0) {
            return TTY_SIGNAL;
        }
        enum tty_event news = tty_settings_news();
        if (news != TTY_NONE) {
            return news;
        }
        /* RDHUP and not IN: it comes even where unread data waits before the end, and data
         * that nobody reads now does not make the loop spin. */
        struct pollfd fds[] = {{.fd = in_fd, .events = POLLIN},
                               {.fd = server_fd, .events = POLLRDHUP}};
        if (signals_poll(fds, 2, NULL) < 0) {
            if (errno != EINTR) {
                return TTY_BROKEN;
            }
        } else if (fds[1].revents != 0) {
            return TTY_SERVER_GONE;
        } else if (fds[0].revents != 0) {
            enum tty_event event = read_key(byte);
            if (event != TTY_NONE) {
                return event;
            }
        }
    }
}

/* ---- opening and closing ---- */

/* Two descriptors of its own, so that O_NONBLOCK touches nobody else's. */
static int
open_tty(int mode)
{
    return open("/dev/tty", mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void
close_all(void)
{
    int error = errno;
    if (in_stream != NULL) {
        fclose(in_stream);
    } else if (in_fd >= 0) {
        close(in_fd);
    }
    if (out_stream != NULL) {
        fclose(out_stream);
    }
    if (out_fd >= 0) {
        close(out_fd);
    }
    explicit_bzero(out_buffer, sizeof out_buffer);
    in_stream = out_stream = NULL;
    in_fd = out_fd = -1;
    errno = error;
}

static enum tty_event
open_all(void)
{
    in_fd = open_tty(O_RDONLY);
    out_fd = in_fd < 0 ? -1 : open_tty(O_WRONLY);
    if (out_fd < 0) {
        return TTY_GONE;
    }
    in_stream = fdopen(in_fd, "r");
    out_stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = cookie_write});
    if (in_stream == NULL || out_stream == NULL) {
        return TTY_BROKEN;
    }
    setvbuf(out_stream, out_buffer, _IOFBF, sizeof out_buffer);
    return TTY_NONE;
}

bool
tty_possible(void)
{
    int fd = open_tty(O_RDWR);
    if (fd < 0) {
        return false;
    }
    close(fd);
    return true;
}

enum tty_event
tty_begin(void)
{
    enum tty_event event = open_all();
    if (event == TTY_NONE) {
        event = tty_settings_begin(in_fd);
        if (event == TTY_NONE) {
            return event;
        }
        tty_settings_end();
    }
    close_all();
    return event;
}

void
tty_end(void)
{
    fflush(out_stream);
    tty_settings_end();
    close_all();
}

FILE *
tty_input(void)
{
    return in_stream;
}

FILE *
tty_output(void)
{
    return out_stream;
}

void
tty_say(const char *text, size_t len)
{
    int fd = open_tty(O_WRONLY);
    if (fd >= 0) {
        write_all(fd, text, len);
        close(fd);
    }
}
