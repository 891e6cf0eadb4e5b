/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads known hosts files: which lines name this host, and with which keys. What that means for
 * a key that a server showed is hostkey.c's business. Nothing here prints, asks or writes.
 * Memory is bounded by the longest line, time by the file's length.
 */
#include <config.h>

#include "probe/known_hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "util/signals.h"
#include "util/wire.h"

enum { LINE_LIMIT = 65536, FILE_LIMIT = 256 << 20, HOST_LIMIT = 1024, HASH_LEN = 20 };

#define HASH_MAGIC "|1|"

/* What one reading needs; too large for the stack. */
struct scan {
    int fd;
    size_t at, filled, total;
    bool cut; /* the line goes on behind what is in `line` */
    unsigned char buffer[16384];
    char line[LINE_LIMIT + 1];
    unsigned char key[LINE_LIMIT];
    char again[LINE_LIMIT + 4];
};

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
known_hosts_name(char name[KNOWN_HOSTS_NAME_SIZE], const char *host, uint16_t port)
{
    size_t len = strlen(host);
    if (len == 0 || len > HOST_LIMIT)
        return false;
    if (port == 22)
        snprintf(name, KNOWN_HOSTS_NAME_SIZE, "%s", host);
    else
        snprintf(name, KNOWN_HOSTS_NAME_SIZE, "[%s]:%u", host, (unsigned)port);
    for (char *c = name; *c != '\0'; c++)
        *c = lower(*c);
    return true;
}

bool
known_hosts_blob_type(char type[KNOWN_HOSTS_TYPE_SIZE], const unsigned char *blob, size_t len)
{
    struct wire rest = {blob, len}, name, field;
    type[0] = '\0';
    if (!wire_string(&rest, &name) || name.left == 0 || name.left >= KNOWN_HOSTS_TYPE_SIZE)
        return false;
    for (size_t i = 0; i < name.left; i++)
        if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == ',')
            return false;
    memcpy(type, name.at, name.left);
    type[name.left] = '\0';
    do {
        if (!wire_string(&rest, &field))
            return false;
    } while (rest.left > 0);
    return true;
}

/* One pattern of `len` bytes against a lower-case name; linear in their product at worst. */
static bool
pattern_matches(const char *pattern, size_t len, const char *name)
{
    const char *end = pattern + len;
    const char *after_star = NULL, *retry = NULL;
    while (*name != '\0') {
        if (pattern < end && *pattern == '*') {
            after_star = ++pattern;
            retry = name;
        } else if (pattern < end && (*pattern == '?' || lower(*pattern) == *name)) {
            pattern++;
            name++;
        } else if (after_star != NULL) {
            pattern = after_star;
            name = ++retry;
        } else {
            return false;
        }
    }
    while (pattern < end && *pattern == '*')
        pattern++;
    return pattern == end;
}

/* A negated pattern that matches rules the line out, wherever in the list it is. */
static bool
list_names(const char *list, const char *name)
{
    bool found = false;
    for (;;) {
        size_t len = strcspn(list, ",");
        size_t negated = len > 0 && list[0] == '!';
        if (len - negated >= KNOWN_HOSTS_PATTERN_LIMIT)
            return false;
        if (pattern_matches(list + negated, len - negated, name)) {
            if (negated)
                return false;
            found = true;
        }
        if (list[len] == '\0')
            return found;
        list += len + 1;
    }
}

/* EVP_DecodeBlock alone forgives blanks, dashes and odd ends. */
size_t
known_hosts_decode(unsigned char *out, char *again, const char *text, size_t len)
{
    if (len == 0 || len % 4 != 0 || len > LINE_LIMIT)
        return 0;
    int decoded = EVP_DecodeBlock(out, (const unsigned char *)text, (int)len);
    if (decoded <= 0)
        return 0;
    for (size_t i = len; i > len - 2 && text[i - 1] == '='; i--)
        decoded--;
    if (EVP_EncodeBlock((unsigned char *)again, out, decoded) != (int)len ||
        memcmp(again, text, len) != 0)
        return 0;
    return (size_t)decoded;
}

/* "|1|", salt, "|", HMAC-SHA1 of the name with the salt as key. */
bool
known_hosts_hash(char out[KNOWN_HOSTS_HASH_SIZE], const char *name,
                 const unsigned char salt[KNOWN_HOSTS_SALT_LEN])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned hash_len = 0;
    out[0] = '\0';
    if (HMAC(EVP_sha1(), salt, KNOWN_HOSTS_SALT_LEN, (const unsigned char *)name, strlen(name),
             hash, &hash_len) == NULL ||
        hash_len != HASH_LEN)
        return false;
    char *at = stpcpy(out, HASH_MAGIC);
    at += EVP_EncodeBlock((unsigned char *)at, salt, KNOWN_HOSTS_SALT_LEN);
    *at++ = '|';
    EVP_EncodeBlock((unsigned char *)at, hash, HASH_LEN);
    return true;
}

