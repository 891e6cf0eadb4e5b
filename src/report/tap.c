/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TAP version 13: a test for each chain, and for each target without one, which is ok where its
 * status is 0, with the details as YAML below it. The plan comes last, so that an output that
 * was cut off is no good one; a run that did not get through ends by "Bail out!" and has no
 * plan.
 */
#include <config.h>

#include <stdlib.h>

#include "report/detail.h"
#include "report/format.h"
#include "util/memory_file.h"
#include "util/signals.h"
#include "util/utf8.h"

static void
put_head(struct report *report)
{
    fputs("TAP version 13\n", report->out);
}

/* A character as YAML's double quotes have it, in ASCII. */
static void
put_character(FILE *out, uint32_t character)
{
    if (character == '"' || character == '\\')
        fprintf(out, "\\%c", (int)character);
    else if (character == '\n' || character == '\t' || character == '\r')
        fputs(character == '\n' ? "\\n" : character == '\t' ? "\\t" : "\\r", out);
    else if (character >= ' ' && character < 0x7f)
        putc((int)character, out);
    else if (character <= 0xff)
        fprintf(out, "\\x%02X", character);
    else
        fprintf(out, character <= 0xffff ? "\\u%04X" : "\\U%08X", character);
}

static void
put_quoted(const struct detail *detail, const char *text, size_t len)
{
    const char *end = text + len;

    putc('"', detail->out);
    while (text < end)
        put_character(detail->out, utf8_next(&text, end));
    putc('"', detail->out);
}

/* A '#' would begin a directive, as TODO is one. */
static void
put_name(struct report *report, const struct result *result, const struct verdict *verdict)
{
    struct memory_file memory;
    char *name = NULL;

    if (memory_file_open(&memory)) {
        detail_name(memory.file, result, verdict);
        name = memory_file_close(&memory, NULL);
    }
    if (!name)
        report->incomplete = true;
    for (const char *c = name; c && *c; c++)
        fprintf(report->out, "%s%c", *c == '#' || *c == '\\' ? "\\" : "", *c);
    free(name);
}

static void
put_test(struct report *report, const struct result *result, const struct verdict *verdict)
{
    const struct detail detail = {
        .out = report->out, .indent = 2, .lost = &report->incomplete, .put_text = put_quoted};

    fprintf(report->out, "%sok %u - ", detail_exit(result, verdict) == 0 ? "" : "not ",
            report->chains + 1);
    put_name(report, result, verdict);
    fputs("\n  ---\n", report->out);
    detail_put(&detail, result, verdict);
    fputs("  ...\n", report->out);
}

static void
put_plan(struct report *report)
{
    if (report->failure)
        fprintf(report->out, "Bail out! %s\n", report->failure->message);
    else if (signals_caught())
        fputs("Bail out! interrupted by a signal\n", report->out);
    else
        fprintf(report->out, "1..%u\n", report->chains);
}

const struct format format_tap = {
    .name = "tap", .begin = put_head, .end = put_plan, .chain = put_test};
