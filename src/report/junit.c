/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JUnit's XML: a test case for each chain, and for each target without one, and one more with
 * an error where the run did not get through. The document is kept in memory and written at the
 * end, whole or not at all.
 *
 * It keeps to what the schemas that are around have in common, that of Ant's task and that of
 * Jenkins: no attributes at the root, system-out for the suite alone, times without a zone.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/detail.h"
#include "report/format.h"
#include "report/xml_library.h"
#include "report/xml_text.h"
#include "util/deadline.h"
#include "util/memory_file.h"
#include "util/signals.h"

struct junit {
    mxml_node_t *document, *suite;
    unsigned tests, failures, errors;
    int64_t started;
    struct memory_file details; /* of all chains, for system-out */
    bool broken;                /* memory was short */
};

/* Mini-XML tells it to a function without a context, and else to standard error. */
static bool mxml_failed;

static void
note_error(const char *message)
{
    (void)message;
    mxml_failed = true;
}

static mxml_node_t *
add_element(struct junit *junit, mxml_node_t *parent, const char *name)
{
    mxml_node_t *node = parent ? mxmlNewElement(parent, name) : NULL;

    /* without memory for the name Mini-XML makes one without */
    junit->broken = junit->broken || !node || !mxmlGetElement(node);
    return node;
}

/* Takes a value that may hold anything. */
static void
set_attribute(struct junit *junit, mxml_node_t *node, const char *name, const char *value)
{
    char *text = value ? xml_text_dup(value) : NULL;

    if (text && node)
        mxmlElementSetAttr(node, name, text);
    junit->broken = junit->broken || !text || !node;
    free(text);
}

static void
set_number(struct junit *junit, mxml_node_t *node, const char *name, unsigned number)
{
    char text[16];

    snprintf(text, sizeof text, "%u", number);
    set_attribute(junit, node, name, text);
}

/* The schemas want seconds. */
static void
set_time(struct junit *junit, mxml_node_t *node, double ms)
{
    char text[400];

    snprintf(text, sizeof text, "%.3f", ms / 1e3);
    set_attribute(junit, node, "time", text);
}

static void
add_text(struct junit *junit, mxml_node_t *node, const char *text)
{
    mxml_node_t *opaque = node && text ? mxmlNewOpaque(node, text) : NULL;

    junit->broken = junit->broken || !opaque || !mxmlGetOpaque(opaque);
}

/* What `put` writes, in memory to be freed; NULL where that is short. */
static char *
written(void (*put)(FILE *out, const struct result *result, const struct verdict *verdict),
        const struct result *result, const struct verdict *verdict)
{
    struct memory_file memory;

    if (!memory_file_open(&memory))
        return NULL;
    put(memory.file, result, verdict);
    return memory_file_close(&memory, NULL);
}

/* A text of more than one line goes below its key, each line of it marked by a bar, so that
 * none can pose as one of ours. */
static void
put_marked(const struct detail *detail, const char *text, size_t len)
{
    while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    const char *newline = memchr(text, '\n', len);
    if (!newline) {
        xml_text_write(detail->out, text, len);
        return;
    }
    for (;;) {
        size_t line = newline ? (size_t)(newline - text) : len;
        fprintf(detail->out, "\n%*s| ", detail->indent + 2, "");
        xml_text_write(detail->out, text, line && text[line - 1] == '\r' ? line - 1 : line);
        if (!newline)
            return;
        len -= line + 1;
        text = newline + 1;
        newline = memchr(text, '\n', len);
    }
}

/* As written() does. */
static char *
written_details(const struct result *result, const struct verdict *verdict)
{
    struct memory_file memory;
    bool lost = false;

    if (!memory_file_open(&memory))
        return NULL;
    detail_put(
        &(struct detail){
            .out = memory.file, .indent = 0, .lost = &lost, .put_text = put_marked},
        result, verdict);
    char *text = memory_file_close(&memory, NULL);
    if (!lost)
        return text;
    free(text);
    return NULL;
}

static void
begin_suite(struct junit *junit)
{
    char host[256] = "", stamp[32] = "";
    time_t now = time(NULL);
    struct tm utc;

    junit->suite =
        add_element(junit, add_element(junit, junit->document, "testsuites"), "testsuite");
    if (gethostname(host, sizeof host - 1) != 0 || !*host)
        strcpy(host, "localhost");
    if (gmtime_r(&now, &utc))
        strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    set_attribute(junit, junit->suite, "name", PACKAGE_NAME);
    set_attribute(junit, junit->suite, "package", PACKAGE_NAME);
    set_number(junit, junit->suite, "id", 0);
    set_attribute(junit, junit->suite, "hostname", host);
    set_attribute(junit, junit->suite, "timestamp", stamp);
    mxml_node_t *property =
        add_element(junit, add_element(junit, junit->suite, "properties"), "property");
    set_attribute(junit, property, "name", "version");
    set_attribute(junit, property, "value", PACKAGE_VERSION);
}

