/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A report into memory, and the check of it.
 */
#ifndef DIALOGUE_CHECK_H
#define DIALOGUE_CHECK_H

#include "report/report.h"
#include "util/memory_file.h"

/* In each answer that comes out of the environment. */
#define SECRET "sEcReT-aNsWeR"

struct printed {
    struct report report;
    struct memory_file out, log;
    bool is_json;
};

/* Opens a report of one target; report_watch() is to be called with it before the run. */
void printed_begin(struct printed *printed, const char *format);

/* Ends it, and looks at what it is. */
void printed_end(struct printed *printed, struct result *result);

#endif
