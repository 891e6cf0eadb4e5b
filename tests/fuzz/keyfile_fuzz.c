/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of -i, and the certificate beside one: what is taken is whole and written anew as
 * libssh2 can read it, and is taken again as the same. The two files are apart by a NUL.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>

#include "fuzz_file.h"
#include "keys/keyfile.h"

static const struct stat private_status = {.st_mode = S_IFREG | 0600};
static const struct stat open_status = {.st_mode = S_IFREG | 0644};

/* ---- the two files: "key", and where there is one "key-cert.pub" ---- */

int __wrap_access(const char *path, int mode);
int __wrap_open(const char *path, int flags, ...);

static struct fuzz_file key_file, certificate_file;
static bool has_certificate;

int
__wrap_access(const char *path, int mode)
{
    (void)path, (void)mode;
    errno = ENOENT;
    return has_certificate ? 0 : -1;
}

int
__wrap_open(const char *path, int flags, ...)
{
    const struct fuzz_file *file = strcmp(path, "key") == 0 ? &key_file : &certificate_file;

    return openat(AT_FDCWD, file->path, flags);
}

static struct secret
secret_of(const void *bytes, size_t len)
{
    struct secret secret;

    REQUIRE(secret_init_room(&secret, len + 1) && secret_append(&secret, bytes, len));
    return secret;
}

static void
require_refused(const struct refusal *refusal)
{
    REQUIRE(refusal->why[0] != '\0' && fuzz_is_line(refusal->why));
    REQUIRE(refusal->hint == NULL || fuzz_is_line(refusal->hint));
}

static void
require_key(const struct public_key *key)
{
    REQUIRE(key->len > 0 && key->type[0] != '\0' && fuzz_is_line(key->type));
}

/* Lines of 64 characters between BEGIN and END, and the same key. */
static void
require_anew(const struct keyfile *keyfile)
{
    struct refusal refusal = {.hint = NULL};
    struct keyfile again = {.is_private = false};
    const struct secret *text = &keyfile->text;

    REQUIRE(text->text != NULL && strlen(text->text) == text->len);
    for (const char *line = text->text; *line != '\0'; line = strchr(line, '\n') + 1)
        REQUIRE(strchr(line, '\n') != NULL && strcspn(line, "\n") < 128);
    REQUIRE(keyfile_judge(&again, text, &private_status, &refusal));
    REQUIRE(again.is_private && again.encrypted == keyfile->encrypted);
    REQUIRE(again.text.len == text->len && memcmp(again.text.text, text->text, text->len) == 0);
    REQUIRE(again.key.len == keyfile->key.len);
    REQUIRE(again.key.len == 0 ||
            memcmp(again.key.blob, keyfile->key.blob, again.key.len) == 0);
    keyfile_free(&again);

    /* others can read it */
    REQUIRE(!keyfile_judge(&again, text, &open_status, &refusal));
    require_refused(&refusal);
    keyfile_free(&again);
}

static bool
try_certificate(struct keyfile *keyfile, const uint8_t *bytes, size_t len)
{
    struct refusal refusal = {.hint = NULL};
    struct secret text = secret_of(bytes, len);

    bool good = keyfile_judge_certificate(keyfile, &text, &refusal);
    if (!good) {
        require_refused(&refusal);
    } else {
        require_key(&keyfile->certificate);
        REQUIRE(public_key_is_certificate(&keyfile->certificate));
        REQUIRE(keyfile->key.blob == NULL ||
                public_key_certifies(&keyfile->certificate, &keyfile->key));
        REQUIRE(fuzz_is_line(keyfile->certificate_text));
    }
    secret_free(&text);
    return good;
}

/* As files it is the same. */
static void
try_load(const struct keyfile *judged, bool good, const uint8_t *data, size_t len, size_t size)
{
    struct failure failure = FAILURE_INIT;
    struct keyfile keyfile;

    has_certificate = len < size;
    fuzz_file_fill(&key_file, data, len);
    if (has_certificate)
        fuzz_file_fill(&certificate_file, data + len + 1, size - len - 1);
    REQUIRE(fchmod(key_file.fd, 0600) == 0);
    bool loaded = keyfile_load(&keyfile, "key", &failure);
    REQUIRE(loaded == !failure_is_set(&failure));
    REQUIRE(loaded == (good && len > 0));
    if (loaded) {
        REQUIRE(keyfile.is_private == judged->is_private);
        REQUIRE(keyfile.key.len == judged->key.len);
        REQUIRE(keyfile.certificate.len == judged->certificate.len);
    } else {
        REQUIRE(failure.outcome == OUTCOME_CREDENTIAL);
        REQUIRE(fuzz_is_line(failure.message) && fuzz_is_line(failure.hint));
    }
    keyfile_free(&keyfile);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char begin_openssh[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
    const uint8_t *nul = size > 0 ? memchr(data, '\0', size) : NULL;
    size_t len = nul ? (size_t)(nul - data) : size;
    struct keyfile keyfile = {.is_private = false};
    struct refusal refusal = {.hint = NULL};

    if (nul && nul + 1 < data + size && nul[1] == '\0') /* one that belongs to the file */
        len = size;
    struct secret text = secret_of(data, len);
    bool good = keyfile_judge(&keyfile, &text, &private_status, &refusal);
    if (!good) {
        require_refused(&refusal);
    } else if (!keyfile.is_private) {
        require_key(&keyfile.key);
        REQUIRE(keyfile.text.text == NULL && !keyfile.encrypted);
    } else {
        REQUIRE(keyfile.key.blob != NULL ||
                strncmp(keyfile.text.text, begin_openssh, strlen(begin_openssh)) != 0);
        require_anew(&keyfile);
        if (len < size)
            good = size - len > 1 && try_certificate(&keyfile, nul + 1, size - len - 1);
    }
    try_load(&keyfile, good, data, len, size);
    keyfile_free(&keyfile);
    secret_free(&text);
    return 0;
}
