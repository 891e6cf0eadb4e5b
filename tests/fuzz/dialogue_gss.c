/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Instead of Kerberos and of the helper thread: each step gives what the head of the input
 * says, a byte a step, the last one for MIC and integrity.
 */
#include <config.h>

#include "dialogue.h"

#include <string.h>

#include "gss/context.h"
#include "util/worker.h"

#if !HAVE_DECL_LIBSSH2_USERAUTH_GSSAPI_WITH_MIC_EX

enum {
    STEP_TOKEN = 3, /* how long its token is */
    STEP_COMPLETE = 4,
    STEP_FAILS = 8,
    STEP_EXPIRED = 16,
    STEP_CREDENTIAL = 32,
    STEP_LATER = 64,
    STEP_STALLS = 128,
    LAST_NO_INTEGRITY = 1,
    LAST_NO_MIC = 2,
    LAST_LONG_MIC = 4
};

struct gss_exchange {
    size_t step;
    size_t token;
    bool complete, failed, expired;
    unsigned char *input;
    struct gss_record record;
    struct failure failure;
};

struct worker {
    void (*run)(void *job);
    void (*drop)(void *job);
    void *job;
    unsigned waits;
    bool done;
};

static const unsigned char token_bytes[GSS_MAX_TOKEN_SENT] = {0x60};
static struct worker *at_work;
static size_t steps;

/* clang-format off */
struct gss_exchange *__wrap_gss_exchange_new(const char *, size_t, bool, const struct gss_choice *);
void __wrap_gss_exchange_free(void *);
bool __wrap_gss_exchange_input(struct gss_exchange *, const unsigned char *, size_t);
void __wrap_gss_exchange_step(void *);
void __wrap_gss_exchange_error_token(void *);
const unsigned char *__wrap_gss_exchange_output(const struct gss_exchange *, size_t *);
bool __wrap_gss_exchange_complete(const struct gss_exchange *);
bool __wrap_gss_exchange_failed(const struct gss_exchange *);
bool __wrap_gss_exchange_has_integrity(const struct gss_exchange *);
bool __wrap_gss_exchange_password_expired(const struct gss_exchange *);
bool __wrap_gss_exchange_mic(struct gss_exchange *, const unsigned char *, size_t, unsigned char **, size_t *);
struct gss_record *__wrap_gss_exchange_record(struct gss_exchange *);
const struct failure *__wrap_gss_exchange_failure(const struct gss_exchange *);
struct worker *__wrap_worker_start(void (*)(void *), void (*)(void *), void *);
int __wrap_worker_fd(const struct worker *);
bool __wrap_worker_done(const struct worker *);
void __wrap_worker_finish(struct worker *);
void __wrap_worker_abandon(struct worker *);
/* clang-format on */

void
gss_begin(void)
{
    at_work = NULL;
    steps = 0;
}

static unsigned char
script(void)
{
    return dialogue.gss[steps < sizeof dialogue.gss - 1 ? steps : sizeof dialogue.gss - 2];
}

static unsigned char
last_byte(void)
{
    return dialogue.gss[sizeof dialogue.gss - 1];
}

/* The exchange ---------------------------------------------------------------------------- */

struct gss_exchange *
__wrap_gss_exchange_new(const char *host, size_t len, bool delegate,
                        const struct gss_choice *choice)
{
    struct gss_exchange *exchange = calloc(1, sizeof *exchange);

    (void)choice;
    REQUIRE(exchange && len == strlen("host.example.test") && memcmp(host, "host", 4) == 0);
    exchange->record.client = strdup("alice@EXAMPLE.TEST");
    exchange->record.mechanism = "1.2.840.113554.1.2.2";
    exchange->record.delegation_requested = delegate;
    return exchange;
}

void
__wrap_gss_exchange_free(void *pointer)
{
    struct gss_exchange *exchange = pointer;

    if (!exchange)
        return;
    gss_record_free(&exchange->record);
    free(exchange->input);
    free(exchange);
}

bool
__wrap_gss_exchange_input(struct gss_exchange *exchange, const unsigned char *token, size_t len)
{
    REQUIRE(len <= GSS_MAX_TOKEN);
    free(exchange->input);
    exchange->input = malloc(len + 1);
    REQUIRE(exchange->input);
    memcpy(exchange->input, token, len);
    return true;
}

