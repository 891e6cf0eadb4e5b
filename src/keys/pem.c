/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Strict where a byte of a key could be lost, lenient about blanks and ends of lines. What is
 * accepted is written anew, since libssh2 and OpenSSL each take lines of one length only, and
 * their own idea of which block comes first, or is encrypted, must not differ from ours.
 */
#include <config.h>

#include "keys/pem.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "keys/base64.h"

#define DASHES    "-----"
#define PROC_TYPE "Proc-Type: 4,ENCRYPTED"
#define DEK_INFO  "DEK-Info: "

enum { LINE_BYTES = 48, LINE_CHARACTERS = 64 };

struct line {
    const char *at;
    size_t len;       /* without blanks at the end */
    const char *next; /* the line after it */
};

static struct line
line_at(const char *at, const char *end)
{
    struct line line = {.at = at};
    while (at < end && *at != '\n' && *at != '\r')
        at++;
    line.next = at < end ? at + 1 : end;
    if (at < end && *at == '\r' && line.next < end && *line.next == '\n')
        line.next++;
    while (at > line.at && (at[-1] == ' ' || at[-1] == '\t'))
        at--;
    line.len = (size_t)(at - line.at);
    return line;
}

static bool
line_begins(const struct line *line, const char *prefix)
{
    size_t len = strlen(prefix);
    return line->len >= len && memcmp(line->at, prefix, len) == 0;
}

/* The label of "-----BEGIN LABEL-----": printable, and not too long. */
static bool
take_label(char label[PEM_LABEL], const struct line *line)
{
    size_t begin = sizeof DASHES "BEGIN " - 1, end = sizeof DASHES - 1;

    if (!line_begins(line, DASHES "BEGIN ") || line->len < begin + end ||
        line->len - begin - end >= PEM_LABEL ||
        memcmp(line->at + line->len - end, DASHES, end) != 0)
        return false;
    size_t len = line->len - begin - end;
    for (size_t i = 0; i < len; i++) {
        char c = line->at[begin + i];
        if (c < ' ' || c > '~')
            return false;
        label[i] = c;
    }
    label[len] = '\0';
    return true;
}

static bool
ends_with(const char *text, const char *suffix)
{
    size_t len = strlen(text), tail = strlen(suffix);
    return len >= tail && strcmp(text + len - tail, suffix) == 0;
}

static void
find_end(struct pem *pem, const char *end)
{
    char closing[PEM_LABEL + sizeof DASHES "END " DASHES];

    snprintf(closing, sizeof closing, DASHES "END %s" DASHES, pem->label);
    for (const char *at = pem->text; at < end;) {
        struct line line = line_at(at, end);
        if (line.len == strlen(closing) && line_begins(&line, closing)) {
            pem->len = (size_t)(at - pem->text);
            pem->closed = true;
            return;
        }
        at = line.next;
    }
    pem->len = (size_t)(end - pem->text);
}

static const char byte_order_mark[] = "\xef\xbb\xbf"; /* as some editors put it, in UTF-8 */

bool
pem_find(struct pem *pem, const char *suffix, const char *text, size_t len)
{
    const char *end = text + len;

    *pem = (struct pem){.text = NULL};
    if (len >= sizeof byte_order_mark - 1 &&
        memcmp(text, byte_order_mark, sizeof byte_order_mark - 1) == 0)
        text += sizeof byte_order_mark - 1;
    for (const char *at = text; at < end;) {
        struct line line = line_at(at, end);
        at = line.next;
        if (take_label(pem->label, &line) && ends_with(pem->label, suffix)) {
            pem->text = at;
            find_end(pem, end);
            return true;
        }
    }
    return false;
}

/* Cipher and initialisation vector of "DEK-Info: NAME,HEX". */
static bool
take_dek_info(struct pem_body *body, const struct line *line)
{
    size_t skip = sizeof DEK_INFO - 1;

    if (!line_begins(line, DEK_INFO))
        return false;
    const char *name = line->at + skip;
    const char *comma = memchr(name, ',', line->len - skip);
    if (!comma)
        return false;
    size_t name_len = (size_t)(comma - name), iv_len = line->len - skip - name_len - 1;
    if (name_len == 0 || name_len >= sizeof body->cipher || iv_len >= sizeof body->iv)
        return false;
    memcpy(body->cipher, name, name_len);
    memcpy(body->iv, comma + 1, iv_len);
    return strspn(body->cipher, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == name_len &&
           strspn(body->iv, "0123456789ABCDEFabcdef") == iv_len;
}

/* Passes the headers, where there are any: two, in this order. */
static bool
take_headers(struct pem_body *body, const char **at, const char *end)
{
    struct line line = line_at(*at, end);
    if (!memchr(line.at, ':', line.len))
        return true;
    if (line.len != sizeof PROC_TYPE - 1 || !line_begins(&line, PROC_TYPE))
        return false;
    line = line_at(line.next, end);
    *at = line.next;
    return take_dek_info(body, &line);
}

bool
pem_decode(struct pem_body *body, const struct pem *pem, struct refusal *refusal)
{
    const char *at = pem->text, *end = pem->text + pem->len;
    size_t len;

    *body = (struct pem_body){.cipher = ""};
    if (!pem->closed)
        return refuse(refusal, NULL, "the key is damaged: it has no line \"-----END %s-----\"",
                      pem->label);
    if (!take_headers(body, &at, end))
        return refuse_damaged(refusal, "its headers are not those of an encrypted key");
    size_t room = (size_t)(end - at);
    if (!secret_init_room(&body->bytes, BASE64_ROOM(room)))
        return false;
    if (!base64_decode((unsigned char *)body->bytes.text, &len, at, room) || len == 0) {
        pem_body_free(body);
        return refuse_damaged(refusal, "what is between its first and last line is not base64");
    }
    body->bytes.len = len;
    return true;
}

static bool
put(struct secret *text, const char *first, const char *second, const char *third)
{
    return secret_append(text, first, strlen(first)) &&
           secret_append(text, second, strlen(second)) &&
           secret_append(text, third, strlen(third));
}

static bool
put_base64(struct secret *text, const struct secret *bytes)
{
    const unsigned char *from = (const unsigned char *)bytes->text;
    char line[LINE_CHARACTERS + 2];
    bool good = true;

    for (size_t left = bytes->len; good && left > 0;) {
        size_t some = left < LINE_BYTES ? left : LINE_BYTES;
        int len = EVP_EncodeBlock((unsigned char *)line, from, (int)some);
        line[len] = '\n';
        good = secret_append(text, line, (size_t)len + 1);
        from += some;
        left -= some;
    }
    explicit_bzero(line, sizeof line);
    return good;
}

bool
pem_write(struct secret *text, const struct pem *pem, const struct pem_body *body)
{
    size_t lines = body->bytes.len / LINE_BYTES + 1;

    /* 512: the lines of BEGIN and END, and the headers */
    if (!secret_init_room(text, lines * (LINE_CHARACTERS + 1) + 512))
        return false;
    bool good = put(text, DASHES "BEGIN ", pem->label, DASHES "\n");
    if (body->cipher[0])
        good = good && put(text, PROC_TYPE "\n" DEK_INFO, body->cipher, ",") &&
               put(text, body->iv, "\n", "\n");
    good = good && put_base64(text, &body->bytes) &&
           put(text, DASHES "END ", pem->label, DASHES "\n");
    if (!good)
        secret_free(text);
    return good;
}

void
pem_body_free(struct pem_body *body)
{
    secret_free(&body->bytes);
    *body = (struct pem_body){.cipher = ""};
}
