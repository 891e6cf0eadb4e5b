/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results of targets, all text in them being anybody's, in every format: no control gets out,
 * all of it is UTF-8, and JSON and XML are well-formed. The first byte of the input chooses the
 * format, the others are taken one after the other for each field.
 */
#include <config.h>

#include <jansson.h>
#include <mxml.h>

#include "auth/method.h"
#include "fuzz.h"
#include "report/report.h"
#include "util/escape.h"
#include "util/utf8.h"

enum { TEXT = 0, JSON = 1, TAP = 2, JUNIT = 3, FORMATS = 3, VERBOSE = 4, QUIET = 8, MANY = 16 };
enum { STEPS = 2, ROUNDS = 2, PROMPTS = 2, BANNERS = 2, KEYS = 2, VERDICTS = 2 };

/* ---- what the input says ---- */

/* A byte of length, then so many bytes; none at all for 0. */
static struct bytes
take_bytes(struct fuzz_input *input)
{
    struct bytes bytes = {NULL, 0};
    size_t len = fuzz_byte(input) % 64;

    if (len == 0 || input->left == 0)
        return bytes;
    len = len < input->left ? len : input->left;
    REQUIRE(bytes_copy(&bytes, input->at, len));
    input->at += len;
    input->left -= len;
    return bytes;
}

/* As a string, up to a NUL; NULL for none. */
static char *
take_string(struct fuzz_input *input)
{
    return take_bytes(input).data;
}

/* The same where what made it has escaped it. */
static char *
take_printable(struct fuzz_input *input)
{
    struct bytes bytes = take_bytes(input);
    char *text = bytes.data ? escape_dup(bytes.data, bytes.len, ESCAPE_LINE) : NULL;

    bytes_free(&bytes);
    return text;
}

static size_t
take_number(struct fuzz_input *input, size_t limit)
{
    return fuzz_byte(input) % limit;
}

static enum outcome
take_outcome(struct fuzz_input *input)
{
    return (enum outcome)take_number(input, OUTCOME_COUNT);
}

/* Whoever makes one has escaped what is in it; that is not tried here. */
static void
take_failure(struct fuzz_input *input, struct failure *failure)
{
    *failure = FAILURE_INIT;
    if (take_number(input, 2) == 0)
        return;
    failure_set(failure, take_outcome(input), "\xc3\xa9: what <went> \"wrong\" & why");
    if (take_number(input, 2))
        failure_hint(failure, "do this");
}

/* Memory for as many as the input says, at most `limit`. */
static void *
take_list(struct fuzz_input *input, size_t limit, size_t size, size_t *count)
{
    *count = take_number(input, limit + 1);
    void *list = calloc(*count + 1, size);
    REQUIRE(list);
    return list;
}

static void
take_rounds(struct fuzz_input *input, struct step *step)
{
    step->rounds = take_list(input, ROUNDS, sizeof(*step->rounds), &step->round_count);
    for (size_t i = 0; i < step->round_count; i++) {
        struct kbdint_round *round = &step->rounds[i];
        round->name = take_bytes(input);
        round->instruction = take_bytes(input);
        round->prompts =
            take_list(input, PROMPTS, sizeof(*round->prompts), &round->prompt_count);
        for (size_t k = 0; k < round->prompt_count; k++) {
            round->prompts[k].text = take_bytes(input);
            round->prompts[k].echo = take_number(input, 2);
            round->prompts[k].source = take_string(input);
        }
    }
}

static void
take_keys(struct fuzz_input *input, struct step *step)
{
    step->keys = take_list(input, KEYS, sizeof(*step->keys), &step->key_count);
    for (size_t i = 0; i < step->key_count; i++) {
        struct key_try *key = &step->keys[i];
        size_t flags = fuzz_byte(input);
        key->file = flags & 1 ? "id\x1b\n<&\xff" : NULL;
        key->comment = take_bytes(input);
        key->agent = flags & 2;
        key->acceptable = flags & 4;
        key->is_signed = flags & 8;
        key->outcome = take_outcome(input);
        if (flags & 16)
            strcpy(key->reason, "why");
        if (flags & 32) {
            strcpy(key->type, "ssh-ed25519");
            strcpy(key->fingerprint, "SHA256:x");
        }
    }
}

