/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What goes to and comes from sockets. One that failed for good stays so, as the kernel's do.
 */
#include "inject.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { DESCRIPTORS = 1024 };

static bool broken[DESCRIPTORS];

#define NEXT(name)                                                                             \
    static __typeof__(name) *next;                                                             \
    if (!next)                                                                                 \
    next = (__typeof__(name) *)inject_next(#name)

#define DUE(class) inject_due(class, __builtin_return_address(0))

static bool
is_stream(int fd)
{
    int type = 0;
    socklen_t len = sizeof type;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

/* Sets `size` where the call is to go on, with fewer bytes; else what it returns. */
static bool
fails(enum inject_class class, const void *caller, int fd, size_t *size, ssize_t *result)
{
    bool known = fd >= 0 && fd < DESCRIPTORS;

    *result = -1;
    if (known && broken[fd]) {
        errno = EPIPE;
        *result = class == INJECT_RECV ? 0 : -1;
        return true;
    }
    if (!inject_due(class, caller))
        return false;
    if (inject_how() == INJECT_SHORT) {
        if (*size && is_stream(fd)) /* what is cut off of a datagram is lost */
            *size = 1;
        return false;
    }
    errno = inject_error();
    if (inject_how() == INJECT_END)
        *result = 0;
    if (known && errno != EINTR && errno != EAGAIN) {
        broken[fd] = true;
        shutdown(fd, SHUT_RDWR);
    }
    return true;
}

#define FAILS(class) fails(class, __builtin_return_address(0), fd, &size, &result)

ssize_t
send(int fd, const void *bytes, size_t size, int flags)
{
    ssize_t result;
    NEXT(send);
    return FAILS(INJECT_SEND) ? result : next(fd, bytes, size, flags);
}

ssize_t
sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to,
       socklen_t len)
{
    ssize_t result;
    NEXT(sendto);
    return FAILS(INJECT_SEND) ? result : next(fd, bytes, size, flags, to, len);
}

/* Short ones are whole: that would take other vectors. */
ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
    ssize_t result;
    size_t size = 1;
    NEXT(sendmsg);
    return FAILS(INJECT_SEND) ? result : next(fd, message, flags);
}

ssize_t
writev(int fd, const struct iovec *vectors, int count)
{
    ssize_t result;
    size_t size = 1;
    struct stat status;
    NEXT(writev);
    if (fstat(fd, &status) != 0 || !S_ISSOCK(status.st_mode))
        return next(fd, vectors, count);
    return FAILS(INJECT_SEND) ? result : next(fd, vectors, count);
}

ssize_t
recv(int fd, void *bytes, size_t size, int flags)
{
    ssize_t result;
    NEXT(recv);
    return FAILS(INJECT_RECV) ? result : next(fd, bytes, size, flags);
}

ssize_t
recvfrom(int fd, void *restrict bytes, size_t size, int flags, struct sockaddr *restrict from,
         socklen_t *restrict len)
{
    ssize_t result;
    NEXT(recvfrom);
    return FAILS(INJECT_RECV) ? result : next(fd, bytes, size, flags, from, len);
}

ssize_t
recvmsg(int fd, struct msghdr *message, int flags)
{
    ssize_t result;
    size_t size = 1;
    NEXT(recvmsg);
    return FAILS(INJECT_RECV) ? result : next(fd, message, flags);
}

int
close(int fd)
{
    NEXT(close);
    if (fd >= 0 && fd < DESCRIPTORS)
        broken[fd] = false;
    return next(fd);
}

int
poll(struct pollfd *fds, nfds_t count, int timeout)
{
    NEXT(poll);
    if (DUE(INJECT_POLL)) {
        errno = inject_error();
        return -1;
    }
    return next(fds, count, timeout);
}

int
ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    NEXT(ppoll);
    if (DUE(INJECT_POLL)) {
        errno = inject_error();
        return -1;
    }
    return next(fds, count, timeout, mask);
}
