/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What TAP and JUnit tell of a chain, or of a target without one. What is not known is left
 * out.
 */
#include <config.h>

#include "report/detail.h"

#include <stdlib.h>
#include <string.h>

#include "report/place.h"
#include "report/text.h"
#include "util/escape.h"
#include "util/memory_file.h"
#include "util/name_list.h"

/* "alice@host:22", for tests' names: the same from run to run. */
static void
put_target(FILE *out, const struct request *request)
{
    bool numeric = strchr(request->host, ':') != NULL;
    char user[600], host[600];

    escape_into(user, sizeof user, request->user, strlen(request->user), ESCAPE_LINE);
    escape_into(host, sizeof host, request->host, strlen(request->host), ESCAPE_LINE);
    fprintf(out, "%s@%s%s%s:%u", user, numeric ? "[" : "", host, numeric ? "]" : "",
            (unsigned)request->port);
}

void
detail_name(FILE *out, const struct result *result, const struct verdict *verdict)
{
    if (result->request)
        put_target(out, result->request);
    else
        place_target(out, result);
    fputs(": ", out);
    if (!verdict)
        fputs(outcome_word(result->failure.outcome), out);
    else if (verdict->chain->count == 0)
        fputs("list", out);
    for (size_t i = 0; verdict && i < verdict->chain->count; i++)
        fprintf(out, "%s%s", i ? "," : "", verdict->chain->steps[i]->name);
}

void
detail_message(FILE *out, const struct result *result, const struct verdict *verdict)
{
    if (!verdict)
        fputs(place_message(result), out);
    else if (verdict->unmet_count)
        fprintf(out, "not as expected: %s", verdict->unmet[0]);
    else
        text_conclusion(out, verdict);
}

enum outcome
detail_outcome(const struct result *result, const struct verdict *verdict)
{
    return verdict ? verdict->outcome : result->failure.outcome;
}

int
detail_exit(const struct result *result, const struct verdict *verdict)
{
    return verdict ? verdict->exit_status : result->exit_status;
}

/* What is below a key. */
static struct detail
below(const struct detail *detail, const char *key)
{
    struct detail inner = *detail;

    fprintf(detail->out, "%*s%s:\n", detail->indent, "", key);
    inner.indent += 2;
    return inner;
}

/* NULL where memory was short when it came: nothing is known of it then. */
static void
put_text(const struct detail *detail, const char *text, size_t len)
{
    detail->put_text(detail, text ? text : "", len);
    putc('\n', detail->out);
}

static void
put_bytes(const struct detail *detail, const char *key, const char *text, size_t len)
{
    fprintf(detail->out, "%*s%s: ", detail->indent, "", key);
    put_text(detail, text, len);
}

/* Nothing where there is none. */
static void
put_string(const struct detail *detail, const char *key, const char *text)
{
    if (text && *text)
        put_bytes(detail, key, text, strlen(text));
}

static void
put_number(const struct detail *detail, const char *key, int number)
{
    fprintf(detail->out, "%*s%s: %d\n", detail->indent, "", key, number);
}

static void
put_ms(const struct detail *detail, const char *key, double ms)
{
    fprintf(detail->out, "%*s%s: %.1f\n", detail->indent, "", key, ms);
}

static void
put_item(const struct detail *detail, const char *text, size_t len)
{
    fprintf(detail->out, "%*s- ", detail->indent, "");
    put_text(detail, text, len);
}

/* A name-list; nothing where it is NULL. */
static void
put_list(const struct detail *detail, const char *key, const char *list)
{
    const char *name;
    size_t len;

    if (list && !*list)
        fprintf(detail->out, "%*s%s: []\n", detail->indent, "", key);
    if (!list || !*list)
        return;
    struct detail inner = below(detail, key);
    while ((name = name_list_next(&list, &len)))
        put_item(&inner, name, len);
}

static void
put_expected(const struct detail *detail, outcome_set expected)
{
    if (!expected)
        return;
    struct detail inner = below(detail, "expected");
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        const char *word = outcome_word((enum outcome)i);
        if (expected & (outcome_set)1 << i)
            put_item(&inner, word, strlen(word));
    }
}

static void
put_expectation(const struct detail *detail, const struct verdict *verdict)
{
    put_list(detail, "expect_offered", verdict->request->settings->expect_offered);
    put_list(detail, "forbid_offered", verdict->request->settings->forbid_offered);
    if (verdict->unmet_count) {
        struct detail inner = below(detail, "unmet");
        for (size_t i = 0; i < verdict->unmet_count; i++)
            put_item(&inner, verdict->unmet[i], strlen(verdict->unmet[i]));
    }
}

