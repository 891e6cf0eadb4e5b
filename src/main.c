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

/* Every chain of every target; the status of the first, in input order, that is not 0. */
static int
run(const struct command *command, struct report *report)
{
    struct pool_state state = {.read = command->target_count, .read_all = true, .running = 1};
    int status = 0;

    report_start(report);
    for (size_t i = 0; i < command->target_count && !signals_caught() && !report_broken(report);
         i++) {
        report_progress(report, &state);
        struct result result = {.request = &command->targets[i],
                                .expected = command->settings.expected};
        const struct result_watch watch = report_watch(report, &result);
        result_run(&result, command->chains, command->chain_count, true, &watch);
        report_result(report, &result);
        status = status ? status : result.exit_status;
        state.done++;
        state.failed += result.exit_status != 0;
        result_free(&result);
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
