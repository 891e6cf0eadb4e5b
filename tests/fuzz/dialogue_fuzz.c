/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzer of the whole userauth dialogue: a server that says what the input has, against the
 * program from probe_run() to the report, with the real libssh2 and the real seam in between.
 * Replaced at link time are what is before the dialogue (dialogue_stubs.c), the socket
 * (dialogue_peer.c), GSSAPI (dialogue_gss.c) and the person. dialogue_model.c watches the wire;
 * the keys are dialogue_keys.c's.
 */
#include <config.h>

#include "dialogue.h"
#include "dialogue_check.h"

#include <string.h>

#include "ask/ledger.h"
#include "ask/respond.h"
#include "auth/method.h"
#include "probe/probe.h"
#include "probe/result.h"

struct dialogue dialogue;

#define RULES 6u
/* dialogue_peer.c says when it is over: a machine that is slow does not. */
#define LIMIT (3600 * DEADLINE_SECOND)

static struct respond_rules *rules[RULES];

/* Once ------------------------------------------------------------------------------------ */

/* In which of these "" is an answer, too: of an input without a person none else is empty. */
static const char *const rule_table[RULES][3] = {
    {NULL},
    {"=env:FUZZ_ANSWER"},
    {"[Pp]assword=env:FUZZ_ANSWER", "code=env:FUZZ_CODE", "empty=env:FUZZ_EMPTY"},
    {"ask=ask:", "=env:FUZZ_LONG"},
    {"^Password: $=file:/nonexistent", "=env:FUZZ_CODE"},
    {"^Password: $=env:FUZZ_EMPTY", "assword=env:FUZZ_LONG", "=ask:"},
};

static void
make_rules(void)
{
    char longest[SECRET_MAX + 1];
    struct failure failure = FAILURE_INIT;

    memset(longest, 'l', SECRET_MAX);
    longest[SECRET_MAX] = '\0';
    memcpy(longest, SECRET, strlen(SECRET));
    setenv("FUZZ_ANSWER", SECRET, 1);
    setenv("FUZZ_CODE", SECRET "-123456", 1);
    setenv("FUZZ_EMPTY", "", 1);
    setenv("FUZZ_LONG", longest, 1);
    for (size_t i = 0; i < RULES; i++) {
        rules[i] = respond_new();
        for (size_t j = 0; j < 3 && rule_table[i][j]; j++)
            REQUIRE(respond_add(rules[i], rule_table[i][j], &failure));
    }
}

static void
set_up(void)
{
    struct failure failure = FAILURE_INIT;

    REQUIRE(probe_setup(&failure));
    make_rules();
    keys_make();
}

/* The input ------------------------------------------------------------------------------- */

static void
read_head(const uint8_t *data, size_t size)
{
    static const size_t chunks[] = {16384, 1, 13, 70000};
    uint8_t head[HEAD_SIZE] = {0};

    memcpy(head, data, size < sizeof head ? size : sizeof head);
    dialogue = (struct dialogue){
        .at_once = head[0] & 1,
        .ends_early = head[0] & 2,
        .end = (head[0] >> 2) % END_COUNT,
        .sending = (head[0] >> 5) % SEND_COUNT,
        .batch = head[1] & 1,
        .no_trivial = head[1] & 2,
        .delegate = head[1] & 4,
        .require_delegation = head[1] & 8,
        .expect = head[1] & 16,
        .forbid = head[1] & 32,
        .crowd = head[1] & 64,
        .rules = head[2] % RULES,
        .max_refused = 1 + (head[2] >> 6),
        .first_key = head[3] % KEYS,
        .person = head[3] >> 5,
        .chain_count = head[4] % 5,
        .chain = {head[5] & 15, head[5] >> 4, head[6] & 15, head[6] >> 4},
        .format = head[7] % 4,
        .breaks_at = (size_t)head[8] << 3,
        .chunk = chunks[head[9] % 4],
        .records = size > sizeof head ? data + sizeof head : NULL,
        .records_len = size > sizeof head ? size - sizeof head : 0,
    };
    dialogue.key_count = 1 + (head[3] >> 2) % (KEYS - dialogue.first_key);
    memcpy(dialogue.gss, head + 10, sizeof dialogue.gss);
}

