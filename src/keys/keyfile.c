/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a file of -i holds goes through secrets only, even before it is known to be one.
 */
#include <config.h>

#include "keys/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "keys/openssh.h"
#include "keys/pem.h"
#include "keys/pkcs.h"
#include "keys/refusal.h"
#include "util/escape.h"
#include "util/private_file.h"

#define CERTIFICATE_SUFFIX "-cert.pub"

/* How files of others' formats begin, after blank lines. */
static const struct foreign {
    const char *begins;
    const char *what;
    const char *hint;
} foreign[] = {
    {"PuTTY-User-Key-File-", "it is a key of PuTTY's",
     "puttygen FILE -O private-openssh -o NEW converts it"},
    {"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", "it is a private key of SSH.com's",
     "ssh-keygen -i -f FILE > NEW converts it where it has no passphrase"},
    {"---- BEGIN SSH2 PUBLIC KEY ----", "it is a public key in SSH.com's format (RFC 4716)",
     "ssh-keygen -i -f FILE > NEW.pub converts it"},
    {"SSH PRIVATE KEY FILE FORMAT 1.1", "it is a key of the SSH protocol 1", NULL},
    {"-----BEGIN PUBLIC KEY-----", "it is a public key in PEM",
     "ssh-keygen -i -m PKCS8 -f FILE > NEW.pub converts it"},
    {"-----BEGIN RSA PUBLIC KEY-----", "it is a public key in PEM",
     "ssh-keygen -i -m PEM -f FILE > NEW.pub converts it"},
    {"-----BEGIN CERTIFICATE-----", "it is an X.509 certificate, not a key", NULL},
};

/* ---- reading ---- */

static bool
read_all(int fd, struct secret *text, size_t size, struct refusal *refusal)
{
    if (!secret_init_room(text, size + 1))
        return false;
    for (;;) {
        ssize_t n = read(fd, text->text + text->len, text->room - text->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse(refusal, NULL, "%s", strerror(errno));
        text->len += (size_t)n;
        if (n == 0 || text->len == text->room)
            break;
    }
    text->text[text->len] = '\0';
    return text->len <= size || refuse(refusal, NULL, "it grew while it was read");
}

/* The whole file, with the status of the very file that is read. O_NONBLOCK: no FIFO holds us.
 */
static bool
read_file(const char *path, struct secret *text, struct stat *status, struct refusal *refusal)
{
    bool good = false;
    int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    *text = (struct secret){NULL, 0, 0};
    if (fd < 0 || fstat(fd, status) != 0)
        refuse(refusal, NULL, "%s", strerror(errno));
    else if (!S_ISREG(status->st_mode))
        refuse(refusal, NULL, "it is %s",
               S_ISDIR(status->st_mode) ? "a directory" : "no regular file");
    else if (status->st_size == 0)
        refuse(refusal, NULL, "it is empty");
    else if (status->st_size < 0 || (uintmax_t)status->st_size > KEYFILE_MAX)
        refuse(refusal, NULL, "it is larger than a key's file may be (%zu KiB)",
               KEYFILE_MAX / 1024);
    else
        good = read_all(fd, text, (size_t)status->st_size, refusal);
    if (fd >= 0)
        close(fd);
    if (!good)
        secret_free(text);
    return good;
}

/* ---- public keys ---- */

static const char *
skip_blank(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* The first line that is neither empty nor a comment, as ssh has it. */
static bool
parse_public(struct public_key *key, const char *text)
{
    const char *at = skip_blank(text);
    while (*at == '#')
        at = skip_blank(at + strcspn(at, "\n"));
    return public_key_parse(key, at, strcspn(at, "\r\n"));
}

static bool
holds_nul(const struct secret *text)
{
    return memchr(text->text, '\0', text->len) != NULL;
}

/* ---- private keys ---- */

static bool
judge_private(struct keyfile *keyfile, const struct pem *pem, const struct stat *status,
              struct refusal *refusal)
{
    char why[128];
    struct pem_body body;
    bool good;

    if (!private_file_is(status, why, sizeof why))
        return refuse(refusal, PRIVATE_FILE_HINT, "%s", why);
    if (!pem_decode(&body, pem, refusal))
        return false;
    keyfile->is_private = true;
    if (strcmp(pem->label, OPENSSH_LABEL) != 0)
        good = pkcs_judge(pem, &body, &keyfile->encrypted, refusal);
    else if (body.cipher[0])
        good = refuse_damaged(refusal, "its headers are those of another format");
    else
        good = openssh_judge(&body.bytes, &keyfile->key, &keyfile->encrypted, refusal);
    good = good && pem_write(&keyfile->text, pem, &body);
    pem_body_free(&body);
    return good;
}

static bool
judge_foreign(const struct secret *text, struct refusal *refusal)
{
    const char *at = skip_blank(text->text);

    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        if (strncmp(at, foreign[i].begins, strlen(foreign[i].begins)) == 0)
            return refuse(refusal, foreign[i].hint, "%s", foreign[i].what);
    }
    return refuse(refusal, NULL, "it is neither a private nor a public key");
}

bool
keyfile_judge(struct keyfile *keyfile, const struct secret *text, const struct stat *status,
              struct refusal *refusal)
{
    struct pem pem;

    /* a sequence with a length in bytes of its own */
    if (text->len > 2 && text->text[0] == 0x30 && (text->text[1] & 0x80))
        return refuse(refusal,
                      "openssl pkey -inform DER -in FILE -out NEW converts a private key",
                      "it is in DER, not in PEM");
    if (holds_nul(text))
        return refuse(refusal, NULL, "it is no text, or damaged: there is a NUL in it");
    if (pem_find(&pem, "PRIVATE KEY", text->text, text->len))
        return judge_private(keyfile, &pem, status, refusal);
    return parse_public(&keyfile->key, text->text) || judge_foreign(text, refusal);
}

/* ---- the certificate beside it ---- */

/* "TYPE BASE64", without the comment, which may be anything. */
static char *
public_line(const struct public_key *key)
{
    size_t type_len = strlen(key->type);
    char *line = malloc(type_len + 1 + key->len / 3 * 4 + 5);

    if (line) {
        memcpy(line, key->type, type_len);
        line[type_len] = ' ';
        EVP_EncodeBlock((unsigned char *)line + type_len + 1, key->blob, (int)key->len);
    }
    return line;
}

bool
keyfile_judge_certificate(struct keyfile *keyfile, const struct secret *text,
                          struct refusal *refusal)
{
    if (holds_nul(text) || !parse_public(&keyfile->certificate, text->text) ||
        !public_key_is_certificate(&keyfile->certificate))
        return refuse(refusal, NULL, "it is no certificate, or damaged");
    if (keyfile->key.blob && !public_key_certifies(&keyfile->certificate, &keyfile->key))
        return refuse(refusal, NULL, "the certificate is for another key");
    keyfile->certificate_text = public_line(&keyfile->certificate);
    return keyfile->certificate_text != NULL;
}

/* True where there is none. */
static bool
load_certificate(struct keyfile *keyfile, const char *path, struct refusal *refusal)
{
    struct secret text;
    struct stat status;

    /* a name that is too long for one more suffix is that of no certificate */
    if (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENAMETOOLONG))
        return true;
    if (!read_file(path, &text, &status, refusal))
        return false;
    bool good = keyfile_judge_certificate(keyfile, &text, refusal);
    secret_free(&text);
    return good;
}

