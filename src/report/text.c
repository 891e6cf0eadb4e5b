/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report for people. Everything that a server said is escaped, and each line of it is
 * marked by a bar, so that it cannot pose as the report's own.
 */
#include <config.h>

#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/text.h"
#include "util/escape.h"
#include "util/name_list.h"

/* Colours say again what the words say. */
static const char *
colour_of(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_SUCCESS:
    case OUTCOME_LISTED:
        return "\033[32m";
    case OUTCOME_PARTIAL_SUCCESS:
        return "\033[33m";
    default:
        return "\033[31m";
    }
}

void
text_outcome(const struct report *report, enum outcome outcome, int width)
{
    const char *word = outcome_word(outcome);

    if (report->color)
        fputs(colour_of(outcome), report->out);
    fputs(word, report->out);
    if (report->color)
        fputs("\033[m", report->out);
    for (int i = (int)strlen(word); i < width; i++)
        putc(' ', report->out);
}

/* Cut between characters: without memory of its own, so that no line is lost for want of it. */
static void
put_printable(FILE *out, const char *text, size_t len)
{
    enum { PIECE = 128 };
    char printable[PIECE * 4 + sizeof "..."]; /* four for each byte: see escape_dup() */

    while (len > 0) {
        size_t piece = len < PIECE ? len : PIECE;
        for (int i = 0; i < 3 && piece < len && ((unsigned char)text[piece] & 0xc0) == 0x80;
             i++)
            piece--;
        fputs(escape_into(printable, sizeof printable, text, piece, ESCAPE_TEXT), out);
        text += piece;
        len -= piece;
    }
}

void
text_foreign(const struct report *report, const char *indent, const struct bytes *text)
{
    const char *line = text->data;
    size_t left = text->len;

    while (left > 0) {
        const char *newline = memchr(line, '\n', left);
        size_t len = newline ? (size_t)(newline - line) : left;
        bool has_return = newline && len > 0 && line[len - 1] == '\r';
        fprintf(report->out, "%s| ", indent);
        put_printable(report->out, line, len - has_return);
        putc('\n', report->out);
        line += len + (newline != NULL);
        left -= len + (newline != NULL);
    }
}

void
text_list(FILE *out, const char *list)
{
    const char *name, *separator = "";
    char printable[300];
    size_t len;

    if (!list || !*list)
        fputs("nothing", out);
    while ((name = name_list_next(&list, &len))) {
        escape_into(printable, sizeof printable, name, len, ESCAPE_LINE);
        fprintf(out, "%s%s", separator, printable);
        separator = ", ";
    }
}

static void
put_chain(FILE *out, const struct chain *chain, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s", i ? ", " : "", chain->steps[i]->name);
}

/* What is behind the name that was typed: another name, an address, a proxy. */
static void
put_route(FILE *out, const struct verdict *verdict)
{
    const struct request *request = verdict->request;
    const struct route *route = &request->route;
    bool renamed = strcmp(route->hostname, request->host) != 0;
    bool numbered = *verdict->address && strcmp(verdict->address, request->host) != 0 &&
                    strcmp(verdict->address, route->hostname) != 0;
    char text[300];

    if (renamed || numbered)
        fprintf(out, " (%s%s%s)",
                renamed ? escape_into(text, sizeof text, route->hostname,
                                      strlen(route->hostname), ESCAPE_LINE)
                        : "",
                renamed && numbered ? ", " : "", numbered ? verdict->address : "");
    if (route->jump)
        fprintf(out, " via %s",
                escape_into(text, sizeof text, route->jump, strlen(route->jump), ESCAPE_LINE));
    else if (route->proxy_command)
        fputs(" through a proxy command", out);
}

