/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of targets for tests.
 */
#include <config.h>

#include "feed_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "options_fixture.h"

struct command feed_command;
struct failure feed_failure;
struct feed *feed;

static char folder[64];

int
feed_enter(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/feed_test.XXXXXX");
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

int
feed_leave(void **state)
{
    static const char *const names[] = {"hosts", "key", "rules", "ssh"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(names[i]);
    return chdir("/") != 0 || rmdir(folder) != 0;
}

void
feed_write(const char *name, const void *bytes, size_t len)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0700);

    assert_true(fd >= 0);
    assert_true(write(fd, bytes, len) == (ssize_t)len);
    assert_int_equal(close(fd), 0);
}

bool
feed_begin(const char *const *args)
{
    if (!parse(&feed_command, &feed_failure, args))
        fail_msg("%s", feed_failure.message);
    feed = feed_open(&feed_command, &feed_failure);
    assert_int_equal(feed == NULL, failure_is_set(&feed_failure));
    return feed != NULL;
}

void
feed_finish(void)
{
    feed_close(feed);
    feed = NULL;
    options_free(&feed_command);
}

struct task *
feed_take(void)
{
    struct task *task = NULL;

    assert_int_equal(feed_next(feed, &task), TASK_READY);
    assert_non_null(task);
    return task;
}

bool
feed_at_end(void)
{
    struct task *task;

    return feed_next(feed, &task) == TASK_END && feed_next(feed, &task) == TASK_END;
}

bool
feed_prepare(struct task *task)
{
    feed_failure = FAILURE_INIT;
    assert_false(failure_is_set(&task->result.failure));
    return task->prepare == NULL || task->prepare(task, &feed_failure);
}

void
feed_write_list(const char *text)
{
    feed_write("hosts", text, strlen(text));
}

void
feed_expect_host(const char *host, unsigned long line)
{
    struct task *task = feed_take();

    assert_string_equal(task->result.failure.message, "");
    if (!feed_prepare(task))
        fail_msg("%s", feed_failure.message);
    assert_string_equal(task->request.host, host);
    assert_int_equal(task->result.place.line, line);
    task->release(task);
}

void
feed_expect_bad(const char *message, unsigned long line)
{
    struct task *task = feed_take();
    const struct result *result = &task->result;
    char text[sizeof(result->failure.message) + 256];

    snprintf(text, sizeof(text), "%s:%lu: %s", result->place.file, result->place.line,
             result->failure.message);
    assert_string_equal(text, message);
    assert_int_equal(task->result.failure.outcome, OUTCOME_USAGE);
    assert_int_equal(task->result.place.line, line);
    task->release(task);
}

void
feed_expect_end(const char *failure)
{
    struct failure found = FAILURE_INIT;

    assert_true(feed_at_end());
    assert_int_equal(feed_failed(feed, &found), failure != NULL);
    assert_string_equal(found.message, failure != NULL ? failure : "");
}
