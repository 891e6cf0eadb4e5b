/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of the tests are private whatever the umask is.
 */
#include <config.h>

#include "ask_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ask/source.h"
#include "ask/variable.h"

static char folder[] = "/tmp/ask_test.XXXXXX";

int
fixture_set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

int
fixture_tear_down(void **state)
{
    (void)state;
    variable_forget_all();
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        unlinkat(dirfd(dir), entry->d_name, 0);
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return rmdir(folder);
}

const char *
fixture_path(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

const char *
fixture_file(const char *name, const void *bytes, size_t len)
{
    const char *path = fixture_path(name);
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
    return path;
}

const char *
fixture_source(const char *prefix, const char *name, const char *text)
{
    static char source[160];
    snprintf(source, sizeof source, "%s%s", prefix, fixture_file(name, text, strlen(text)));
    return source;
}

/* Reads it into a new secret; the failure is returned. */
static struct failure
read_source(const char *text, struct secret *secret)
{
    struct failure failure = FAILURE_INIT;
    struct source source;
    const char *why;
    assert_true(source_known(text));
    assert_true(source_init(&source, text, &why));
    assert_true(secret_init(secret));
    bool good = source_read(&source, LOGIN, FAR, secret, &failure);
    assert_true(good != failure_is_set(&failure));
    source_free(&source);
    return failure;
}

void
expect_source(const char *text, const char *answer, size_t len)
{
    struct secret secret;
    struct failure failure = read_source(text, &secret);
    if (failure_is_set(&failure)) {
        fail_msg("%s", failure.message);
    }
    assert_int_equal(secret.len, len);
    assert_memory_equal(secret.text, answer, len);
    assert_int_equal(secret.text[len], '\0');
    secret_free(&secret);
}

void
expect_failure(const char *text, enum outcome outcome, const char *words)
{
    struct secret secret;
    struct failure failure = read_source(text, &secret);
    if (!failure_is_set(&failure)) {
        fail_msg("%s: an answer", text);
    }
    assert_int_equal(failure.outcome, outcome);
    if (strstr(failure.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", failure.message, words);
    }
    secret_free(&secret);
}

pid_t
fork_to_sleep(int milliseconds)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0 && milliseconds > 0) {
        usleep((useconds_t)milliseconds * 1000);
    }
    return pid;
}