static void
put_connection(const struct report *report, const struct result *result,
               const struct verdict *verdict)
{
    const struct request *request = verdict->request;
    FILE *out = report->out;
    char text[300];

    escape_into(text, sizeof text, request->host, strlen(request->host), ESCAPE_LINE);
    /* among others, it is told by whom as well */
    fprintf(out, "%s port %u", report->summary ? request->label : text,
            (unsigned)request->port);
    put_route(out, verdict);
    if (verdict->server_version.data) {
        escape_into(text, sizeof text, verdict->server_version.data,
                    verdict->server_version.len, ESCAPE_LINE);
        fprintf(out, ", %s", text);
    }
    putc('\n', out);
    text_place(report, result);
    if (verdict->hostkey.status != HOSTKEY_NOT_SEEN)
        fprintf(out, "host key  %s %s %s\n", verdict->hostkey.type,
                verdict->hostkey.fingerprint, hostkey_status_word(verdict->hostkey.status));
}

/* The `none` request before the chain. */
static void
put_listing(FILE *out, const struct verdict *verdict)
{
    if (!verdict->listed)
        return;
    if (verdict->listing.remaining) {
        fputs("offered   ", out);
        text_list(out, verdict->listing.remaining);
        putc('\n', out);
    } else if (verdict->listing.outcome == OUTCOME_SUCCESS) {
        fputs("offered   no list came: the server accepted none\n", out);
    }
}

static void
put_banners(const struct report *report, const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->banner_count; i++) {
        fputs("banner from the server:\n", report->out);
        text_foreign(report, "  ", &verdict->banners[i]);
    }
    if (verdict->banners_dropped)
        fprintf(report->out, "%u more banner(s) are not shown\n", verdict->banners_dropped);
}

/* "alice was accepted after publickey". */
static void
put_accepted(FILE *out, const struct verdict *verdict, const char *user)
{
    fprintf(out, "%s was accepted ", user);
    if (verdict->step_count == 0) {
        fputs("by none, before any method of the chain", out);
        return;
    }
    fputs("after ", out);
    put_chain(out, verdict->chain, verdict->step_count);
    if (verdict->outcome == OUTCOME_EARLY_SUCCESS)
        fputs(" already", out);
}

/* The step that decided; the first of the chain where none was made. */
static const char *
last_method(const struct verdict *verdict)
{
    return verdict->step_count     ? verdict->steps[verdict->step_count - 1].method->name
           : verdict->chain->count ? verdict->chain->steps[0]->name
                                   : "none";
}

void
text_stage(FILE *out, const struct verdict *verdict)
{
    fprintf(out, " (stage %s", stage_word(verdict->stage));
    if (verdict->outcome == OUTCOME_TIMEOUT)
        fprintf(out, ", %.1f s there, %.1f s in all", verdict->ms[verdict->stage] / 1e3,
                verdict->total_ms / 1e3);
    putc(')', out);
}

/* Where the outcome is no plain answer of the server's: why not. */
static void
put_reason(FILE *out, const struct verdict *verdict)
{
    fputs(failure_is_set(&verdict->failure) ? verdict->failure.message
                                            : outcome_meaning(verdict->outcome),
          out);
    text_stage(out, verdict);
}

/* Password's message for it, in the server's words; Kerberos has its own. */
static void
put_expired(FILE *out, const struct verdict *verdict, const char *user)
{
    const struct step *step =
        verdict->step_count ? &verdict->steps[verdict->step_count - 1] : NULL;
    char text[300];

    if (!step || !step->change_text.data) {
        put_reason(out, verdict);
        return;
    }
    fprintf(out, "the server demands a new password of %s, and none was set", user);
    if (step->change_text.len)
        fprintf(out, "; it says: %s",
                escape_into(text, sizeof text, step->change_text.data, step->change_text.len,
                            ESCAPE_LINE));
}

