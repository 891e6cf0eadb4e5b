/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report as the pool sees it.
 */
#include <config.h>

#include "report/report.h"

static struct result_watch
watch(void *context, struct task *task)
{
    return report_watch(context, &task->result);
}

static void
done(void *context, struct task *task)
{
    report_result(context, &task->result);
}

static bool
broken(void *context)
{
    return report_broken(context);
}

static void
progress(void *context, const struct pool_state *state)
{
    report_progress(context, state);
}

static void
prompting(void *context, bool begins)
{
    report_prompting(context, begins);
}

struct pool_sink
report_sink(struct report *report)
{
    /* where no progress will be shown nobody has to wake up for it */
    return (struct pool_sink){.watch = watch,
                              .done = done,
                              .broken = broken,
                              .progress =
                                  report->summary && report->progress.able ? progress : NULL,
                              .prompting = prompting,
                              .context = report};
}
