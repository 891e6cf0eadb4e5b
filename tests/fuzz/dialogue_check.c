/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes out: the report in each format, and the trace. Nothing in it may move a terminal's
 * cursor, and no secret may be in it.
 */
#include <config.h>

#include "dialogue.h"
#include "dialogue_check.h"

#include <string.h>

#include <jansson.h>

#include "report/format.h"
#include "util/memory_file.h"

/* Not to be counted as code that an input reaches. */
#ifdef __clang__
#define NOT_COUNTED __attribute__((no_sanitize("coverage")))
#else
#define NOT_COUNTED
#endif

/* Bytes of a character in UTF-8 without controls, C1 included; 0: it is none. */
static NOT_COUNTED size_t
character(const unsigned char *at, size_t left)
{
    size_t len = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;

    if (len == 0 || len > left || *at > 0xf4 || *at == 0x7f || *at < ' ')
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    }
    return *at == 0xc2 && at[1] < 0xa0 ? 0 : len;
}

NOT_COUNTED void
check_text(const char *text, size_t len, bool lines)
{
    const unsigned char *at = (const unsigned char *)text;

    for (size_t i = 0; i < len;) {
        size_t step = character(at + i, len - i);
        if (lines && !step && (at[i] == '\n' || at[i] == '\t'))
            step = 1;
        REQUIRE(step);
        i += step;
    }
}

static void
check_output(struct memory_file *memory, bool may_quote_secret)
{
    size_t len;
    char *text = memory_file_close(memory, &len);

    REQUIRE(text && len == strlen(text));
    check_text(text, len, true);
    REQUIRE(may_quote_secret || !strstr(text, SECRET));
    free(text);
}

static bool
holds_secret(void)
{
    return dialogue.records_len &&
           memmem(dialogue.records, dialogue.records_len, SECRET, strlen(SECRET));
}

void
printed_begin(struct printed *printed, const char *format)
{
    const struct report_style style = {
        .format = format, .color = COLOR_NEVER, .verbose = 1, .many = dialogue.crowd};

    REQUIRE(memory_file_open(&printed->out) && memory_file_open(&printed->log));
    printed->is_json = strcmp(format, "json") == 0;
    report_init(&printed->report, &style);
    printed->report.out = printed->out.file;
    printed->report.log = printed->log.file;
    printed->report.out_shown = printed->report.log_shown = false;
    report_start(&printed->report);
}

/* Each line is a value. */
static void
check_json(struct memory_file *memory)
{
    size_t len;
    char *text = memory_file_close(memory, &len);
    json_error_t error;

    REQUIRE(text);
    json_t *value = json_loads(text, JSON_ALLOW_NUL, &error);
    REQUIRE(json_is_object(value));
    json_decref(value);
    check_text(text, len, true);
    REQUIRE(holds_secret() || !strstr(text, SECRET));
    free(text);
}

void
printed_end(struct printed *printed, struct result *result)
{
    const struct failure none = FAILURE_INIT;

    report_result(&printed->report, result);
    REQUIRE(report_finish(&printed->report, &none, 0) == result->exit_status);
    if (printed->is_json)
        check_json(&printed->out);
    else
        check_output(&printed->out, holds_secret());
    check_output(&printed->log, holds_secret());
}
