/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Known hosts files, each looked through for one host. The first line of the input is the host,
 * whose first byte chooses the port; the rest is the file.
 */
#include <config.h>

#include <errno.h>

#include "fuzz_file.h"
#include "probe/known_hosts.h"
#include "util/hash.h"

struct seen {
    const char *path;
    unsigned entries, last;
    uint64_t hash; /* of all that was said */
    unsigned lines;
};

static void
visit(const struct known_hosts_entry *entry, void *context)
{
    struct seen *seen = context;
    char type[KNOWN_HOSTS_TYPE_SIZE];

    REQUIRE(entry->path == seen->path);
    REQUIRE(entry->line > seen->last && entry->line <= seen->lines);
    REQUIRE(entry->marker == KNOWN_HOSTS_PLAIN || entry->marker == KNOWN_HOSTS_REVOKED ||
            entry->marker == KNOWN_HOSTS_CA);
    REQUIRE(entry->key_len > 0);
    REQUIRE(known_hosts_blob_type(type, entry->key, entry->key_len));
    REQUIRE(strcmp(type, entry->type) == 0 && fuzz_is_line(type));
    seen->entries++;
    seen->last = entry->line;
    seen->hash = hash_bytes(seen->hash, entry->type, strlen(entry->type));
    seen->hash = hash_bytes(seen->hash, entry->key, entry->key_len);
}

static struct seen
look(struct fuzz_file *file, bool open_it, const char *host, uint16_t port, unsigned lines)
{
    struct seen seen = {.path = file->path, .hash = HASH_BEGIN, .lines = lines};
    int rc = open_it ? known_hosts_scan(file->path, host, port, visit, &seen)
                     : known_hosts_scan_fd(file->fd, file->path, host, port, visit, &seen);
    char name[KNOWN_HOSTS_NAME_SIZE];

    REQUIRE(rc == (known_hosts_name(name, host, port) ? 0 : -EINVAL));
    return seen;
}

/* A line that is made for this host, hashed or plain, is found behind whatever is in the file.
 */
static void
try_own_line(const uint8_t *text, size_t len, const char *host, uint16_t port, bool hashed)
{
    static const char key[] = "ssh-ed25519 "
                              "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhsc"
                              "HR4f";
    static struct fuzz_file file;
    unsigned char salt[KNOWN_HOSTS_SALT_LEN] = {0};
    char name[KNOWN_HOSTS_NAME_SIZE], hash[KNOWN_HOSTS_HASH_SIZE];

    if (!known_hosts_name(name, host, port) || strpbrk(name, " \t\r,|@#!*?") != NULL)
        return;
    memcpy(salt, text, len < sizeof(salt) ? len : sizeof(salt));
    REQUIRE(known_hosts_hash(hash, name, salt));
    char *more = malloc(len + sizeof(name) + sizeof(key) + 4);
    REQUIRE(more);
    memcpy(more, text, len);
    size_t size = len + (size_t)sprintf(more + len, "\n%s %s\n", hashed ? hash : name, key);
    fuzz_file_fill(&file, more, size);
    struct seen seen = look(&file, true, host, port, fuzz_count_lines((uint8_t *)more, size));
    REQUIRE(seen.entries > 0 && seen.last == fuzz_count_lines((uint8_t *)more, size));
    free(more);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz_file file;
    const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;

    if (newline == NULL || newline == data)
        return 0;
    uint16_t port = data[0] == '2' ? 22 : data[0] == '0' ? 65535 : 2222;
    char *host = fuzz_string(data + 1, (size_t)(newline - data) - 1);
    const uint8_t *text = newline + 1;
    size_t len = (size_t)(data + size - text);

    fuzz_file_fill(&file, text, len);
    struct seen first = look(&file, false, host, port, fuzz_count_lines(text, len));
    if (size % 2 == 0) {
        struct seen second = look(&file, true, host, port, fuzz_count_lines(text, len));
        REQUIRE(first.entries == second.entries && first.hash == second.hash);
    } else {
        try_own_line(text, len, host, port, size % 4 == 1);
    }
    free(host);
    return 0;
}