static void
take_gss(struct fuzz_input *input, struct gss_record *gss)
{
    size_t flags = fuzz_byte(input);

    gss->client = take_printable(input);
    gss->target = take_printable(input);
    gss->mechanism = flags & 1 ? "1.2.840.113554.1.2.2" : NULL;
    gss->delegation_requested = flags & 2;
    gss->delegated = flags & 4;
    gss->complete = flags & 8;
    gss->has_lifetime = flags & 16;
    gss->major = flags & 32 ? 0xd0000 : 0;
    gss->minor = flags & 32 ? 0x96c73a0c : 0;
    gss->server_error = flags & 64;
    gss->server_errtok = flags & 128;
    gss->server_major = fuzz_byte(input);
    gss->server_minor = fuzz_byte(input);
    gss->server_text = take_bytes(input);
    if (flags & 32)
        REQUIRE((gss->texts[gss->text_count++] = strdup("No credentials")));
}

static void
take_step(struct fuzz_input *input, struct step *step)
{
    size_t methods = 0;

    while (method_at(methods))
        methods++;
    *step = (struct step){.method = method_at(take_number(input, methods))};
    step->outcome = take_outcome(input);
    step->has_code = take_number(input, 2);
    step->code = -(int)take_number(input, 3);
    step->code_name = step->code ? "LIBSSH2_ERROR" : NULL;
    step->remaining = take_string(input);
    step->earlier = take_string(input);
    take_failure(input, &step->failure);
    step->source = take_string(input);
    step->change_text = take_bytes(input);
    take_rounds(input, step);
    take_keys(input, step);
    step->has_gss = take_number(input, 2);
    take_gss(input, &step->gss);
}

static void
take_host_key(struct fuzz_input *input, struct hostkey_verdict *key)
{
    key->status = (enum hostkey_status)take_number(input, HOSTKEY_UNCHECKED + 1);
    key->accepted = take_number(input, 2);
    key->changed = key->status == HOSTKEY_MISMATCH;
    if (key->status != HOSTKEY_NOT_SEEN) {
        strcpy(key->type, "ssh-ed25519");
        strcpy(key->fingerprint, "SHA256:x");
        strcpy(key->place, "known_hosts:7");
    }
}

/* The chain that was gone through. */
struct named {
    struct chain chain;
    const struct method *methods[STEPS];
};

static void
take_verdict(struct fuzz_input *input, const struct request *request, struct verdict *verdict,
             struct named *named)
{
    *verdict = (struct verdict){.request = request, .chain = &named->chain};
    verdict->outcome = take_outcome(input);
    verdict->exit_status = outcome_status(verdict->outcome);
    verdict->met = take_number(input, 4) > 0;
    if (!verdict->met)
        strcpy(verdict->unmet[verdict->unmet_count++], "not as expected: outcome");
    verdict->stage = (enum stage)take_number(input, STAGE_COUNT);
    for (size_t i = 0; i <= (size_t)verdict->stage; i++)
        verdict->reached[i] = true;
    take_failure(input, &verdict->failure);
    if (take_number(input, 2))
        strcpy(verdict->address, "192.0.2.1");
    verdict->server_version = take_bytes(input);
    take_host_key(input, &verdict->hostkey);
    verdict->banners =
        take_list(input, BANNERS, sizeof(*verdict->banners), &verdict->banner_count);
    for (size_t i = 0; i < verdict->banner_count; i++)
        verdict->banners[i] = take_bytes(input);
    verdict->banners_dropped = (unsigned)take_number(input, 3);
    verdict->disconnect.seen = take_number(input, 2);
    verdict->disconnect.code = (uint32_t)take_number(input, 20);
    verdict->disconnect.text = take_bytes(input);
    verdict->trivial = take_number(input, 2);
    verdict->offered = take_string(input);
    verdict->listed = take_number(input, 2);
    take_step(input, &verdict->listing);
    verdict->steps = take_list(input, STEPS, sizeof(*verdict->steps), &verdict->step_count);
    for (size_t i = 0; i < verdict->step_count; i++)
        take_step(input, &verdict->steps[i]);
    named->chain = (struct chain){.steps = named->methods, .count = verdict->step_count};
    for (size_t i = 0; i < verdict->step_count; i++)
        named->methods[i] = verdict->steps[i].method;
}

