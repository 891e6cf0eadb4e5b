/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys made by ssh-keygen at run time. All of it fails where ssh-keygen does.
 */
#ifndef KEYGEN_H
#define KEYGEN_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "test_keys.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

#define PASSPHRASE "a secret phrase"

/* Runs a command of the shell, which must succeed. */
static inline void __attribute__((format(printf, 1, 2))) run(const char *format, ...)
{
    char command[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    if (system(command) != 0) {
        fprintf(stderr, "failed: %s\n", command);
        abort();
    }
}

/* A new key in `name` and `name`.pub; `options` are ssh-keygen's. */
static inline void
generate(const char *name, const char *options, const char *passphrase)
{
    run("ssh-keygen -q -f '%s' -N '%s' -C 'a comment' %s </dev/null", name, passphrase,
        options);
}

/* The second word of `ssh-keygen -l`. */
static inline void
fingerprint_by_ssh_keygen(char out[64], const char *path)
{
    run("ssh-keygen -l -f '%s' >listed", path);
    char *text = read_text("listed");
    if (text == NULL || sscanf(text, "%*s %63s", out) != 1)
        abort();
    free(text);
}

/* A file that only its owner can read. */
static inline void
write_private(const char *path, const void *bytes, size_t len)
{
    write_file(path, bytes, len);
    if (chmod(path, 0600) != 0)
        abort();
}

/* Bytes put together field by field (RFC 4251 section 5). */
struct built {
    unsigned char bytes[1024];
    size_t len;
};

static inline void
put_bytes(struct built *blob, const void *bytes, size_t len)
{
    if (len > sizeof blob->bytes - blob->len)
        abort();
    memcpy(blob->bytes + blob->len, bytes, len);
    blob->len += len;
}

static inline void
put_u32(struct built *blob, unsigned long value)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        unsigned char byte = (unsigned char)(value >> shift);
        put_bytes(blob, &byte, 1);
    }
}

static inline void
put_string(struct built *blob, const void *bytes, size_t len)
{
    put_u32(blob, len);
    put_bytes(blob, bytes, len);
}

static inline void
put_text(struct built *blob, const char *text)
{
    put_string(blob, text, strlen(text));
}

#endif
