/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report for people: one step, and what its method has to tell.
 */
#include <config.h>

#include "report/text.h"

#include <string.h>

#include "util/escape.h"

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
            text_foreign(report, "   ", &round->name);
        if (round->instruction.len)
            text_foreign(report, "   ", &round->instruction);
        for (size_t j = 0; j < round->prompt_count; j++) {
            const struct kbdint_prompt *prompt = &round->prompts[j];
            char text[256];
            text_foreign(report, "   ", &prompt->text);
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
        text_foreign(report, "   ", &gss->server_text);
    }
}

/* Where a key came from. What the agent calls it ends the line, so that it cannot pose as the
 * report's own words. */
static void
put_key_origin(FILE *out, const struct key_try *key)
{
    char text[300];

    if (key->file)
        fprintf(out, "file %s%s",
                escape_into(text, sizeof text, key->file, strlen(key->file), ESCAPE_LINE),
                key->agent ? ", " : "");
    if (key->agent || !key->file)
        fputs("agent", out);
    if (key->comment.len)
        fprintf(
            out, ", which calls it: %s",
            escape_into(text, sizeof text, key->comment.data, key->comment.len, ESCAPE_LINE));
}

/* What came of a key, in the order in which it came: asked about, signed, answered. */
static void
put_key_result(FILE *out, const struct key_try *key)
{
    if (key->acceptable)
        fputs("acceptable, ", out);
    if (key->is_signed)
        fputs("signed, ", out);
    switch (key->outcome) {
    case OUTCOME_KEY_ACCEPTABLE:
        fputs("not signed", out);
        break;
    case OUTCOME_SUCCESS:
    case OUTCOME_PARTIAL_SUCCESS:
        fputs("accepted", out);
        break;
    case OUTCOME_FAILURE:
    case OUTCOME_NOT_OFFERED:
        fputs("refused", out);
        break;
    case OUTCOME_CREDENTIAL:
        fprintf(out, "unusable%s%s", *key->reason ? ": " : "", key->reason);
        break;
    default:
        fputs(outcome_word(key->outcome), out);
        break;
    }
}

static void
put_keys(const struct report *report, const struct step *step)
{
    FILE *out = report->out;

    for (size_t i = 0; i < step->key_count; i++) {
        const struct key_try *key = &step->keys[i];
        fprintf(out, "   %s%s%s: ", *key->type ? key->type : "key of unknown type",
                *key->fingerprint ? " " : "", key->fingerprint);
        put_key_result(out, key);
        fputs("; ", out);
        put_key_origin(out, key);
        putc('\n', out);
    }
}

static void
put_password(const struct report *report, const struct step *step)
{
    char text[256];

    if (step->source)
        fprintf(
            report->out, "   answered by %s\n",
            escape_into(text, sizeof text, step->source, strlen(step->source), ESCAPE_LINE));
    if (step->change_text.data) {
        fprintf(report->out, "   the server demands a new password%s\n",
                step->change_text.len ? ":" : "");
        text_foreign(report, "   ", &step->change_text);
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

void
text_step(const struct report *report, const struct step *step, size_t number)
{
    FILE *out = report->out;

    fprintf(out, "\n%zu  %-20s  ", number, step->method->name);
    text_outcome(report, step->outcome, 15);
    fprintf(out, "  %.0f ms", step->ms);
    put_code(out, step);
    putc('\n', out);
    if (step->round_count)
        put_kbdint(report, step);
    put_keys(report, step);
    put_password(report, step);
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
        text_list(out, step->remaining);
        putc('\n', out);
    }
}
