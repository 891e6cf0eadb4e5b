/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines of JSON for tests.
 */
#include <config.h>

#include "json_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/format.h"
#include "report_fixture.h"

struct settings json_settings;
struct request json_request;

int
json_reset(void **state)
{
    struct failure failure = FAILURE_INIT;

    (void)state;
    assert_true(format_json.ready(&failure));
    json_settings = (struct settings){.expected = 0};
    json_request = (struct request){.settings = &json_settings,
                                    .user = "alice",
                                    .host = "bastion",
                                    .port = 22,
                                    .label = "alice@bastion",
                                    .route.hostname = "bastion.example"};
    return 0;
}

char *
json_render(const struct result *result, bool verbose, struct report *report)
{
    *report = (struct report){.format = &format_json, .quiet = true, .verbose = verbose};
    char *text = report_render_result(report, result);
    for (const char *c = text; *c; c++)
        assert_true((*c >= ' ' && *c < 0x7f) || (*c == '\n' && !c[1]));
    return text;
}