/* ---- all of it ---- */

static bool
fail(struct failure *failure, const char *path, const struct refusal *refusal)
{
    char shown[512];

    escape_into(shown, sizeof shown, path, strlen(path), ESCAPE_LINE);
    if (!refusal->why[0]) {
        failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    } else {
        failure_set(failure, OUTCOME_CREDENTIAL, "%s: %s", shown, refusal->why);
        if (refusal->hint)
            failure_hint(failure, "%s", refusal->hint);
    }
    return false;
}

static bool
load_key(struct keyfile *keyfile, const char *path, struct failure *failure)
{
    struct refusal refusal = {.hint = NULL};
    struct secret text;
    struct stat status;

    bool good = read_file(path, &text, &status, &refusal) &&
                keyfile_judge(keyfile, &text, &status, &refusal);
    secret_free(&text);
    return good || fail(failure, path, &refusal);
}

static bool
load_beside(struct keyfile *keyfile, const char *path, struct failure *failure)
{
    struct refusal refusal = {.hint = NULL};
    size_t size = strlen(path) + sizeof CERTIFICATE_SUFFIX;
    char *beside = malloc(size);
    bool good = false;

    if (beside) {
        snprintf(beside, size, "%s%s", path, CERTIFICATE_SUFFIX);
        good = load_certificate(keyfile, beside, &refusal);
    }
    if (!good)
        fail(failure, beside ? beside : path, &refusal);
    free(beside);
    return good;
}

bool
keyfile_load(struct keyfile *keyfile, const char *path, struct failure *failure)
{
    *keyfile = (struct keyfile){.is_private = false};
    if (load_key(keyfile, path, failure) &&
        (!keyfile->is_private || load_beside(keyfile, path, failure)))
        return true;
    keyfile_free(keyfile);
    return false;
}

void
keyfile_free(struct keyfile *keyfile)
{
    secret_free(&keyfile->text);
    public_key_free(&keyfile->key);
    public_key_free(&keyfile->certificate);
    free(keyfile->certificate_text);
    *keyfile = (struct keyfile){.is_private = false};
}
