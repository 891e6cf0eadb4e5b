/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report for people. Everything that a server said is escaped, and each line of it is
 * marked by a bar, so that it cannot pose as the report's own.
 */
#include <config.h>

#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "util/escape.h"

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

static void
put_outcome(const struct report *report, enum outcome outcome, int width)
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

static void
put_server_text(const struct report *report, const char *indent, const struct bytes *text)
{
    char *printable = escape_dup(text->data, text->len, ESCAPE_TEXT);
    char *rest = printable;
    char *line;

    while ((line = strsep(&rest, "\n"))) {
        if (*line || rest) /* no empty line for the last newline */
            fprintf(report->out, "%s| %s\n", indent, line);
    }
    free(printable);
}

/* A name-list, with blanks after the commas. */
static void
put_list(FILE *out, const char *list)
{
    if (!*list)
        fputs("nothing", out);
    for (; *list; list++) {
        putc(*list, out);
        if (*list == ',')
            putc(' ', out);
    }
}

static void
put_chain(FILE *out, const struct chain *chain, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s", i ? ", " : "", chain->steps[i]->name);
}

static void
put_connection(const struct report *report, const struct verdict *verdict)
{
    const struct request *request = verdict->request;
    FILE *out = report->out;
    char text[300];

    escape_into(text, sizeof text, request->host, strlen(request->host), ESCAPE_LINE);
    fprintf(out, "%s port %u", text, (unsigned)request->port);
    if (*verdict->address && strcmp(verdict->address, request->host) != 0)
        fprintf(out, " (%s)", verdict->address);
    if (verdict->server_version.data) {
        escape_into(text, sizeof text, verdict->server_version.data,
                    verdict->server_version.len, ESCAPE_LINE);
        fprintf(out, ", %s", text);
    }
    putc('\n', out);
    if (verdict->hostkey.status != HOSTKEY_NOT_SEEN)
        fprintf(out, "host key  %s %s %s\n", verdict->hostkey.type,
                verdict->hostkey.fingerprint, hostkey_status_word(verdict->hostkey.status));
}

static void
put_banners(const struct report *report, const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->banner_count; i++) {
        fputs("banner from the server:\n", report->out);
        put_server_text(report, "  ", &verdict->banners[i]);
    }
    if (verdict->banners_dropped)
        fprintf(report->out, "%u more banner(s) are not shown\n", verdict->banners_dropped);
}

static void
put_kbdint(const struct report *report, const struct step *step)
{
    FILE *out = report->out;
    size_t prompts = 0;

    for (size_t i = 0; i < step->round_count; i++)
        prompts += step->rounds[i].prompt_count;
    fprintf(out, "   %zu prompt%s in %zu round%s\n", prompts, prompts == 1 ? "" : "s",
            step->round_count, step->round_count == 1 ? "" : "s");
    for (size_t i = 0; i < step->round_count; i++) {
        const struct kbdint_round *round = &step->rounds[i];
        if (round->name.len)
            put_server_text(report, "   ", &round->name);
        if (round->instruction.len)
            put_server_text(report, "   ", &round->instruction);
        for (size_t j = 0; j < round->prompt_count; j++) {
            const struct kbdint_prompt *prompt = &round->prompts[j];
            char text[256];
            put_server_text(report, "   ", &prompt->text);
            fprintf(out, "     %s, ", prompt->echo ? "echo" : "no echo");
            if (prompt->source)
                fprintf(out, "answered by %s\n",
                        escape_into(text, sizeof text, prompt->source, strlen(prompt->source),
                                    ESCAPE_LINE));
            else
                fputs("not answered\n", out);
        }
    }
}

static void
put_lifetime(FILE *out, uint32_t seconds)
{
    if (seconds >= 3600)
        fprintf(out, "%u h %u min", seconds / 3600, seconds % 3600 / 60);
    else if (seconds >= 60)
        fprintf(out, "%u min %u s", seconds / 60, seconds % 60);
    else
        fprintf(out, "%u s", seconds);
}

static void
put_gss(const struct report *report, const struct gss_record *gss)
{
    FILE *out = report->out;

    if (gss->client || gss->target) {
        fprintf(out, "   as %s to %s", gss->client ? gss->client : "(nobody)",
                gss->target ? gss->target : "(no service)");
        if (!gss->delegation_requested)
            fputs(", delegation not requested\n", out);
        else if (!gss->complete)
            fputs(", delegation requested\n", out);
        else
            fputs(gss->delegated ? ", delegation requested and granted\n"
                                 : ", delegation requested and not granted\n",
                  out);
    }
    if (gss->has_lifetime && gss->lifetime) {
        fputs("   the ticket is good for ", out);
        put_lifetime(out, gss->lifetime);
        putc('\n', out);
    }
    if (gss->major)
        fprintf(out, "   GSSAPI major 0x%08x minor %d\n", gss->major, (int32_t)gss->minor);
    for (size_t i = 0; i < gss->text_count; i++)
        fprintf(out, "   %s: %s\n", gss->server_errtok ? "error token" : "GSSAPI",
                gss->texts[i]);
    if (gss->server_error) {
        fprintf(out, "   the server's GSSAPI error, major 0x%08x minor %d:\n",
                gss->server_major, (int32_t)gss->server_minor);
        put_server_text(report, "   ", &gss->server_text);
    }
}

