/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a format of the report has to have. A format writes to report->out alone, and need not
 * look for errors there: report_finish() does. Where memory is short it writes nothing of the
 * result, and sets report->incomplete. To add one is a file with its functions, and a row in
 * report.c.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include "report/report.h"

struct format {
    const char *name; /* as --format has it */
    /* Each of these may be NULL. False, with INTERNAL, where what it needs is not there. */
    bool (*ready)(struct failure *failure);
    /* Before anything else, and behind everything. */
    void (*begin)(struct report *report);
    void (*end)(struct report *report);
    /* For each chain as it ends, once with NULL for a target that has none, because of its
     * failure; and for each target behind its last chain. A format has one of the two. */
    void (*chain)(struct report *report, const struct result *result,
                  const struct verdict *verdict);
    void (*target)(struct report *report, const struct result *result);
};

extern const struct format format_junit;
extern const struct format format_tap;
extern const struct format format_text;
extern const struct format format_json;

#endif
