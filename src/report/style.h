/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the command line says of the report: plain data, which cli/ writes.
 */
#ifndef STYLE_H
#define STYLE_H

#include <stdbool.h>

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER }; /* AUTO: see report_init() */

struct report_style {
    const char *format; /* a word of --format's */
    enum color_mode color;
    bool quiet;       /* -q: no report in the text format */
    unsigned verbose; /* how many -v */
    bool many;        /* results come from several threads: see report_watch() */
    bool summary;     /* there is more than one target, or a list of them */
};

#endif