/* Nothing else may be on the line. */
static bool
hash_names(const char *names, const char *name)
{
    enum { ENCODED = 28, MAGIC_LEN = sizeof(HASH_MAGIC) - 1 };
    unsigned char salt[ENCODED / 4 * 3];
    char again[KNOWN_HOSTS_HASH_SIZE];
    if (strlen(names) != MAGIC_LEN + ENCODED + 1 + ENCODED ||
        known_hosts_decode(salt, again, names + MAGIC_LEN, ENCODED) != KNOWN_HOSTS_SALT_LEN)
        return false;
    return known_hosts_hash(again, name, salt) && strcmp(again, names) == 0;
}

/* Cuts the next field off; "" at the end of the line. */
static char *
next_field(char **cursor)
{
    static const char blanks[] = " \t\r";
    char *field = *cursor + strspn(*cursor, blanks);
    char *end = field + strcspn(field, blanks);
    *cursor = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return field;
}

/* Fills the entry from the line. False where it does not name the host, or is malformed. */
static bool
parse_line(struct scan *scan, const char *name, struct known_hosts_entry *entry)
{
    char *cursor = scan->line;
    char *names = next_field(&cursor);
    entry->marker = KNOWN_HOSTS_PLAIN;
    if (names[0] == '@') {
        if (strcmp(names, "@revoked") == 0)
            entry->marker = KNOWN_HOSTS_REVOKED;
        else if (strcmp(names, "@cert-authority") == 0)
            entry->marker = KNOWN_HOSTS_CA;
        else
            return false;
        names = next_field(&cursor);
    }
    if (names[0] == '\0' || names[0] == '#' || names[0] == '@')
        return false;
    if (!(names[0] == '|' ? hash_names(names, name) : list_names(names, name)))
        return false;
    const char *type = next_field(&cursor);
    const char *encoded = next_field(&cursor);
    char own_type[KNOWN_HOSTS_TYPE_SIZE];
    entry->type = type;
    entry->key = scan->key;
    entry->key_len = known_hosts_decode(scan->key, scan->again, encoded, strlen(encoded));
    if (scan->cut && *cursor == '\0') /* then so may the key */
        return false;
    return entry->key_len > 0 && known_hosts_blob_type(own_type, entry->key, entry->key_len) &&
           strcmp(own_type, type) == 0;
}

/* 1: there is more in the buffer; 0: the end; else -errno. */
static int
refill(struct scan *scan)
{
    ssize_t got;
    if (signals_check() != 0) /* a large file of hashed names takes its time */
        return -EINTR;
    do {
        got = read(scan->fd, scan->buffer, sizeof(scan->buffer));
    } while (got == -1 && errno == EINTR);
    if (got == -1)
        return -errno;
    scan->at = 0;
    scan->filled = (size_t)got;
    scan->total += (size_t)got;
    if (scan->total > FILE_LIMIT)
        return -EFBIG;
    return got > 0;
}

/* The next line, without its newline, or the beginning of a long one, into scan->line. As
 * refill(). */
static int
read_line(struct scan *scan)
{
    size_t len = 0;
    bool any = false;
    scan->cut = false;
    for (bool ended = false; !ended;) {
        if (scan->at == scan->filled) {
            int rc = refill(scan);
            if (rc < 0)
                return rc;
            if (rc == 0)
                break;
        }
        any = true;
        const unsigned char *from = scan->buffer + scan->at;
        const unsigned char *newline = memchr(from, '\n', scan->filled - scan->at);
        ended = newline != NULL;
        size_t taken = ended ? (size_t)(newline - from) : scan->filled - scan->at;
        size_t room = LINE_LIMIT - len;
        memcpy(scan->line + len, from, taken < room ? taken : room);
        len += taken < room ? taken : room;
        scan->cut |= taken > room;
        scan->at += taken + ended;
    }
    scan->line[len] = '\0';
    return any;
}

int
known_hosts_scan_fd(int fd, const char *path, const char *host, uint16_t port,
                    known_hosts_visitor *visit, void *context)
{
    char name[KNOWN_HOSTS_NAME_SIZE];
    if (!known_hosts_name(name, host, port))
        return -EINVAL;
    if (lseek(fd, 0, SEEK_SET) == -1)
        return -errno;
    struct scan *scan = malloc(sizeof(*scan));
    if (scan == NULL)
        return -ENOMEM;
    scan->fd = fd;
    scan->at = scan->filled = scan->total = 0;
    struct known_hosts_entry entry = {.path = path};
    int rc;
    while ((rc = read_line(scan)) > 0) {
        entry.line++;
        if (parse_line(scan, name, &entry))
            visit(&entry, context);
    }
    free(scan);
    return rc;
}

int
known_hosts_open(const char *path)
{
    /* O_NONBLOCK: the opening of a pipe that nobody writes to does not wait. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd == -1)
        return -errno;
    struct stat status;
    int rc;
    if (fstat(fd, &status) == -1)
        rc = -errno;
    else if (S_ISREG(status.st_mode) ||
             (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3))) /* /dev/null */
        return fd;
    else
        rc = S_ISDIR(status.st_mode) ? -EISDIR : -ESPIPE;
    close(fd);
    return rc;
}

int
known_hosts_scan(const char *path, const char *host, uint16_t port, known_hosts_visitor *visit,
                 void *context)
{
    int fd = known_hosts_open(path);
    if (fd < 0)
        return fd;
    int rc = known_hosts_scan_fd(fd, path, host, port, visit, context);
    close(fd);
    return rc;
}
