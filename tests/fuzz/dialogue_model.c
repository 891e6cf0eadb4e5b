/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A second opinion on the dialogue, from the bytes of the wire alone: packets in clear text
 * (RFC 4253 section 6), userauth messages (RFC 4252, 4256, 4462). It is lenient where the guard
 * is strict: what the program calls success must be one here as well, never the reverse.
 */
#include <config.h>

#include "dialogue.h"

#include <string.h>

#define PACKET_ROOM 65536 /* more than libssh2 takes (40000) or makes (35000) */

enum { NONE, PASSWORD, PUBLICKEY, KBDINT, GSSAPI, METHODS };

static const char *const methods[METHODS] = {"none", "password", "publickey",
                                             "keyboard-interactive", "gssapi-with-mic"};

struct model model;

/* One direction's stream, cut into packets. */
static struct stream {
    uint8_t bytes[PACKET_ROOM + 5];
    size_t len;
    bool version; /* the line before the packets is over */
    bool broken;
} in, out;

static uint8_t last_blob[PACKET_ROOM];
static size_t messages_sent;
static bool tracing;

/* With DIALOGUE_TRACE set, for whoever wants to see what a found case is. */
static void
trace(const char *side, uint8_t type, size_t len)
{
    static const char *const states[] = {"idle", "wait", "asked", "done", "bad", "over"};

    if (tracing)
        fprintf(stderr, "%s: message %u of %zu bytes, %s\n", side, type, len,
                states[model.state]);
}

/* Fields ---------------------------------------------------------------------------------- */

struct field {
    const uint8_t *at;
    size_t left;
    bool bad;
};

static uint32_t
number(struct field *f)
{
    if (f->bad || f->left < 4) {
        f->bad = true;
        return 0;
    }
    uint32_t value = (uint32_t)f->at[0] << 24 | (uint32_t)f->at[1] << 16 |
                     (uint32_t)f->at[2] << 8 | f->at[3];
    f->at += 4;
    f->left -= 4;
    return value;
}

static struct field
string(struct field *f)
{
    uint32_t len = number(f);
    struct field value = {f->at, len, false};

    if (f->bad || len > f->left) {
        f->bad = true;
        return (struct field){f->at, 0, true};
    }
    f->at += len;
    f->left -= len;
    return value;
}

static uint8_t
octet(struct field *f)
{
    if (f->bad || f->left < 1) {
        f->bad = true;
        return 0;
    }
    f->left--;
    return *f->at++;
}

static bool
at_end(const struct field *f)
{
    return !f->bad && f->left == 0;
}

static bool
is_text(struct field value, const char *text)
{
    return value.left == strlen(text) && memcmp(value.at, text, value.left) == 0;
}

/* What the server said -------------------------------------------------------------------- */

static bool
info_request(struct field *f)
{
    string(f);
    string(f);
    string(f);
    uint32_t count = number(f);
    for (uint32_t i = 0; i < count && !f->bad; i++) {
        string(f);
        octet(f);
    }
    model.prompts = count;
    model.info_requests++;
    return at_end(f);
}

static bool
pk_ok(struct field *f)
{
    string(f);
    struct field blob = string(f);
    bool same =
        !blob.bad && blob.left == model.blob_len && memcmp(blob.at, model.blob, blob.left) == 0;
    model.pk_oks++;
    return same && at_end(f) && !model.signed_request;
}

static bool
gssapi_message(uint8_t type, struct field *f)
{
    if (type == 64) {
        number(f);
        number(f);
        string(f);
    } else if (type != 60 && type != 61 && type != 65) {
        return false;
    }
    string(f);
    model.gss_error |= type == 64 || type == 65;
    return at_end(f);
}

/* 60 to 79: the state that follows. */
static enum model_state
method_message(uint8_t type, struct field *f)
{
    bool good = false;

    if (model.state != MODEL_WAIT)
        return MODEL_BAD;
    if (model.method == KBDINT && type == 60)
        good = info_request(f);
    else if (model.method == PUBLICKEY && type == 60)
        good = pk_ok(f);
    else if (model.method == GSSAPI)
        good = gssapi_message(type, f);
    if (model.method == PASSWORD && type == 60) {
        string(f);
        string(f);
        good = at_end(f);
        model.change_requests++;
    }
    if (!good)
        return MODEL_BAD;
    return model.gss_error ? MODEL_WAIT : MODEL_ASKED;
}