void
text_conclusion(FILE *out, const struct verdict *verdict)
{
    const char *name = verdict->request->user;
    char user[300];

    escape_into(user, sizeof user, name, strlen(name), ESCAPE_LINE);
    switch (verdict->outcome) {
    case OUTCOME_SUCCESS:
    case OUTCOME_EARLY_SUCCESS:
        put_accepted(out, verdict, user);
        break;
    case OUTCOME_LISTED:
        fprintf(out, "%s can use ", user);
        text_list(out, verdict->offered);
        break;
    case OUTCOME_PARTIAL_SUCCESS:
        fprintf(out, "%s passed ", user);
        put_chain(out, verdict->chain, verdict->step_count);
        fputs(", and the server asks for more: ", out);
        text_list(out, verdict->step_count ? verdict->steps[verdict->step_count - 1].remaining
                                           : verdict->offered);
        break;
    case OUTCOME_NOT_OFFERED:
        fprintf(out, "%s is not open to %s at this point", last_method(verdict), user);
        break;
    case OUTCOME_FAILURE:
        fprintf(out, "%s was refused by %s", user, last_method(verdict));
        break;
    case OUTCOME_KEY_ACCEPTABLE:
        fprintf(out, "the server would accept the key for %s; nothing was signed", user);
        break;
    case OUTCOME_PASSWORD_EXPIRED:
        put_expired(out, verdict, user);
        break;
    case OUTCOME_TRIVIAL:
        fprintf(out, "%s was accepted without any challenge", user);
        break;
    default:
        put_reason(out, verdict);
        break;
    }
}

void
text_outcomes(FILE *out, outcome_set outcomes)
{
    const char *separator = "";

    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (outcomes & (outcome_set)1 << i) {
            fprintf(out, "%s%s", separator, outcome_word((enum outcome)i));
            separator = " or ";
        }
    }
}

/* All that was expected, where all of it was met. */
static void
put_met(FILE *out, const struct settings *settings)
{
    const char *separator = settings->expected ? "; " : "";

    fputs("as expected: ", out);
    text_outcomes(out, settings->expected);
    if (settings->expect_offered) {
        fprintf(out, "%soffered are ", separator);
        text_list(out, settings->expect_offered);
        fputs(", and no others", out);
        separator = "; ";
    }
    if (settings->forbid_offered) {
        fprintf(out, "%snot offered: ", separator);
        text_list(out, settings->forbid_offered);
    }
    putc('\n', out);
}

static void
put_expectations(FILE *out, const struct verdict *verdict)
{
    const struct settings *settings = verdict->request->settings;

    for (size_t i = 0; i < verdict->unmet_count; i++)
        fprintf(out, "not as expected: %s\n", verdict->unmet[i]);
    if (verdict->met &&
        (settings->expected || settings->expect_offered || settings->forbid_offered))
        put_met(out, settings);
}

static void
put_times(FILE *out, const struct verdict *verdict)
{
    fputs("time:", out);
    for (int i = 0; i < STAGE_COUNT; i++) {
        if (verdict->reached[i])
            fprintf(out, " %s %.1f ms,", stage_word((enum stage)i), verdict->ms[i]);
    }
    fprintf(out, " total %.1f ms\n", verdict->total_ms);
}

static void
put_chain_report(const struct report *report, const struct result *result,
                 const struct verdict *verdict)
{
    const struct request *request = verdict->request;
    FILE *out = report->out;

    put_connection(report, result, verdict);
    put_listing(out, verdict);
    put_banners(report, verdict);
    for (size_t i = 0; i < verdict->step_count; i++)
        text_step(report, &verdict->steps[i], i + 1);
    putc('\n', out);
    text_outcome(report, verdict->outcome, 0);
    fputs(": ", out);
    text_conclusion(out, verdict);
    putc('\n', out);
    if (*verdict->failure.hint)
        fprintf(out, "hint: %s\n", verdict->failure.hint);
    if (verdict->trivial && verdict->outcome != OUTCOME_TRIVIAL)
        fputs("warning: no password, answer, signature or token was needed\n", out);
    put_expectations(out, verdict);
    if (report->verbose && request->note)
        fprintf(out, "note: %s\n", request->note);
    if (report->verbose)
        put_times(out, verdict);
}

static void
put_report(struct report *report, const struct result *result, const struct verdict *verdict)
{
    if (report->chains)
        putc('\n', report->out);
    if (verdict)
        put_chain_report(report, result, verdict);
    else
        text_unrun(report, result);
}

const struct format format_text = {.name = "text", .chain = put_report};
