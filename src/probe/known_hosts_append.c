/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adds one line to a known hosts file that other programs, ssh among them, may be changing at
 * the same time. Whether the key deserves it was decided before; nothing is decided here.
 */
#include <config.h>

#include "probe/known_hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "util/deadline.h"
#include "util/signals.h"

enum { LOCK_SECONDS = 10, LOCK_PAUSE_MS = 10, REPLACED_TRIES = 5 };

/* What the file says of the name while it is locked. */
struct present {
    const unsigned char *blob;
    size_t len;
    bool same, other, revoked;
};

static void
note_present(const struct known_hosts_entry *entry, void *context)
{
    struct present *present = context;
    bool same =
        entry->key_len == present->len && memcmp(entry->key, present->blob, present->len) == 0;
    if (entry->marker == KNOWN_HOSTS_REVOKED)
        present->revoked |= same;
    else if (entry->marker == KNOWN_HOSTS_PLAIN && same)
        present->same = true;
    else if (entry->marker == KNOWN_HOSTS_PLAIN)
        present->other = true;
}

/* "NAME TYPE BASE64\n", after a newline, to be left out where the file needs none. */
static char *
make_line(const char *name, const char *type, const unsigned char *blob, size_t len)
{
    size_t head = 1 + strlen(name) + 1 + strlen(type) + 1;
    char *line = malloc(head + (len + 2) / 3 * 4 + sizeof("\n"));
    if (line == NULL)
        return NULL;
    sprintf(line, "\n%s %s ", name, type);
    int encoded = EVP_EncodeBlock((unsigned char *)line + head, blob, (int)len);
    memcpy(line + head + encoded, "\n", sizeof("\n"));
    return line;
}

/* Opens for appending, with the last directory made where it is that which is missing. */
static int
open_file(const char *path)
{
    const int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    int fd = open(path, flags, 0600);
    const char *slash = strrchr(path, '/');
    if (fd != -1 || errno != ENOENT || slash == NULL || slash == path)
        return fd != -1 ? fd : -errno;
    char *directory = strndup(path, (size_t)(slash - path));
    if (directory == NULL)
        return -ENOMEM;
    int rc = mkdir(directory, 0700) == -1 && errno != EEXIST ? -errno : 0;
    free(directory);
    if (rc != 0)
        return rc;
    fd = open(path, flags, 0600);
    return fd != -1 ? fd : -errno;
}

/*
 * An open file description's lock is not lost when another descriptor of this process closes
 * the file, and keeps threads apart. A file system without locks gets the append unlocked: the
 * single write still keeps lines whole.
 */
static int
lock_file(int fd)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
    const struct deadline limit = deadline_after(LOCK_SECONDS * DEADLINE_SECOND);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    for (;;) {
        if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
            return 0;
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return 0;
        if (deadline_passed(limit))
            return -ETIMEDOUT;
        signals_poll(NULL, 0, &pause);
        if (signals_caught() != 0)
            return -EINTR;
    }
}

/* So that nobody waits for a disk. */
static void
unlock_file(int fd)
{
    struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    fcntl(fd, F_OFD_SETLK, &whole);
}

/*
 * Opens and locks the regular file that `path` names once the lock is held: ssh-keygen -R puts
 * another in its place. Returns the descriptor with its status, or -errno.
 */
static int
open_locked(const char *path, struct stat *status)
{
    for (int tries = 0; tries < REPLACED_TRIES; tries++) {
        int fd = open_file(path);
        if (fd < 0)
            return fd;
        int rc = fstat(fd, status) == -1 ? -errno : 0;
        if (rc == 0 && !S_ISREG(status->st_mode)) {
            if (S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3))
                return fd; /* /dev/null */
            rc = -ESPIPE;
        }
        if (rc == 0)
            rc = lock_file(fd);
        if (rc == 0 && fstat(fd, status) == -1) /* again: its length is now ours to rely on */
            rc = -errno;
        struct stat now;
        if (rc == 0 && stat(path, &now) == 0 && now.st_dev == status->st_dev &&
            now.st_ino == status->st_ino)
            return fd;
        close(fd);
        if (rc != 0)
            return rc;
    }
    return -EBUSY;
}

/* One write; what a full disk left of it is taken back, unless another has appended since. Then
 * the lock is not needed any more. */
static int
write_line(int fd, const char *line, const struct stat *before)
{
    char last = '\n';
    if (S_ISREG(before->st_mode) && before->st_size > 0 &&
        pread(fd, &last, 1, before->st_size - 1) != 1)
        return -EIO;
    if (last == '\n')
        line++;
    size_t len = strlen(line);
    ssize_t written;
    do {
        written = write(fd, line, len);
    } while (written == -1 && errno == EINTR);
    if (written == -1)
        return -errno;
    if ((size_t)written < len) {
        struct stat now;
        if (fstat(fd, &now) == 0 && now.st_size == before->st_size + written &&
            ftruncate(fd, before->st_size) == -1)
            return -errno;
        return -ENOSPC;
    }
    unlock_file(fd);
    if (fsync(fd) == -1 && errno != EINVAL && errno != EROFS)
        return -errno;
    return 0;
}

/* A name that reads back as itself, not as a pattern, a list, a marker or a comment. */
static bool
is_plain_name(const char *name)
{
    for (const char *c = name; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7F || strchr(",*?", *c) != NULL)
            return false;
    return strchr("!@#|", name[0]) == NULL;
}

static bool
hash_name(char out[KNOWN_HOSTS_HASH_SIZE], const char *name)
{
    unsigned char salt[KNOWN_HOSTS_SALT_LEN];
    return getrandom(salt, sizeof(salt), 0) == (ssize_t)sizeof(salt) &&
           known_hosts_hash(out, name, salt);
}

int
known_hosts_append(const char *path, const char *host, uint16_t port, const unsigned char *blob,
                   size_t len, bool hashed)
{
    char name[KNOWN_HOSTS_NAME_SIZE], type[KNOWN_HOSTS_TYPE_SIZE], hash[KNOWN_HOSTS_HASH_SIZE];
    if (!known_hosts_name(name, host, port) || !is_plain_name(name) || len > 32768 ||
        !known_hosts_blob_type(type, blob, len))
        return -EINVAL;
    if (!hashed && strlen(name) >= KNOWN_HOSTS_PATTERN_LIMIT)
        return -EINVAL;
    if (hashed && !hash_name(hash, name))
        return -EIO;
    char *line = make_line(hashed ? hash : name, type, blob, len);
    if (line == NULL)
        return -ENOMEM;
    struct stat status;
    struct present present = {.blob = blob, .len = len};
    int fd = open_locked(path, &status);
    int rc = fd < 0 ? fd : 0;
    if (rc == 0 && S_ISREG(status.st_mode))
        rc = known_hosts_scan_fd(fd, path, host, port, note_present, &present);
    if (rc == 0 && present.revoked)
        rc = -EKEYREVOKED;
    else if (rc == 0 && present.other && !present.same)
        rc = -EEXIST;
    if (rc == 0 && !present.same)
        rc = write_line(fd, line, &status);
    if (fd >= 0)
        close(fd);
    free(line);
    return rc;
}
