/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was expected of a chain, against what came of it. Pure: it looks at the verdict and at
 * the settings behind it, and asks nobody.
 */
#ifndef EXPECT_H
#define EXPECT_H

#include "probe/verdict.h"

/*
 * Sets met, unmet[], unmet_count and exit_status, from the outcome, the lists of methods that
 * came and what each gssapi-with-mic step says of delegation. All that is expected has to be
 * met:
 *   -e                    the outcome is one of these; the exit status is then 0
 *   --expect-offered      the first list that came is this set
 *   --forbid-offered      none of these is in any list that came
 *   --require-delegation  no gssapi-with-mic step that the server accepted went without
 * Where no list came at all, nothing is known of what is offered, and that is not met. What
 * is met without -e leaves the outcome's own status; what is not met is 14 where the server did
 * answer the question, else the outcome's own status.
 */
void expect_judge(struct verdict *verdict);

#endif