/* A request that has its proof yet to come, or went wrong, lets nobody in. */
static bool
may_let_in(void)
{
    if (model.method == PUBLICKEY)
        return model.signed_request;
    return model.method != GSSAPI || (model.proof && !model.gss_error);
}

static enum model_state
verdict(uint8_t type, struct field *f)
{
    if (model.state != MODEL_WAIT || model.requests == 0)
        return MODEL_BAD;
    if (type == 52)
        return at_end(f) && may_let_in() ? MODEL_DONE : MODEL_BAD;
    string(f);
    bool partial = octet(f) != 0;
    if (!at_end(f) || (partial && !may_let_in()))
        return MODEL_BAD;
    model.failures++;
    model.partials += partial;
    return MODEL_IDLE;
}

static void
server_said(const uint8_t *payload, size_t len)
{
    struct field f = {payload, len, false};
    uint8_t type = octet(&f);

    trace("server", type, len);
    model.disconnected |= type == 1;
    if (model.state == MODEL_BAD || model.state == MODEL_OVER || model.state == MODEL_DONE)
        return;
    if (f.bad || type == 3) {
        model.state = MODEL_BAD;
    } else if (type == 1) {
        model.state = MODEL_OVER;
    } else if (type == 20) {
        model.kex = true;
    } else if (type == 21 || (type >= 30 && type < 50)) { /* 22 to 29 are of nobody */
        model.state = model.kex ? model.state : MODEL_BAD;
    } else if (type >= 50 && model.kex) { /* RFC 4253 section 7.1; none is ever complete here */
        model.state = MODEL_BAD;
    } else if (type == 53) {
        string(&f);
        string(&f);
        if (!at_end(&f))
            model.state = MODEL_BAD;
    } else if (type == 51 || type == 52) {
        model.state = verdict(type, &f);
    } else if (type >= 60 && type <= 79) {
        model.state = method_message(type, &f);
    } else if (type == 50 || (type > 53 && type < 60)) {
        model.state = MODEL_BAD;
    }
}

/* What the client said -------------------------------------------------------------------- */

static void
publickey_request(struct field *f)
{
    bool flag = octet(f) != 0;

    string(f);
    struct field blob = string(f);
    if (flag)
        string(f);
    REQUIRE(at_end(f));
    /* a signature after the server's yes alone, once; for the key that was asked about */
    if (flag) {
        REQUIRE(model.state == MODEL_ASKED && model.method == PUBLICKEY);
        REQUIRE(blob.left == model.blob_len && memcmp(blob.at, model.blob, blob.left) == 0);
    } else {
        REQUIRE(model.state == MODEL_IDLE);
    }
    REQUIRE(blob.left <= sizeof last_blob);
    memcpy(last_blob, blob.at, blob.left);
    model.blob = last_blob;
    model.blob_len = blob.left;
    model.signed_request = flag;
}

static void
request(struct field *f)
{
    struct field user = string(f), service = string(f), name = string(f);
    unsigned char method = 0;

    REQUIRE(is_text(user, "alice") && is_text(service, "ssh-connection"));
    while (method < METHODS && !is_text(name, methods[method]))
        method++;
    REQUIRE(method < METHODS);
    if (method == PUBLICKEY)
        publickey_request(f);
    else
        REQUIRE(model.state == MODEL_IDLE);
    if (method == PASSWORD) {
        REQUIRE(octet(f) == 0); /* a new one is never set */
        struct field password = string(f);
        REQUIRE(at_end(f));
        check_answer(password.at, password.left);
        model.passwords++;
    }
    model.method = method;
    model.gss_error = model.proof = false;
    model.requests++;
    model.state = MODEL_WAIT;
}