static void
put_code(FILE *out, const struct step *step)
{
    if (!step->has_code)
        return;
    if (step->code_name)
        fprintf(out, "  %s (%d)", step->code_name, step->code);
    else
        fprintf(out, "  %d", step->code);
}

static void
put_step(const struct report *report, const struct step *step, size_t number)
{
    FILE *out = report->out;

    fprintf(out, "\n%zu  %-20s  ", number, step->method->name);
    put_outcome(report, step->outcome, 15);
    fprintf(out, "  %.0f ms", step->ms);
    put_code(out, step);
    putc('\n', out);
    if (step->round_count)
        put_kbdint(report, step);
    if (step->has_gss)
        put_gss(report, &step->gss);
    /* the reason itself is in the report's last lines: only a chain's last step can have one */
    if (*step->library_message && strcmp(step->library_message, step->failure.message) != 0) {
        fputs("   libssh2: ", out);
        if (step->library_code != step->code)
            fprintf(out, "%d, ", step->library_code);
        fprintf(out, "%s\n", step->library_message);
    }
    if (step->remaining) {
        fputs("   can continue with: ", out);
        put_list(out, step->remaining);
        putc('\n', out);
    }
}

/* What the outcome means for this user, after the outcome's word. */
static void
put_conclusion(FILE *out, const struct verdict *verdict, const char *user)
{
    const struct chain *chain = verdict->chain;

    switch (verdict->outcome) {
    case OUTCOME_SUCCESS:
        fprintf(out, "%s was accepted after ", user);
        put_chain(out, chain, verdict->step_count);
        break;
    case OUTCOME_LISTED:
        fprintf(out, "%s can use ", user);
        put_list(out, verdict->offered ? verdict->offered : "");
        break;
    case OUTCOME_PARTIAL_SUCCESS:
        fprintf(out, "%s passed ", user);
        put_chain(out, chain, verdict->step_count);
        fputs(", and the server asks for more: ", out);
        put_list(out, verdict->steps[verdict->step_count - 1].remaining);
        break;
    case OUTCOME_NOT_OFFERED:
        fprintf(out, "%s is not open to %s at this point",
                verdict->steps[verdict->step_count - 1].method->name, user);
        break;
    case OUTCOME_FAILURE:
        fprintf(out, "%s was refused by %s", user,
                verdict->steps[verdict->step_count - 1].method->name);
        break;
    case OUTCOME_EARLY_SUCCESS:
        fprintf(out, "%s was accepted after ", user);
        put_chain(out, chain, verdict->step_count);
        fputs(" already", out);
        break;
    case OUTCOME_TRIVIAL:
        fprintf(out, "%s was accepted without any challenge", user);
        break;
    default:
        fputs(failure_is_set(&verdict->failure) ? verdict->failure.message
                                                : outcome_meaning(verdict->outcome),
              out);
        fprintf(out, " (stage %s)", stage_word(verdict->stage));
        break;
    }
}

static void
put_expectation(FILE *out, const struct verdict *verdict)
{
    outcome_set expected = verdict->request->settings->expected;
    const char *separator = "";

    fputs(verdict->met ? "as expected: " : "not as expected: ", out);
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (expected & (outcome_set)1 << i) {
            fprintf(out, "%s%s", separator, outcome_word((enum outcome)i));
            separator = " or ";
        }
    }
    fputs(verdict->met ? "\n" : " was expected\n", out);
}

static void
put_times(FILE *out, const struct verdict *verdict)
{
    fputs("time:", out);
    for (int i = 0; i <= (int)verdict->stage; i++)
        fprintf(out, "%s %s %.1f ms", i ? "," : "", stage_word((enum stage)i), verdict->ms[i]);
    putc('\n', out);
}

void
report_text(struct report *report, const struct verdict *verdict)
{
    const struct request *request = verdict->request;
    FILE *out = report->out;
    char user[300];

    escape_into(user, sizeof user, request->user, strlen(request->user), ESCAPE_LINE);
    if (report->chains)
        putc('\n', out);
    put_connection(report, verdict);
    put_banners(report, verdict);
    for (size_t i = 0; i < verdict->step_count; i++)
        put_step(report, &verdict->steps[i], i + 1);
    putc('\n', out);
    put_outcome(report, verdict->outcome, 0);
    fputs(": ", out);
    put_conclusion(out, verdict, user);
    putc('\n', out);
    if (*verdict->failure.hint)
        fprintf(out, "hint: %s\n", verdict->failure.hint);
    if (verdict->trivial && verdict->outcome != OUTCOME_TRIVIAL)
        fputs("warning: no password, answer, signature or token was needed\n", out);
    if (request->settings->expected)
        put_expectation(out, verdict);
    if (report->verbose)
        put_times(out, verdict);
    fflush(out);
}
