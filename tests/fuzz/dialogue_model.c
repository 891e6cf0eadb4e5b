/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A second opinion on the dialogue, from the bytes of the wire alone: userauth messages (RFC
 * 4252, 4256, 4462). It is lenient where the guard is strict: what the program calls success
 * must be one here as well, never the reverse.
 */
#include <config.h>

#include "dialogue.h"
#include "dialogue_wire.h"

#include <string.h>

enum { NONE, PASSWORD, PUBLICKEY, KBDINT, GSSAPI, METHODS };

static const char *const methods[METHODS] = {"none", "password", "publickey",
                                             "keyboard-interactive", "gssapi-with-mic"};

struct model model;

static struct stream in, out;
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

/* What the server said -------------------------------------------------------------------- */

static bool
info_request(struct field *f)
{
    field_string(f);
    field_string(f);
    field_string(f);
    uint32_t count = field_number(f);
    for (uint32_t i = 0; i < count && !f->bad; i++) {
        field_string(f);
        field_octet(f);
    }
    model.prompts = count;
    model.info_requests++;
    return field_at_end(f);
}

static bool
pk_ok(struct field *f)
{
    field_string(f);
    struct field blob = field_string(f);
    bool same =
        !blob.bad && blob.left == model.blob_len && memcmp(blob.at, model.blob, blob.left) == 0;
    model.pk_oks++;
    return same && field_at_end(f) && !model.signed_request;
}

static bool
gssapi_message(uint8_t type, struct field *f)
{
    if (type == 64) {
        field_number(f);
        field_number(f);
        field_string(f);
    } else if (type != 60 && type != 61 && type != 65) {
        return false;
    }
    field_string(f);
    model.gss_error |= type == 64 || type == 65;
    return field_at_end(f);
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
        field_string(f);
        field_string(f);
        good = field_at_end(f);
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
        return field_at_end(f) && may_let_in() ? MODEL_DONE : MODEL_BAD;
    field_string(f);
    bool partial = field_octet(f) != 0;
    if (!field_at_end(f) || (partial && !may_let_in()))
        return MODEL_BAD;
    model.failures++;
    model.partials += partial;
    return MODEL_IDLE;
}

static void
server_said(const uint8_t *payload, size_t len)
{
    /* libssh2 takes the padding of an empty one for its type: it may be ignored, and no more */
    bool empty = len == 0;
    struct field f = {payload, len + empty, false};
    uint8_t type = field_octet(&f);

    trace("server", type, len);
    model.disconnected |= type == 1;
    if (model.state == MODEL_BAD || model.state == MODEL_OVER || model.state == MODEL_DONE)
        return;
    if (type == 3 || (empty && type >= 50 && type < 80)) {
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
        field_string(&f);
        field_string(&f);
        if (!field_at_end(&f))
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
    bool flag = field_octet(f) != 0;

    field_string(f);
    struct field blob = field_string(f);
    if (flag)
        field_string(f);
    REQUIRE(field_at_end(f));
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
    struct field user = field_string(f), service = field_string(f), name = field_string(f);
    unsigned char method = 0;

    REQUIRE(field_is_text(user, "alice") && field_is_text(service, "ssh-connection"));
    while (method < METHODS && !field_is_text(name, methods[method]))
        method++;
    REQUIRE(method < METHODS);
    if (method == PUBLICKEY)
        publickey_request(f);
    else
        REQUIRE(model.state == MODEL_IDLE);
    if (method == PASSWORD) {
        REQUIRE(field_octet(f) == 0); /* a new one is never set */
        struct field password = field_string(f);
        REQUIRE(field_at_end(f));
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
    uint32_t count = field_number(f);

    /* none twice, none unasked, none for another number of prompts */
    REQUIRE(model.state == MODEL_ASKED && count == model.prompts);
    for (uint32_t i = 0; i < count; i++) {
        struct field answer = field_string(f);
        REQUIRE(!answer.bad);
        check_answer(answer.at, answer.left);
    }
    REQUIRE(field_at_end(f));
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
        field_string(f);
    REQUIRE(field_at_end(f));
    model.gss_error = type == 65; /* or the client's */
    model.proof = type == 63 || type == 66;
    model.state = MODEL_WAIT;
}

static void
client_said(const uint8_t *payload, size_t len)
{
    struct field f = {payload, len, false};
    uint8_t type = field_octet(&f);

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

/* Both directions ------------------------------------------------------------------------- */

void
model_begin(void)
{
    memset(&model, 0, sizeof model);
    stream_begin(&in, true); /* the server's version was before the beginning */
    stream_begin(&out, false);
    messages_sent = 0;
    tracing = getenv("DIALOGUE_TRACE");
}

void
model_received(const uint8_t *bytes, size_t len)
{
    model.received += len;
    stream_feed(&in, bytes, len, server_said);
    if (in.broken && model.state != MODEL_DONE)
        model.state = MODEL_OVER;
}

void
model_sent(const uint8_t *bytes, size_t len)
{
    stream_feed(&out, bytes, len, client_said);
    REQUIRE(!out.broken);
}

size_t
model_messages_sent(void)
{
    return messages_sent;
}
