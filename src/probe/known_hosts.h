/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Known hosts files as sshd(8), SSH_KNOWN_HOSTS FILE FORMAT describes them: comma-separated
 * patterns with * ? and !, hashed names (|1|salt|hash), [host]:port, @revoked and
 * @cert-authority markers. Not libssh2's own functions: they know neither patterns nor markers,
 * stop at the first line that they cannot parse, and take a key of `host` for [host]:port.
 */
#ifndef KNOWN_HOSTS_H
#define KNOWN_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KNOWN_HOSTS_NAME_SIZE     1040 /* a host of up to 1024 bytes, brackets and port */
#define KNOWN_HOSTS_PATTERN_LIMIT 1023 /* ssh's: a longer pattern names no host */
#define KNOWN_HOSTS_TYPE_SIZE     65   /* RFC 4250 section 4.6.1: names of up to 64 bytes */
#define KNOWN_HOSTS_HASH_SIZE     64   /* "|1|", salt, "|" and hash: 60 characters */
#define KNOWN_HOSTS_SALT_LEN      20

enum known_hosts_marker { KNOWN_HOSTS_PLAIN, KNOWN_HOSTS_REVOKED, KNOWN_HOSTS_CA };

/* One line of the file that names the host asked for; valid during the callback only. */
struct known_hosts_entry {
    enum known_hosts_marker marker;
    const char *type;         /* key type as written: printable ASCII without blank or comma */
    const unsigned char *key; /* the decoded blob */
    size_t key_len;
    const char *path; /* as it was given: still valid after the callback */
    unsigned line;
};

typedef void known_hosts_visitor(const struct known_hosts_entry *entry, void *context);

/*
 * The name under which the files have the host: lower-cased, [host]:port where the port is not
 * 22. `host` is without brackets. False where it is empty or longer than 1024 bytes.
 */
bool known_hosts_name(char name[KNOWN_HOSTS_NAME_SIZE], const char *host, uint16_t port);

/*
 * The type that a public key blob (RFC 4253 section 6.6) begins with. False where the blob is
 * not a sequence of at least two strings that fills it, as every plain key is and a
 * certificate is not; `type` is set all the same where it is a name of RFC 4250 (printable
 * ASCII without a comma), else empty.
 */
bool known_hosts_blob_type(char type[KNOWN_HOSTS_TYPE_SIZE], const unsigned char *blob,
                           size_t len);

/*
 * The blob that `len` bytes of base64 stand for; only the one canonical form is taken. `out`
 * has room for 3 bytes for each 4 of the text, `again` for the text and a byte. Returns the
 * blob's length, 0 where the text is malformed, empty or longer than 64 KiB.
 */
size_t known_hosts_decode(unsigned char *out, char *again, const char *text, size_t len);

/* What stands in a file for a name (as known_hosts_name() made it) that is hashed with this
 * salt. False where libcrypto has no SHA-1. */
bool known_hosts_hash(char out[KNOWN_HOSTS_HASH_SIZE], const char *name,
                      const unsigned char salt[KNOWN_HOSTS_SALT_LEN]);

/*
 * Calls `visit` for each well-formed line of `path` that names the host by exactly the name
 * above. As ssh does, malformed lines are passed over (the type written must be the blob's
 * own); so are those whose key ends behind the first 64 KiB. Returns 0, or -errno where the
 * file cannot be read to its end: -ENOENT there is none, -ESPIPE it is no regular file (a pipe
 * could be read only once, and every connection reads anew; /dev/null is an empty file), -EFBIG
 * more than 256 MiB, -EINVAL a host without a name, -EINTR a fatal signal (util/signals.h) was
 * caught.
 */
int known_hosts_scan(const char *path, const char *host, uint16_t port,
                     known_hosts_visitor *visit, void *context);

/*
 * Opens a file of that kind for reading: a regular one, or /dev/null. Returns the descriptor,
 * or -errno as above.
 */
int known_hosts_open(const char *path);

/* As known_hosts_scan(), from an open file, from its beginning; `path` only for the entries. */
int known_hosts_scan_fd(int fd, const char *path, const char *host, uint16_t port,
                        known_hosts_visitor *visit, void *context);

/*
 * Appends a line for the key, creating the file (0600) and a missing last directory (0700)
 * where needed; a symbolic link is followed. The file is locked meanwhile (an open file
 * description lock, waited for up to ten seconds, for others may be reading a large file under
 * it) and looked at again under the lock: a line that is there already is not written twice.
 * The line is one write, after a newline where the file's end lacks one, and synced. The name
 * is written plain, or `hashed` as HashKnownHosts of ssh_config(5) makes it. Returns 0 or
 * -errno, where no line was added: -EEXIST the file has another key for this name, -EKEYREVOKED
 * it has this one as @revoked, -ETIMEDOUT the lock was not had, -EINTR a fatal signal was
 * caught, -EINVAL a name that would not be read as itself or a malformed blob.
 */
int known_hosts_append(const char *path, const char *host, uint16_t port,
                       const unsigned char *blob, size_t len, bool hashed);

#endif
