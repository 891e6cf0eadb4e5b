/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parse, run, report, exit status.
 */
#include <config.h>

#include <unistd.h>

#include "ask/variable.h"
#include "cli/feed.h"
#include "probe/probe.h"
#include "report/report.h"
#include "util/harden.h"
#include "util/signals.h"
#include "util/worker.h"

/* Every chain of a target. */
static int
run_task(struct task *task, struct report *report)
{
    struct failure *failure = &task->result.failure;
    const struct result_watch watch = report_watch(report, &task->result);

    if (failure_is_set(failure) || (task->prepare && !task->prepare(task, failure))) {
        result_fail(&task->result, failure);
    } else {
        task->result.request = &task->request;
        result_run(&task->result, task->chains, task->chain_count, true, &watch);
    }
    report_result(report, &task->result);
    int status = task->result.exit_status;
    result_free(&task->result);
    task->release(task);
    return status;
}

/* Every target; the status of the first, in input order, that is not 0. */
static int
run(const struct command *command, struct report *report, struct failure *failure)
{
    struct feed *feed = feed_open(command, failure);
    enum feed_result next = FEED_END;
    struct task *task;
    int status = 0;

    if (!feed)
        return 0;
    report_start(report);
    while (!signals_caught() && (next = feed_next(feed, &task)) != FEED_END) {
        struct pollfd input = {.fd = feed_fd(feed), .events = POLLIN};
        int ended = next == FEED_TASK ? run_task(task, report) : 0;
        if (next == FEED_WAIT)
            signals_poll(&input, 1, NULL);
        status = status ? status : ended;
    }
    feed_failed(feed, failure);
    feed_close(feed);
    return status;
}

int
main(int argc, char **argv)
{
    struct failure failure = FAILURE_INIT;
    struct command command;
    struct report report;
    int status = 0;

    harden_process();
    signals_install();
    bool parsed = options_parse(&command, argc, argv, &failure);
    report_init(&report, command.format, command.color == COLOR_ALWAYS,
                command.color == COLOR_NEVER, command.quiet, command.verbose > 0);
    if (parsed && command.action != COMMAND_PROBE)
        (command.action == COMMAND_HELP ? options_print_help
                                        : options_print_version)(report.out);
    else if (parsed && probe_setup(&failure))
        status = run(&command, &report, &failure);
    status = report_finish(&report, &failure, command.settings.expected, status);
    options_free(&command);
    variable_forget_all();
    probe_teardown();
    signals_check(); /* one that came after the last wait */
    signals_raise_again();
    /* exit(3) would pull libraries from under a thread that still waits for a KDC */
    if (worker_any_abandoned())
        _exit(status);
    return status;
}
