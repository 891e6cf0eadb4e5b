/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a report says of the way to a server: names, addresses, proxies, stages and their times.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report_fixture.h"

static struct settings settings;
static const struct chain listing;
static struct request request;
static struct verdict verdict;

static int
setup(void **state)
{
    (void)state;
    request = (struct request){.settings = &settings,
                               .user = "alice",
                               .host = "web1",
                               .port = 2222,
                               .label = "alice@web1",
                               .route.hostname = "web1"};
    verdict = (struct verdict){.request = &request,
                               .chain = &listing,
                               .met = true,
                               .outcome = OUTCOME_UNREACHABLE,
                               .stage = STAGE_CONNECT};
    report_verbose = false;
    return 0;
}

static void
test_first_line(void **state)
{
    (void)state;
    static const struct {
        const char *hostname, *address, *jump, *command, *line;
    } rows[] = {
        {"web1", "", NULL, NULL, "web1 port 2222"},
        {"web1", "192.0.2.7", NULL, NULL, "web1 port 2222 (192.0.2.7)"},
        {"web1.example", "", NULL, NULL, "web1 port 2222 (web1.example)"},
        {"web1.example", "192.0.2.7", NULL, NULL, "web1 port 2222 (web1.example, 192.0.2.7)"},
        {"192.0.2.7", "192.0.2.7", NULL, NULL, "web1 port 2222 (192.0.2.7)"},
        {"web1", "web1", NULL, NULL, "web1 port 2222"},
        {"web1", "", "bob@gate:22,inner", NULL, "web1 port 2222 via bob@gate:22,inner"},
        {"10.0.0.7", "", "gate", NULL, "web1 port 2222 (10.0.0.7) via gate"},
        {"web1", "", "g\033[2J", NULL, "web1 port 2222 via g\\x1B[2J"},
        {"web1", "", NULL, "nc %h %p", "web1 port 2222 through a proxy command"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        request.route.hostname = rows[i].hostname;
        request.route.jump = rows[i].jump;
        request.route.proxy_command = rows[i].command;
        snprintf(verdict.address, sizeof(verdict.address), "%s", rows[i].address);
        EXPECT_LINES(&verdict, rows[i].line);
    }
}

/* Only a timeout tells how long it took: the stage's own time, and all. */
static void
test_stage(void **state)
{
    (void)state;
    failure_set(&verdict.failure, OUTCOME_UNREACHABLE, "no way");
    EXPECT_LINES(&verdict, "unreachable: no way (stage connect)");
    verdict.outcome = OUTCOME_TIMEOUT;
    verdict.stage = STAGE_KEX;
    verdict.ms[STAGE_KEX] = 2500;
    verdict.total_ms = 3049;
    EXPECT_LINES(&verdict, "timeout: no way (stage kex, 2.5 s there, 3.0 s in all)");

    char *log;
    char *text = report_render(&verdict, true, false, &log);
    assert_string_equal(text, "");
    assert_string_equal(
        log, "ssh-authtest: alice@web1: no way (stage kex, 2.5 s there, 3.0 s in all)\n");
    free(text);
    free(log);
}

static void
test_times(void **state)
{
    (void)state;
    report_verbose = true;
    request.note = "of no use here";
    verdict.reached[STAGE_RESOLVE] = verdict.reached[STAGE_CONNECT] = true;
    verdict.ms[STAGE_RESOLVE] = 0.25;
    verdict.ms[STAGE_CONNECT] = 1;
    verdict.total_ms = 1.26;
    EXPECT_LINES(&verdict, "note: of no use here",
                 "time: resolve 0.2 ms, connect 1.0 ms, total 1.3 ms");
    memset(verdict.reached, 0, sizeof(verdict.reached));
    verdict.reached[STAGE_PROXY] = verdict.reached[STAGE_BANNER] = true;
    verdict.ms[STAGE_PROXY] = 3;
    EXPECT_LINES(&verdict, "time: proxy 3.0 ms, banner 0.0 ms, total 1.3 ms");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_first_line, setup),
        cmocka_unit_test_setup(test_stage, setup),
        cmocka_unit_test_setup(test_times, setup),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
