/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of the json format: a request, and the line that is written of its result.
 */
#ifndef JSON_FIXTURE_H
#define JSON_FIXTURE_H

#include <stdbool.h>

#include "report/report.h"

extern struct settings json_settings;
extern struct request json_request; /* refers to them */

/* A setup of cmocka's: both as they are to begin with. */
int json_reset(void **state);

/* The line of the result, or an empty text; to be freed. */
char *json_render(const struct result *result, bool verbose, struct report *report);

#endif
