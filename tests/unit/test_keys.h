/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Public keys and files for the tests of known hosts: made by ssh-keygen once, and thrown away.
 */
#ifndef TEST_KEYS_H
#define TEST_KEYS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#define ED25519                                                                                \
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5euuYrItCLGpgSZIJQAcUxtc6EF3MydgYRe6mkrNA0"
#define ED25519_FINGERPRINT "SHA256:pjOLNeP4WfOCxDr7jGnoHxTGKf9wqZCHXlcBAteJgtc"
#define ED25519_2                                                                              \
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICcsCH0NoYFHt5sm53HsYxnVVmbldBH7fChEuSxDSEYf"
#define ECDSA                                                                                  \
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJ+9nrpvXOkan4g"  \
    "WiyMrqiElYiF2YROfenzu0fg94Yrt3coh7YbnrnGTUZNtRTIE1Ku0SovkATwHmhye8nnSV0A="
/* Not a key that anything could use, but a well-formed one: e = 3, n = 5. */
#define RSA "ssh-rsa AAAAB3NzaC1yc2EAAAABAwAAAAEF"

struct blob {
    unsigned char bytes[256];
    size_t len;
};

/* The blob of "TYPE BASE64". */
static inline struct blob
blob_of(const char *key)
{
    struct blob blob;
    const char *encoded = strchr(key, ' ') + 1;
    size_t len = strlen(encoded);
    int decoded = EVP_DecodeBlock(blob.bytes, (const unsigned char *)encoded, (int)len);
    blob.len = (size_t)decoded - (encoded[len - 1] == '=') - (encoded[len - 2] == '=');
    return blob;
}

static inline void
write_file(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fwrite(bytes, 1, len, file) != len || fclose(file) != 0) {
        perror(path);
        abort();
    }
}

static inline void
write_text(const char *path, const char *text)
{
    write_file(path, text, strlen(text));
}

/* The whole file, to be freed; NULL where there is none. */
static inline char *
read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (file == NULL)
        return NULL;
    if (getdelim(&text, &size, '\0', file) == -1)
        text[0] = '\0';
    fclose(file);
    return text;
}

/* A fresh directory, which becomes the working directory. */
static inline void
enter_directory(char directory[64])
{
    const char *base = getenv("TMPDIR");
    snprintf(directory, 64, "%.40s/test.XXXXXX", base != NULL ? base : "/tmp");
    if (mkdtemp(directory) == NULL || chdir(directory) != 0) {
        perror(directory);
        abort();
    }
}

static inline void
leave_directory(const char *directory)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    if (chdir("/") != 0 || system(command) != 0)
        perror(directory);
}

/* For cmocka: each test in a folder of its own, whose name is the state. */
static inline int
directory_setup(void **state)
{
    char *directory = malloc(64);
    enter_directory(directory);
    *state = directory;
    return 0;
}

static inline int
directory_teardown(void **state)
{
    leave_directory(*state);
    free(*state);
    return 0;
}

#define IN_DIRECTORY(test)                                                                     \
    cmocka_unit_test_setup_teardown(test, directory_setup, directory_teardown)

#endif
