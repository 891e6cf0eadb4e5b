/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of reports of many targets: results of some that were listed.
 */
#ifndef REPORT_MANY_FIXTURE_H
#define REPORT_MANY_FIXTURE_H

#include "probe/result.h"
#include "probe/verdict.h"

#define TARGETS 8

/* A verdict for each result; a test changes what it likes. */
extern struct verdict verdicts[TARGETS];
extern struct result results[TARGETS];

/* A test's setup: targets "user0@h" and so on, all with a list; json_request and json_settings
 * as they are at first. */
int make_results(void **state);

#endif
