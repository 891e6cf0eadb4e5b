/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report for programs: one JSON object a line for each target, ASCII only, written as a
 * whole or not at all. What is not known is absent; what is known to be nothing is empty.
 * share/ssh-authtest.schema.json describes it, and names are what users' scripts rely on.
 */
#include <config.h>

#include "report/json.h"

#include <stdlib.h>
#include <time.h>

#include "report/format.h"
#include "report/place.h"

#define JSON_VERSION 1
#define JSON_DIGITS  15 /* of a number: all that a double keeps of a decimal one */

/* ------------------------------------------------------------------- a chain */

static json_t *
make_methods(struct json_page *page, const struct chain *chain)
{
    json_t *methods = json_array();

    for (size_t i = 0; i < chain->count; i++)
        json_add(page, methods, json_text(chain->steps[i]->name));
    return methods;
}

/* How the server was reached, and what it said of itself. */
static void
put_connection(struct json_page *page, json_t *object, const struct verdict *verdict)
{
    const struct route *route = &verdict->request->route;

    json_put_text(page, object, "address", verdict->address);
    if (route->jump || route->proxy_command)
        json_put(page, object, "via", json_text(route->jump ? "jump" : "proxy-command"));
    json_put_text(page, object, "jump", route->jump);
    if (verdict->server_version.data)
        json_put(page, object, "server", json_bytes(&verdict->server_version));
}

static json_t *
make_host_key(struct json_page *page, const struct hostkey_verdict *hostkey)
{
    json_t *object = json_object();

    json_put_text(page, object, "type", hostkey->type);
    json_put_text(page, object, "fingerprint", hostkey->fingerprint);
    json_put(page, object, "status", json_text(hostkey_status_word(hostkey->status)));
    return object;
}

static json_t *
make_banners(struct json_page *page, const struct verdict *verdict)
{
    json_t *banners = json_array();

    for (size_t i = 0; i < verdict->banner_count; i++)
        json_add(page, banners, json_bytes(&verdict->banners[i]));
    return banners;
}

/* What came of the authentication. */
static void
put_authentication(struct json_page *page, json_t *object, const struct verdict *verdict)
{
    if (verdict->reached[STAGE_AUTH]) {
        json_put(page, object, "banners", make_banners(page, verdict));
        json_put(page, object, "trivial", json_boolean(verdict->trivial));
    }
    if (verdict->banners_dropped)
        json_put(page, object, "banners_dropped", json_integer(verdict->banners_dropped));
    if (verdict->offered)
        json_put(page, object, "offered", json_names(page, verdict->offered));
    if (verdict->listed)
        json_put(page, object, "listing", json_step(page, &verdict->listing));
}

static json_t *
make_steps(struct json_page *page, const struct verdict *verdict)
{
    json_t *steps = json_array();

    for (size_t i = 0; i < verdict->step_count; i++)
        json_add(page, steps, json_step(page, &verdict->steps[i]));
    return steps;
}

/* Why the outcome is no plain answer of the server's. */
static json_t *
make_error(struct json_page *page, const struct verdict *verdict)
{
    const struct failure *failure = &verdict->failure;
    json_t *object = json_object();

    json_put(page, object, "stage", json_text(stage_word(verdict->stage)));
    json_put(page, object, "message",
             json_text(failure_is_set(failure) ? failure->message
                                               : outcome_meaning(verdict->outcome)));
    json_put_text(page, object, "hint", failure->hint);
    return object;
}

static json_t *
make_disconnect(struct json_page *page, const struct verdict_disconnect *disconnect)
{
    json_t *object = json_object();

    json_put(page, object, "code", json_integer(disconnect->code));
    if (disconnect->text.data)
        json_put(page, object, "text", json_bytes(&disconnect->text));
    return object;
}

/* The stages that were reached; version, key exchange and host key are one. */
static json_t *
make_times(struct json_page *page, const struct verdict *verdict)
{
    static const enum stage single[] = {STAGE_RESOLVE, STAGE_CONNECT, STAGE_PROXY, STAGE_AUTH};
    const double *ms = verdict->ms;
    json_t *object = json_object();

    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        if (single[i] == STAGE_AUTH && verdict->reached[STAGE_BANNER])
            json_put(page, object, "handshake",
                     json_ms(ms[STAGE_BANNER] + ms[STAGE_KEX] + ms[STAGE_HOST_KEY]));
        if (verdict->reached[single[i]])
            json_put(page, object, stage_word(single[i]), json_ms(ms[single[i]]));
    }
    json_put(page, object, "total", json_ms(verdict->total_ms));
    return object;
}

static json_t *
make_chain(struct json_page *page, const struct verdict *verdict)
{
    json_t *object = json_object();

    json_put(page, object, "methods", make_methods(page, verdict->chain));
    json_put(page, object, "outcome", json_text(outcome_word(verdict->outcome)));
    json_put(page, object, "exit", json_integer(verdict->exit_status));
    json_put(page, object, "met", json_boolean(verdict->met));
    put_connection(page, object, verdict);
    if (verdict->hostkey.status != HOSTKEY_NOT_SEEN)
        json_put(page, object, "host_key", make_host_key(page, &verdict->hostkey));
    put_authentication(page, object, verdict);
    json_put(page, object, "steps", make_steps(page, verdict));
    if (failure_is_set(&verdict->failure) || !outcome_answered(verdict->outcome))
        json_put(page, object, "error", make_error(page, verdict));
    if (verdict->disconnect.seen)
        json_put(page, object, "disconnect", make_disconnect(page, &verdict->disconnect));
    json_put(page, object, "timing_ms", make_times(page, verdict));
    return object;
}