static void
take_result(struct fuzz_input *input, const struct request *request, struct result *result)
{
    static struct named named[VERDICTS];
    static const char *const files[] = {NULL, "-", "hosts\x1b[m\n]]>\xff<"};

    *result = (struct result){.request = request, .place.named = "alice@h"};
    result->place.file = files[take_number(input, 3)];
    result->place.line = result->place.file ? 7 : 0;
    result->verdicts = take_list(input, VERDICTS, sizeof(*result->verdicts), &result->count);
    result->met = true;
    for (size_t i = 0; i < result->count; i++) {
        take_verdict(input, request, &result->verdicts[i], &named[i]);
        result->met = result->met && result->verdicts[i].met;
    }
    if (result->count == 0) {
        struct failure failure = FAILURE_INIT;
        failure_set(&failure, take_outcome(input), "why <there> is \"none\"");
        result_fail(result, &failure);
    } else {
        result->exit_status = result->verdicts[0].exit_status;
    }
}

/* ---- what gets out ---- */

static void
require_harmless(const char *text, size_t len)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + len;
    uint32_t c = 0;

    while (at < end) {
        size_t taken = utf8_decode(at, (size_t)(end - at), &c);
        REQUIRE(taken > 0);
        at += taken;
        REQUIRE(c == '\n' || c == '\t' || (c >= 0x20 && !(c >= 0x7f && c <= 0x9f)));
    }
}

static void
require_json(char *text)
{
    for (char *line = text, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        REQUIRE(end);
        json_t *value = json_loadb(line, (size_t)(end - line), JSON_ALLOW_NUL, NULL);
        REQUIRE(json_is_object(value));
        json_decref(value);
    }
}

static void
require_tap(const char *text)
{
    static const char *const begins[] = {"TAP version ", "1..",      "ok ", "not ok ", "#",
                                         "  ",           "Bail out!"};
    bool good = true;

    for (const char *line = text; *line && good; line = strchr(line, '\n') + 1) {
        REQUIRE(strchr(line, '\n'));
        good = false;
        for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
            good |= strncmp(line, begins[i], strlen(begins[i])) == 0;
    }
    REQUIRE(good);
}

static void
require_xml(const char *text)
{
    mxml_node_t *tree = mxmlLoadString(NULL, text, MXML_OPAQUE_CALLBACK);

    REQUIRE(tree && mxmlFindElement(tree, tree, "testsuites", NULL, NULL, MXML_DESCEND));
    mxmlDelete(tree);
}

static void
render(struct report *report, struct result *result)
{
    const struct failure none = FAILURE_INIT;

    report_start(report);
    struct result_watch watch = report_watch(report, result);
    for (size_t i = 0; watch.end && i < result->count; i++)
        watch.end(watch.context, &result->verdicts[i]);
    report_result(report, result);
    REQUIRE(!report->incomplete && result->notes == NULL);
    report_finish(report, &none, 0);
}

static void
try_format(unsigned what, struct result *result)
{
    static const char *const names[] = {"text", "json", "tap", "junit"};
    const struct report_style style = {.format = names[what & FORMATS],
                                       .color = COLOR_NEVER,
                                       .quiet = what & QUIET,
                                       .verbose = what & VERBOSE ? 1 : 0,
                                       .many = what & MANY,
                                       .summary = what & MANY};
    struct report report;
    char *out = NULL, *log = NULL;
    size_t out_len = 0, log_len = 0;

    report_init(&report, &style);
    report.out = open_memstream(&out, &out_len);
    report.log = open_memstream(&log, &log_len);
    REQUIRE(report.out && report.log);
    report.out_shown = report.log_shown = report.color = false;
    render(&report, result);
    REQUIRE(fclose(report.out) == 0 && fclose(report.log) == 0);
    REQUIRE(strlen(out) == out_len && strlen(log) == log_len);
    require_harmless(out, out_len);
    require_harmless(log, log_len);
    if ((what & FORMATS) == JSON)
        require_json(out);
    else if ((what & FORMATS) == TAP)
        require_tap(out);
    else if ((what & FORMATS) == JUNIT)
        require_xml(out);
    free(out);
    free(log);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct settings settings = {.expected = 0};
    static const struct request request = {.settings = &settings,
                                           .user = "alice\xff",
                                           .host = "h\"<&\xc2\x9b",
                                           .port = 22,
                                           .label = "alice@h",
                                           .route.hostname = "h.example"};
    struct fuzz_input input = {data, size};
    unsigned what = fuzz_byte(&input);
    struct result result;

    take_result(&input, &request, &result);
    try_format(what, &result);
    result_free(&result);
    return 0;
}
