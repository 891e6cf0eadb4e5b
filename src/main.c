/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parse, run, report, exit status.
 */
#include <config.h>

#include <stdlib.h>
#include <unistd.h>

#include "ask/variable.h"
#include "cli/options.h"
#include "probe/pool.h"
#include "probe/probe.h"
#include "report/report.h"
#include "util/harden.h"
#include "util/signals.h"
#include "util/worker.h"

enum { JOBS = 64, PER_ADDRESS = 8 };

struct run {
    const struct command *command;
    struct report *report;
    struct failure *failure;
    size_t next;
    int status; /* of the first target, in input order, whose status is not 0 */
};

static void
release(struct task *task)
{
    free(task);
}

static enum pool_feed
next(void *context, struct task **task)
{
    struct run *run = context;
    const struct command *command = run->command;

    if (run->next == command->target_count)
        return POOL_END;
    *task = calloc(1, sizeof **task);
    if (!*task) {
        failure_no_memory(run->failure);
        return POOL_END;
    }
    **task = (struct task){
        .request = command->targets[run->next++],
        .chains = command->chains,
        .chain_count = command->chain_count,
        .release = release,
        .result = {.expected = command->settings.expected, .place = {.named = ""}}};
    return POOL_TASK;
}

static struct result_watch
watch(void *context, struct task *task)
{
    return report_watch(((struct run *)context)->report, &task->result);
}

static void
done(void *context, struct task *task)
{
    struct run *run = context;

    report_result(run->report, &task->result);
    run->status = run->status ? run->status : task->result.exit_status;
}

static int
run(const struct command *command, struct report *report, struct failure *failure)
{
    struct run run = {.command = command, .report = report, .failure = failure};
    struct pool_plan plan = {.jobs = command->target_count > 1 ? JOBS : 1,
                             .per_address = PER_ADDRESS,
                             .next = next,
                             .watch = watch,
                             .done = done,
                             .context = &run};

    report_start(report);
    pool_run(&plan, failure);
    return run.status;
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