static size_t
method_count(void)
{
    size_t count = 0;

    while (method_at(count))
        count++;
    return count;
}

/* The outcome ----------------------------------------------------------------------------- */

static bool
is_success(enum outcome outcome)
{
    return outcome == OUTCOME_SUCCESS || outcome == OUTCOME_EARLY_SUCCESS ||
           outcome == OUTCOME_TRIVIAL;
}

static bool
rules_name(const char *source)
{
    bool named = false;

    for (size_t i = 0; i < 3 && rule_table[dialogue.rules][i]; i++)
        named |= strstr(rule_table[dialogue.rules][i], source) != NULL;
    return named;
}

/* Nobody answers unasked for a person, and an answer that is missing is no empty one. */
void
check_answer(const uint8_t *answer, size_t len)
{
    bool person = dialogue.person && !dialogue.batch;
    bool asked = person && (!dialogue.rules || rules_name("ask:") || rules_name("code"));
    size_t secret = strlen(SECRET);

    if (len == 0)
        REQUIRE(rules_name("FUZZ_EMPTY") || (asked && dialogue.person == 1));
    else if (len == 5)
        REQUIRE(asked && dialogue.person == 2 && memcmp(answer, "typed", 5) == 0);
    else if (len == secret)
        REQUIRE(rules_name("FUZZ_ANSWER") && memcmp(answer, SECRET, secret) == 0);
    else if (len == secret + 7)
        REQUIRE(rules_name("FUZZ_CODE") && memcmp(answer, SECRET "-123456", len) == 0);
    else
        REQUIRE(rules_name("FUZZ_LONG") && len == SECRET_MAX);
}

/* What it says must have been on the wire. */
static void
check_outcome(enum outcome outcome)
{
    REQUIRE(outcome < OUTCOME_COUNT);
    /* a want of memory is all that INTERNAL may be, and there is none */
    REQUIRE(outcome != OUTCOME_INTERNAL && outcome != OUTCOME_USAGE);
    REQUIRE(!is_success(outcome) || model.state == MODEL_DONE);
    /* and what was said of a success may not be lost */
    REQUIRE(model.state != MODEL_DONE || is_success(outcome) ||
            outcome == OUTCOME_PARTIAL_SUCCESS || outcome == OUTCOME_PROTOCOL_ERROR);
    REQUIRE(outcome != OUTCOME_FAILURE || model.failures > 0);
    REQUIRE(outcome != OUTCOME_LISTED || model.failures > 0);
    REQUIRE(outcome != OUTCOME_PARTIAL_SUCCESS || model.partials > 0);
    REQUIRE(outcome != OUTCOME_KEY_ACCEPTABLE || model.pk_oks > 0);
    REQUIRE(outcome != OUTCOME_INTERRUPTED || peer_interrupted());
    REQUIRE(outcome != OUTCOME_DISCONNECTED || model.disconnected || peer_is_gone() ||
            dialogue.person > 3);
    REQUIRE(outcome != OUTCOME_TIMEOUT || peer_went_silent());
}

static void
check_step(const struct step *step)
{
    check_outcome(step->outcome);
    REQUIRE(step->round_count <= PACKET_MAX_ROUNDS);
    for (size_t i = 0; i < step->round_count; i++)
        REQUIRE(step->rounds[i].prompt_count <= PACKET_MAX_PROMPTS);
}