static void
fail(struct gss_exchange *exchange, unsigned char what)
{
    exchange->failed = true;
    exchange->expired = what & STEP_EXPIRED;
    exchange->record.major = 0xd0000;
    if (exchange->record.text_count < GSS_RECORD_TEXTS)
        exchange->record.texts[exchange->record.text_count++] = strdup("it failed");
    failure_set(&exchange->failure,
                exchange->expired        ? OUTCOME_PASSWORD_EXPIRED
                : what & STEP_CREDENTIAL ? OUTCOME_CREDENTIAL
                                         : OUTCOME_GSSAPI_FAILURE,
                "gss_init_sec_context: it failed");
}

void
__wrap_gss_exchange_step(void *pointer)
{
    static const size_t lengths[] = {0, 5, 800, sizeof token_bytes};
    struct gss_exchange *exchange = pointer;
    unsigned char what = script();

    REQUIRE(!exchange->failed);
    steps++;
    exchange->step++;
    exchange->token = lengths[what & STEP_TOKEN];
    exchange->complete = what & STEP_COMPLETE;
    exchange->record.complete = exchange->complete;
    exchange->record.delegated = exchange->complete && exchange->record.delegation_requested;
    if (what & STEP_FAILS)
        fail(exchange, what);
}

void
__wrap_gss_exchange_error_token(void *pointer)
{
    struct gss_exchange *exchange = pointer;

    REQUIRE(exchange->input);
    exchange->record.server_errtok = true;
    fail(exchange, 0);
}

const unsigned char *
__wrap_gss_exchange_output(const struct gss_exchange *exchange, size_t *len)
{
    *len = exchange->token;
    return exchange->token ? token_bytes : NULL;
}

bool
__wrap_gss_exchange_complete(const struct gss_exchange *exchange)
{
    return exchange->complete;
}

bool
__wrap_gss_exchange_failed(const struct gss_exchange *exchange)
{
    return exchange->failed;
}

bool
__wrap_gss_exchange_has_integrity(const struct gss_exchange *exchange)
{
    (void)exchange;
    return !(last_byte() & LAST_NO_INTEGRITY);
}

bool
__wrap_gss_exchange_password_expired(const struct gss_exchange *exchange)
{
    return exchange->expired;
}

bool
__wrap_gss_exchange_mic(struct gss_exchange *exchange, const unsigned char *data, size_t len,
                        unsigned char **mic, size_t *mic_len)
{
    /* a string of the session's identifier, USERAUTH_REQUEST, three strings */
    REQUIRE(exchange->complete && len > 4 + 32 && data[4 + 32] == MSG_USERAUTH_REQUEST);
    if (last_byte() & LAST_NO_MIC) {
        fail(exchange, 0);
        return false;
    }
    *mic_len = last_byte() & LAST_LONG_MIC ? sizeof token_bytes : 28;
    *mic = calloc(1, *mic_len);
    return *mic;
}

struct gss_record *
__wrap_gss_exchange_record(struct gss_exchange *exchange)
{
    return &exchange->record;
}

const struct failure *
__wrap_gss_exchange_failure(const struct gss_exchange *exchange)
{
    return &exchange->failure;
}

/* The helper thread ----------------------------------------------------------------------- */

struct worker *
__wrap_worker_start(void (*run)(void *job), void (*drop)(void *job), void *job)
{
    struct worker *worker = calloc(1, sizeof *worker);

    REQUIRE(worker && !at_work);
    *worker = (struct worker){run, drop, job, script() & STEP_LATER ? 2 : 0, false};
    at_work = worker;
    return worker;
}

int
__wrap_worker_fd(const struct worker *worker)
{
    (void)worker;
    return 0;
}

bool
gss_stalls(void)
{
    REQUIRE(at_work);
    return !at_work->done && script() & STEP_STALLS;
}

bool
__wrap_worker_done(const struct worker *worker)
{
    struct worker *same = at_work;

    REQUIRE(worker == same);
    if (gss_stalls() || (same->waits && same->waits--))
        return false;
    if (!same->done)
        same->run(same->job);
    same->done = true;
    return true;
}

void
__wrap_worker_finish(struct worker *worker)
{
    REQUIRE(worker == at_work && worker->done);
    at_work = NULL;
    free(worker);
}

void
__wrap_worker_abandon(struct worker *worker)
{
    REQUIRE(worker == at_work);
    at_work = NULL;
    worker->drop(worker->job);
    free(worker);
}

#else

void
gss_begin(void)
{
}

bool
gss_stalls(void)
{
    return false;
}

#endif