static void
begin_document(struct report *report)
{
    struct junit *junit = calloc(1, sizeof *junit);

    report->state = junit;
    if (!junit)
        return;
    mxml_failed = false;
    mxmlSetErrorCallback(note_error);
    mxmlSetWrapMargin(0);
    junit->started = clock_now();
    junit->document = mxmlNewXML("1.0");
    junit->broken = !memory_file_open(&junit->details) || !junit->document ||
                    !mxmlGetElement(junit->document);
    begin_suite(junit);
}

static mxml_node_t *
add_case(struct junit *junit, const char *name, double ms)
{
    mxml_node_t *test = add_element(junit, junit->suite, "testcase");

    /* no dots: they would make packages of host names */
    set_attribute(junit, test, "classname", PACKAGE_NAME);
    set_attribute(junit, test, "name", name);
    set_time(junit, test, ms);
    junit->tests++;
    return test;
}

/* `answered`: by the server. */
static void
add_failure(struct junit *junit, mxml_node_t *test, bool answered, enum outcome outcome,
            const char *message, const char *text)
{
    mxml_node_t *node = add_element(junit, test, answered ? "failure" : "error");

    set_attribute(junit, node, "type", outcome_word(outcome));
    set_attribute(junit, node, "message", message);
    add_text(junit, node, text);
    *(answered ? &junit->failures : &junit->errors) += 1;
}

static void
add_chain(struct report *report, const struct result *result, const struct verdict *verdict)
{
    struct junit *junit = report->state;

    if (!junit || junit->broken)
        return;
    char *name = written(detail_name, result, verdict);
    char *message = written(detail_message, result, verdict);
    char *details = written_details(result, verdict);
    mxml_node_t *test = add_case(junit, name, verdict ? verdict->total_ms : 0);
    enum outcome outcome = detail_outcome(result, verdict);
    if (detail_exit(result, verdict) != 0)
        add_failure(junit, test, outcome_answered(outcome), outcome, message, details);
    if (name && message && details)
        fprintf(junit->details.file, "%s%s\n%s", junit->tests > 1 ? "\n" : "", name, details);
    else
        junit->broken = true;
    free(name);
    free(message);
    free(details);
}

/* An element that has elements begins and ends on a line of its own. */
static const char *
layout(mxml_node_t *node, int where)
{
    mxml_node_t *child = mxmlGetFirstChild(node);
    bool has_text = child && mxmlGetType(child) == MXML_OPAQUE;

    return where == MXML_WS_AFTER_CLOSE || (where == MXML_WS_AFTER_OPEN && !has_text) ? "\n"
                                                                                      : NULL;
}

/* The rest of the suite; false where memory was short at any time. */
static bool
end_suite(struct junit *junit, double ms)
{
    set_number(junit, junit->suite, "tests", junit->tests);
    set_number(junit, junit->suite, "failures", junit->failures);
    set_number(junit, junit->suite, "errors", junit->errors);
    set_time(junit, junit->suite, ms);
    char *details = junit->details.file ? memory_file_close(&junit->details, NULL) : NULL;
    char *text = details ? xml_text_dup(details) : NULL;
    add_text(junit, add_element(junit, junit->suite, "system-out"), text);
    add_element(junit, junit->suite, "system-err");
    free(details);
    free(text);
    return !junit->broken && !mxml_failed;
}

static void
end_document(struct report *report)
{
    struct junit *junit = report->state;

    report->state = NULL;
    report->incomplete = true;
    if (!junit)
        return;
    if (report->failure || signals_caught())
        add_failure(junit, add_case(junit, PACKAGE_NAME, 0), false,
                    report->failure ? report->failure->outcome : OUTCOME_INTERRUPTED,
                    report->failure ? report->failure->message : "interrupted by a signal",
                    "Not every target was tested.\n");
    if (end_suite(junit, clock_ms_since(junit->started)))
        report->incomplete = mxmlSaveFile(junit->document, report->out, layout) != 0;
    if (ferror(report->out)) /* that is told as what it is */
        report->incomplete = false;
    mxmlDelete(junit->document);
    free(junit);
}

const struct format format_junit = {.name = "junit",
                                    .ready = xml_library_load,
                                    .begin = begin_document,
                                    .end = end_document,
                                    .chain = add_chain};