static void
check_verdict(const struct verdict *verdict)
{
    size_t passwords = 0, partials = 0;

    check_outcome(verdict->outcome);
    REQUIRE(verdict->outcome != OUTCOME_DISCONNECTED || !peer_was_reset() ||
            verdict->disconnect.seen || strstr(verdict->failure.message, "reset by peer"));
    REQUIRE(verdict->step_count <= verdict->chain->count + !verdict->chain->count);
    for (size_t i = 0; i < verdict->step_count; i++) {
        check_step(&verdict->steps[i]);
        passwords += verdict->steps[i].method->id == USERAUTH_PASSWORD;
        partials += verdict->steps[i].outcome == OUTCOME_PARTIAL_SUCCESS;
    }
    REQUIRE(model.passwords <= passwords);
    REQUIRE(partials <= model.partials);
    REQUIRE(model.responses <= model.info_requests);
    REQUIRE(verdict->banner_count <= PACKET_MAX_BANNERS);
    REQUIRE(model.received <= SESSION_MAX_INPUT + 2 * 65536);
}

/* One input ------------------------------------------------------------------------------- */

static void
run(const struct request *request, const struct chain *chain)
{
    static const char *const formats[] = {"text", "json", "tap", "junit"};
    struct result result = {.request = request, .expected = request->settings->expected};
    struct slots_wait wait = {.ready = NULL};
    struct printed printed;

    printed_begin(&printed, formats[dialogue.format]);
    struct result_watch watch = report_watch(&printed.report, &result);
    REQUIRE(result_run(&result, chain, 1, true, &wait, &watch) == RESULT_DONE);
    if (result.count)
        check_verdict(&result.verdicts[0]);
    printed_end(&printed, &result);
    result_free(&result);
}

static void
try_input(const uint8_t *data, size_t size)
{
    const struct method *steps[4];
    struct chain chain = {.steps = steps};

    read_head(data, size);
    struct settings settings = {
        .timeout = LIMIT,
        .delegate = dialogue.delegate,
        .no_trivial_auth = dialogue.no_trivial,
        .batch = dialogue.batch,
        .identities = keys + dialogue.first_key,
        .identity_count = dialogue.key_count,
        .require_delegation = dialogue.require_delegation,
        .rules = rules[dialogue.rules],
        .max_refused = dialogue.max_refused,
        .crowd = dialogue.crowd,
        .expect_offered = dialogue.expect ? "publickey,password" : NULL,
        .forbid_offered = dialogue.forbid ? "keyboard-interactive" : NULL,
    };
    struct request request = {
        .settings = &settings,
        .user = "alice",
        .host = "host.example.test",
        .port = 22,
        .label = "alice@host.example.test",
        .route = {.hostname = "host.example.test",
                  .gssapi_host = "host.example.test",
                  .connect_timeout = LIMIT},
    };
    for (size_t i = 0; i < dialogue.chain_count; i++)
        steps[i] = method_at(dialogue.chain[i] % method_count());
    chain.count = dialogue.chain_count;
    model_begin();
    peer_begin();
    gss_begin();
    run(&request, &chain);
    ledger_forget_all();
}

/* A guard that refuses all there is would look well: a good login must get through. */
static void
try_good_login(void)
{
    /* clang-format off */
    static const uint8_t kbdint[] = {
        /* the head: the second row of rule_table, a chain of keyboard-interactive alone */
        0, 0, 1, 0, 1, 3, 0, 0, 0, 0, 6, 4, 4, 4, 4, 4, 4, 0, 0, 0,
        0, 0, 32, MSG_USERAUTH_INFO_REQUEST, /* a record of 32 bytes */
        0, 0, 0, 0, /* no name */
        0, 0, 0, 0, /* no instruction */
        0, 0, 0, 0, /* no language */
        0, 0, 0, 1, /* one prompt */
        0, 0, 0, 10, 'P', 'a', 's', 's', 'w', 'o', 'r', 'd', ':', ' ', 0,
        0, 0, 1, MSG_USERAUTH_SUCCESS,
    };
    /* clang-format on */

    try_input(kbdint, sizeof kbdint);
    REQUIRE(model.state == MODEL_DONE && model.responses == 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool done;

    if (!done) {
        set_up();
        try_good_login();
    }
    done = true;
    try_input(data, size);
    return 0;
}