static void
response(struct field *f)
{
    uint32_t count = number(f);

    /* none twice, none unasked, none for another number of prompts */
    REQUIRE(model.state == MODEL_ASKED && count == model.prompts);
    for (uint32_t i = 0; i < count; i++) {
        struct field answer = string(f);
        REQUIRE(!answer.bad);
        check_answer(answer.at, answer.left);
    }
    REQUIRE(at_end(f));
    model.responses++;
    model.state = MODEL_WAIT;
}

static void
gssapi_sent(uint8_t type, struct field *f)
{
    REQUIRE(model.method == GSSAPI);
    REQUIRE(model.state == MODEL_ASKED || model.state == MODEL_WAIT);
    REQUIRE(type == 61 || type == 63 || type == 65 || type == 66);
    REQUIRE(!model.gss_error);
    if (type != 63)
        string(f);
    REQUIRE(at_end(f));
    model.gss_error = type == 65; /* or the client's */
    model.proof = type == 63 || type == 66;
    model.state = MODEL_WAIT;
}

static void
client_said(const uint8_t *payload, size_t len)
{
    struct field f = {payload, len, false};
    uint8_t type = octet(&f);

    REQUIRE(!f.bad);
    trace("client", type, len);
    REQUIRE(type <
            80); /* no channel is opened, nor anything else of the connection's protocol */
    if (type == 1)
        return;
    if (type < 50) { /* a key exchange that the server began; IGNORE, UNIMPLEMENTED */
        REQUIRE(model.kex && type >= 20);
        model.kex_answered = true;
        return;
    }
    REQUIRE(!model.kex_answered);
    messages_sent++;
    if (type == 50)
        request(&f);
    else if (model.method == KBDINT && type == 61)
        response(&f);
    else
        gssapi_sent(type, &f);
}

/* Packets --------------------------------------------------------------------------------- */

static void
drop_front(struct stream *stream, size_t len)
{
    memmove(stream->bytes, stream->bytes + len, stream->len - len);
    stream->len -= len;
}

/* The client's first line is no packet. */
static bool
version_over(struct stream *stream)
{
    uint8_t *end = stream->version ? NULL : memchr(stream->bytes, '\n', stream->len);

    if (end) {
        drop_front(stream, (size_t)(end + 1 - stream->bytes));
        stream->version = true;
    }
    return stream->version;
}

static void
cut(struct stream *stream, void (*said)(const uint8_t *payload, size_t len))
{
    while (stream->len >= 5) {
        struct field f = {stream->bytes, 4, false};
        size_t len = number(&f);
        size_t padding = stream->bytes[4];
        if (len < 1 || len > PACKET_ROOM || padding > len - 1) {
            stream->broken = true;
            return;
        }
        if (stream->len < 4 + len)
            return;
        said(stream->bytes + 5, len - 1 - padding);
        drop_front(stream, 4 + len);
    }
}

static void
feed(struct stream *stream, const uint8_t *bytes, size_t len,
     void (*said)(const uint8_t *payload, size_t len))
{
    while (len && !stream->broken) {
        size_t part = sizeof stream->bytes - stream->len;
        if (part > len)
            part = len;
        memcpy(stream->bytes + stream->len, bytes, part);
        stream->len += part;
        bytes += part;
        len -= part;
        if (version_over(stream))
            cut(stream, said);
    }
}

void
model_begin(void)
{
    memset(&model, 0, sizeof model);
    in.len = out.len = 0;
    in.broken = out.broken = out.version = false;
    in.version = true; /* the server's was before the beginning */
    messages_sent = 0;
    tracing = getenv("DIALOGUE_TRACE");
}

void
model_received(const uint8_t *bytes, size_t len)
{
    model.received += len;
    feed(&in, bytes, len, server_said);
    if (in.broken && model.state != MODEL_DONE)
        model.state = MODEL_OVER;
}

void
model_sent(const uint8_t *bytes, size_t len)
{
    feed(&out, bytes, len, client_said);
    REQUIRE(!out.broken);
}

size_t
model_messages_sent(void)
{
    return messages_sent;
}
