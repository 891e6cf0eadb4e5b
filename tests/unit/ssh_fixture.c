/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See ssh_fixture.h.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "child_fixture.h"
#include "ssh_fixture.h"
#include "util/program.h"

static char ssh_path[1024];

struct answer {
    char text[32768];
    size_t len;
};

static void
keep(void *context, const char *bytes, size_t len)
{
    struct answer *answer = context;

    assert_true(len < sizeof(answer->text) - answer->len);
    memcpy(answer->text + answer->len, bytes, len);
    answer->len += len;
    answer->text[answer->len] = '\0';
}

/* The value of a line "keyword value"; false where there is none. */
static bool
value_of(const char *text, const char *keyword, char *value, size_t size)
{
    size_t keyword_len = strlen(keyword);

    for (; *text != '\0'; text += strcspn(text, "\n"), text += *text == '\n') {
        size_t len = strcspn(text, "\n");
        if (len <= keyword_len || strncmp(text, keyword, keyword_len) != 0 ||
            text[keyword_len] != ' ')
            continue;
        len -= keyword_len + 1;
        assert_true(len < size);
        memcpy(value, text + keyword_len + 1, len);
        value[len] = '\0';
        return true;
    }
    return false;
}

bool
ssh_is_there(void)
{
    return program_find("ssh", ssh_path, sizeof(ssh_path));
}

bool
ssh_parses(const char *text, struct ssh_target *target)
{
    static struct answer answer;
    const char *argv[] = {ssh_path, "-G", "-F", "none", "--", text, NULL};
    struct child_output output;
    struct child child = {.argv = (char *const *)(uintptr_t)argv,
                          .deadline = deadline_after(CHILD_PATIENCE * DEADLINE_SECOND),
                          .watch_fd = -1,
                          .take = keep,
                          .context = &answer};
    char port[16];

    answer.len = 0;
    answer.text[0] = '\0';
    assert_int_equal(child_run(&child, NULL, &output), CHILD_EXITED);
    assert_true(WIFEXITED(output.status));
    if (WEXITSTATUS(output.status) != 0) {
        assert_int_equal(WEXITSTATUS(output.status), 255);
        return false;
    }
    assert_true(value_of(answer.text, "user", target->user, sizeof(target->user)));
    /* `host` is as typed; older versions print only `hostname`, where they made 127.0.0.1 of
     * 127.1 */
    assert_true(value_of(answer.text, "host", target->host, sizeof(target->host)) ||
                value_of(answer.text, "hostname", target->host, sizeof(target->host)));
    assert_true(value_of(answer.text, "port", port, sizeof(port)));
    target->port = (unsigned)strtoul(port, NULL, 10);
    return true;
}