/* ------------------------------------------------------------------ a target */

static json_t *
make_time(time_t time)
{
    char text[40];
    struct tm parts;

    if (!gmtime_r(&time, &parts) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts))
        return NULL;
    return json_text(text);
}

/* "alice@bastion:22" */
static json_t *
make_target(const struct request *request)
{
    char *text;
    int len = asprintf(&text, "%s:%u", request->label, (unsigned)request->port);
    json_t *value = len < 0 ? NULL : json_text(text);

    if (len >= 0)
        free(text);
    return value;
}

static json_t *
make_expected(struct json_page *page, outcome_set expected)
{
    json_t *words = json_array();

    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (expected & (outcome_set)1 << i)
            json_add(page, words, json_text(outcome_word((enum outcome)i)));
    }
    return words;
}

static void
put_expectations(struct json_page *page, json_t *object, const struct result *result)
{
    const struct settings *settings = result->request ? result->request->settings : NULL;
    outcome_set expected = settings ? settings->expected : result->expected;

    if (expected)
        json_put(page, object, "expected", make_expected(page, expected));
    if (!settings)
        return;
    if (settings->expect_offered)
        json_put(page, object, "expect_offered", json_names(page, settings->expect_offered));
    if (settings->forbid_offered)
        json_put(page, object, "forbid_offered", json_names(page, settings->forbid_offered));
}

/* What the text format says in lines of its own. */
static json_t *
make_warnings(struct json_page *page, const struct report *report, const struct result *result)
{
    json_t *warnings = json_array();

    if (report->verbose && result->request && result->request->note)
        json_add(page, warnings, json_text(result->request->note));
    for (size_t i = 0; i < result->count; i++) {
        const struct verdict *verdict = &result->verdicts[i];
        if (verdict->trivial && verdict->outcome != OUTCOME_TRIVIAL)
            json_add(page, warnings,
                     json_text("no password, answer, signature or token was needed"));
        for (size_t j = 0; j < verdict->unmet_count; j++)
            json_add(page, warnings, json_text(verdict->unmet[j]));
    }
    return warnings;
}

static json_t *
make_chains(struct json_page *page, const struct result *result)
{
    json_t *chains = json_array();

    for (size_t i = 0; i < result->count; i++)
        json_add(page, chains, make_chain(page, &result->verdicts[i]));
    return chains;
}

/* Where it was named, and what of it is known. */
static void
put_target(struct json_page *page, json_t *object, const struct result *result)
{
    const struct request *request = result->request;
    const struct result_place *place = &result->place;

    if (request) {
        json_put(page, object, "target", make_target(request));
        json_put(page, object, "user", json_text(request->user));
        json_put(page, object, "host", json_text(request->host));
        json_put_text(page, object, "hostname", request->route.hostname);
        json_put(page, object, "port", json_integer(request->port));
    } else {
        json_put_text(page, object, "target", place->named);
    }
    if (place->file) {
        json_put_text(page, object, "file", place->file);
        json_put(page, object, "line", json_integer((json_int_t)place->line));
    }
}

/* Why there is no chain. */
static json_t *
make_failure(struct json_page *page, const struct result *result)
{
    json_t *object = json_object();

    json_put(page, object, "message", json_text(result->failure.message));
    json_put_text(page, object, "hint", result->failure.hint);
    return object;
}

static json_t *
make_result(struct json_page *page, const struct report *report, const struct result *result)
{
    json_t *object = json_object();

    json_put(page, object, "version", json_integer(JSON_VERSION));
    json_put(page, object, "tool", json_text(PACKAGE_VERSION));
    json_put(page, object, "libssh2", json_text(LIBSSH2_RELEASE));
    json_put(page, object, "time", make_time(result->time));
    put_target(page, object, result);
    json_put(page, object, "outcome", json_text(outcome_word(result_outcome(result))));
    json_put(page, object, "exit", json_integer(result->exit_status));
    put_expectations(page, object, result);
    json_put(page, object, "met", json_boolean(result->met));
    json_put(page, object, "warnings", make_warnings(page, report, result));
    json_put(page, object, "chains", make_chains(page, result));
    if (result->count == 0)
        json_put(page, object, "error", make_failure(page, result));
    return object;
}

/* jansson leaves DEL, which no terminal should get, as it is; it can only be within a string.
 */
static void
write_line(FILE *out, const char *line)
{
    for (; *line; line++) {
        if (*line == 0x7f)
            fputs("\\u007F", out);
        else
            putc(*line, out);
    }
    putc('\n', out);
}

/*
 * json_dumps() forgets that its memory was short where that was within a key (2.14): measured
 * first, the line is known to be whole. NULL where it is not, else to be freed.
 */
static char *
dump(const json_t *object)
{
    const size_t flags = JSON_ENSURE_ASCII | JSON_COMPACT | JSON_REAL_PRECISION(JSON_DIGITS);
    size_t len = json_dumpb(object, NULL, 0, flags);
    char *line = len ? malloc(len + 1) : NULL;

    if (line && json_dumpb(object, line, len, flags) == len) {
        line[len] = '\0';
        return line;
    }
    free(line);
    return NULL;
}

static void
put_line(struct report *report, const struct result *result)
{
    struct json_page page = {.lost = false};
    json_t *object = make_result(&page, report, result);
    char *line = page.lost ? NULL : dump(object);

    if (line)
        write_line(report->out, line);
    else
        report->incomplete = true;
    free(line);
    json_decref(object);
}

const struct format format_json = {
    .name = "json", .ready = json_library_load, .target = put_line};
