/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parse, run, report, exit status.
 */
#include <config.h>

#include <unistd.h>

#include "ask/variable.h"
#include "cli/options.h"
#include "probe/probe.h"
#include "report/report.h"
#include "util/harden.h"
#include "util/signals.h"
#include "util/worker.h"

/* One target: its chains, or, once a signal was caught, none. */
static int
run_target(const struct command *command, size_t number, struct report *report)
{
    struct failure failure = FAILURE_INIT;
    struct result result = {.request = &command->targets[number],
                            .expected = command->settings.expected};
    const struct result_watch watch = report_watch(report, &result);

    if (signals_caught()) {
        failure_set(&failure, OUTCOME_INTERRUPTED, "interrupted by a signal");
        result_fail(&result, &failure);
    } else {
        result_run(&result, command->chains, command->chain_count, true, &watch);
    }
    report_result(report, &result);
    result_free(&result);
    return result.exit_status;
}

/* Every target; the status of the first, in input order, that is not 0. */
static int
run(const struct command *command, struct report *report)
{
    struct pool_state state = {.read = command->target_count, .read_all = true, .running = 1};
    int status = 0;

    report_start(report);
    for (size_t i = 0; i < command->target_count && !report_broken(report); i++) {
        report_progress(report, &state);
        int ended = run_target(command, i, report);
        state.done++;
        state.failed += ended != 0;
        status = status ? status : ended;
    }
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
    report_init(&report, &(struct report_style){.format = command.format,
                                                .color_always = command.color == COLOR_ALWAYS,
                                                .color_never = command.color == COLOR_NEVER,
                                                .quiet = command.quiet,
                                                .verbose = command.verbose > 0,
                                                .summary = command.target_count > 1});
    if (parsed && command.action != COMMAND_PROBE)
        (command.action == COMMAND_HELP ? options_print_help
                                        : options_print_version)(report.out);
    else if (parsed && probe_setup(&failure))
        status = run(&command, &report);
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