static void
put_message(const struct detail *detail, const struct verdict *verdict)
{
    struct memory_file memory;
    char *message = NULL;

    if (memory_file_open(&memory)) {
        text_conclusion(memory.file, verdict);
        message = memory_file_close(&memory, NULL);
    }
    *detail->lost = *detail->lost || !message;
    put_string(detail, "message", message);
    free(message);
}

static void
put_connection(const struct detail *detail, const struct verdict *verdict)
{
    const struct hostkey_verdict *hostkey = &verdict->hostkey;
    const struct route *route = &verdict->request->route;

    put_string(detail, "stage", stage_word(verdict->stage));
    put_string(detail, "address", verdict->address);
    put_string(detail, "via",
               route->jump            ? route->jump
               : route->proxy_command ? "a proxy command"
                                      : NULL);
    if (verdict->server_version.data)
        put_bytes(detail, "server", verdict->server_version.data, verdict->server_version.len);
    if (hostkey->status != HOSTKEY_NOT_SEEN) {
        struct detail inner = below(detail, "host_key");
        put_string(&inner, "type", hostkey->type);
        put_string(&inner, "fingerprint", hostkey->fingerprint);
        put_string(&inner, "status", hostkey_status_word(hostkey->status));
    }
    if (verdict->banner_count) {
        struct detail inner = below(detail, "banners");
        for (size_t i = 0; i < verdict->banner_count; i++)
            put_item(&inner, verdict->banners[i].data, verdict->banners[i].len);
    }
}

/* What the server says above its prompts. */
static void
put_said(const struct detail *detail, const struct step *step)
{
    bool begun = false;

    for (size_t i = 0; i < step->round_count; i++) {
        const struct bytes *said[] = {&step->rounds[i].name, &step->rounds[i].instruction};
        for (size_t j = 0; j < 2; j++) {
            struct detail inner = *detail;
            if (said[j]->len == 0)
                continue;
            if (!begun)
                below(detail, "instructions");
            begun = true;
            inner.indent += 2;
            put_item(&inner, said[j]->data, said[j]->len);
        }
    }
}

/* What the server asked for, in all rounds. */
static void
put_prompts(const struct detail *detail, const struct step *step)
{
    size_t count = 0;

    for (size_t i = 0; i < step->round_count; i++)
        count += step->rounds[i].prompt_count;
    if (count == 0)
        return;
    struct detail inner = below(detail, "prompts");
    for (size_t i = 0; i < step->round_count; i++) {
        const struct kbdint_round *round = &step->rounds[i];
        for (size_t j = 0; j < round->prompt_count; j++)
            put_item(&inner, round->prompts[j].text.data, round->prompts[j].text.len);
    }
}

static void
put_step(const struct detail *detail, const struct step *step)
{
    struct detail inner = *detail;

    fprintf(detail->out, "%*s- method: %s\n", detail->indent, "", step->method->name);
    inner.indent += 2;
    put_string(&inner, "outcome", outcome_word(step->outcome));
    if (step->has_code)
        put_number(&inner, "code", step->code);
    if (step->has_code)
        put_string(&inner, "code_name", step->code_name);
    put_string(&inner, "libssh2", step->library_message);
    put_ms(&inner, "duration_ms", step->ms);
    put_said(&inner, step);
    put_prompts(&inner, step);
    put_list(&inner, "remaining", step->remaining);
}

/* What came of the chain, and how. */
static void
put_verdict(const struct detail *detail, const struct verdict *verdict)
{
    put_expectation(detail, verdict);
    put_message(detail, verdict);
    put_string(detail, "hint", verdict->failure.hint);
    if (verdict->trivial)
        fprintf(detail->out, "%*strivial: true\n", detail->indent, "");
    put_connection(detail, verdict);
    put_ms(detail, "duration_ms", verdict->total_ms);
    put_list(detail, "offered", verdict->offered);
    if (verdict->listed || verdict->step_count) {
        struct detail inner = below(detail, "steps");
        if (verdict->listed)
            put_step(&inner, &verdict->listing);
        for (size_t i = 0; i < verdict->step_count; i++)
            put_step(&inner, &verdict->steps[i]);
    }
}

void
detail_put(const struct detail *detail, const struct result *result,
           const struct verdict *verdict)
{
    const struct result_place *place = &result->place;
    outcome_set expected = verdict ? verdict->request->settings->expected : result->expected;

    put_string(detail, "file", place->file);
    if (place->file)
        fprintf(detail->out, "%*sline: %lu\n", detail->indent, "", place->line);
    put_string(detail, "outcome", outcome_word(detail_outcome(result, verdict)));
    put_number(detail, "exit", detail_exit(result, verdict));
    put_expected(detail, expected);
    if (verdict) {
        put_verdict(detail, verdict);
    } else {
        put_string(detail, "message", place_message(result));
        put_string(detail, "hint", result->failure.hint);
    }
}
