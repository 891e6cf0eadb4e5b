/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parse, run, report, exit status.
 */
#include <config.h>

#include <unistd.h>

#include "ask/variable.h"
#include "cli/feed.h"
#include "probe/pool.h"
#include "probe/probe.h"
#include "report/report.h"
#include "util/harden.h"
#include "util/signals.h"
#include "util/worker.h"

/* Every chain of every target. */
static void
run(const struct command *command, struct report *report, struct failure *failure)
{
    struct feed *feed = feed_open(command, failure);

    if (!feed)
        return;
    report_start(report);
    pool_run(&(struct pool_plan){.jobs = command->jobs,
                                 .per_address = command->per_address,
                                 .source = feed_source(feed),
                                 .sink = report_sink(report)},
             failure);
    feed_failed(feed, failure);
    feed_close(feed);
}

int
main(int argc, char **argv)
{
    struct failure failure = FAILURE_INIT;
    struct command command;
    struct report report;

    harden_process();
    signals_install();
    bool parsed = options_parse(&command, argc, argv, &failure);
    report_init(&report, &command.style);
    if (parsed && command.action != COMMAND_PROBE)
        options_print(command.action, report.out);
    else if (parsed && report_ready(&report, &failure) && probe_setup(&failure))
        run(&command, &report, &failure);
    int status = report_finish(&report, &failure, command.settings.expected);
    options_free(&command);
    variable_forget_all();
    probe_teardown();
    signals_raise_again();
    /* exit(3) would pull libraries from under a thread that still waits for a KDC */
    if (worker_any_abandoned())
        _exit(status);
    return status;
}
