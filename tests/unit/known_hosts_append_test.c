/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing known hosts files: what the file looks like afterwards, what is refused, a full disk,
 * and several writers at once.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "probe/known_hosts.h"
#include "test_keys.h"
#include "util/signals.h"

#define FILE_NAME "known_hosts"

static useconds_t disk_takes;

int __wrap_fsync(int fd);

int
__wrap_fsync(int fd)
{
    (void)fd;
    return disk_takes > 0 ? usleep(disk_takes) : 0;
}

static void
count_entry(const struct known_hosts_entry *entry, void *context)
{
    (void)entry;
    ++*(unsigned *)context;
}

/* How many lines name the host. */
static unsigned
lines_of(const char *host)
{
    unsigned count = 0;
    assert_int_equal(known_hosts_scan(FILE_NAME, host, 22, count_entry, &count), 0);
    return count;
}

static int
append(const char *path, const char *host, uint16_t port, const char *key)
{
    const struct blob blob = blob_of(key);
    return known_hosts_append(path, host, port, blob.bytes, blob.len, false);
}

static void
assert_file(const char *path, const char *expected)
{
    char *text = read_text(path);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static mode_t
mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

static void
test_append(void **state)
{
    (void)state;
    umask(022);
    assert_int_equal(append("new/known_hosts", "Web1", 22, ED25519), 0);
    assert_int_equal(mode_of("new"), 0700);
    assert_int_equal(mode_of("new/known_hosts"), 0600);
    assert_int_equal(append("new/known_hosts", "web1", 22, ED25519), 0); /* is there */
    assert_int_equal(append("new/known_hosts", "::1", 2222, ECDSA), 0);
    assert_file("new/known_hosts", "web1 " ED25519 "\n[::1]:2222 " ECDSA "\n");
    assert_int_equal(append("a/b/known_hosts", "web1", 22, ED25519), -ENOENT);

    write_text("unended", "# comment"); /* its mode stays, its end is completed */
    assert_int_equal(chmod("unended", 0644), 0);
    assert_int_equal(append("unended", "web1", 22, ED25519), 0);
    assert_file("unended", "# comment\nweb1 " ED25519 "\n");
    assert_int_equal(mode_of("unended"), 0644);

    assert_int_equal(symlink("unended", "link"), 0);
    assert_int_equal(append("link", "web2", 22, ED25519), 0);
    char target[16];
    assert_int_equal(readlink("link", target, sizeof(target)),
                     strlen("unended")); /* still one */
    assert_file("unended", "# comment\nweb1 " ED25519 "\nweb2 " ED25519 "\n");
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    assert_int_equal(append("dangling", "web2", 22, ED25519), 0);
    assert_file("nowhere", "web2 " ED25519 "\n");
}

static void
test_append_refused(void **state)
{
    (void)state;
    static const char before[] = "web1 " ED25519 "\n@revoked web2 " ED25519 "\nweb3 " RSA "\n"
                                 "@cert-authority web4 " ED25519;
    static const char *const bad[] = {"",   "a,b", "a*",  "a?b", "!a",   "@revoked",
                                      "#a", "|1|", "a b", "a\t", "a\nb", "a\x7f"};
    write_text(FILE_NAME, before);
    assert_int_equal(append(FILE_NAME, "web1", 22, ED25519), 0);
    assert_int_equal(append(FILE_NAME, "web1", 22, ED25519_2), -EEXIST);
    assert_int_equal(append(FILE_NAME, "web3", 22, ED25519), -EEXIST);
    assert_int_equal(append(FILE_NAME, "web2", 22, ED25519), -EKEYREVOKED);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(append(FILE_NAME, bad[i], 22, ED25519), -EINVAL);
    assert_int_equal(
        known_hosts_append(FILE_NAME, "h", 22, (const unsigned char *)"x", 1, false), -EINVAL);
    assert_file(FILE_NAME, before);
    assert_int_equal(append(FILE_NAME, "web4", 22, ED25519), 0);
    assert_int_equal(append(FILE_NAME, "web2", 22, ED25519_2), 0); /* that one is not revoked */

    assert_int_equal(append(".", "h", 22, ED25519), -EISDIR);
    assert_int_equal(append("/dev/null", "h", 22, ED25519), 0);
    assert_int_equal(append("/dev/zero", "h", 22, ED25519), -ESPIPE);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(append("fifo", "h", 22, ED25519), -ESPIPE);
}

/* Hashed: no name can be read, each line has a salt of its own, and is found again. */
static void
test_append_hashed(void **state)
{
    (void)state;
    const struct blob key = blob_of(ED25519);
    static const char *const hosts[] = {"Web1", "web2", "web1", "WEB2"};
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
        assert_int_equal(known_hosts_append(FILE_NAME, hosts[i], 22, key.bytes, key.len, true),
                         0);
    assert_int_equal(known_hosts_append(FILE_NAME, "web1", 2222, key.bytes, key.len, true), 0);
    assert_int_equal(append(FILE_NAME, "web1", 22, ED25519), 0); /* is there */
    assert_int_equal(append(FILE_NAME, "web2", 22, ECDSA), -EEXIST);
    char *text = read_text(FILE_NAME);
    unsigned lines = 0;
    assert_null(strcasestr(text, "web"));
    for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1, lines++) {
        assert_memory_equal(line, "|1|", 3);
        assert_memory_equal(line + 60, " " ED25519 "\n", strlen(" " ED25519 "\n"));
    }
    assert_int_equal(lines, 3);
    size_t length = strlen(text) / 3;
    assert_memory_not_equal(text + 3, text + length + 3, 28);
    assert_memory_not_equal(text + 3, text + 2 * length + 3, 28);
    free(text);
    assert_int_equal(lines_of("WEB1"), 1);
    assert_int_equal(lines_of("web2"), 1);
    assert_int_equal(lines_of("web3"), 0);
    unsigned found = 0;
    assert_int_equal(known_hosts_scan(FILE_NAME, "web1", 2222, count_entry, &found), 0);
    assert_int_equal(found, 1);
    assert_int_equal(known_hosts_append(FILE_NAME, "a,b", 22, key.bytes, key.len, true),
                     -EINVAL);
}

/* A write that does not fit leaves nothing of itself. */
static void
test_append_full(void **state)
{
    (void)state;
    struct rlimit before;
    write_text(FILE_NAME, "# comment\n");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 30, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int rc = append(FILE_NAME, "h", 22, ED25519);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(rc, -ENOSPC);
    assert_file(FILE_NAME, "# comment\n");
}

/* Runs append() in a child; its result is the exit status, negated. */
static pid_t
append_in_child(const char *host, const char *key)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(-append(FILE_NAME, host, 22, key));
    return pid;
}

static int
result_of(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return -WEXITSTATUS(status);
}

/* Sixteen at once, each host twice: eight lines, each whole. */
static void
test_append_together(void **state)
{
    (void)state;
    pid_t pids[16];
    write_text(FILE_NAME, "# comment");
    for (int i = 0; i < 16; i++) {
        char host[16];
        snprintf(host, sizeof(host), "web%d", i % 8);
        pids[i] = append_in_child(host, ECDSA);
    }
    for (int i = 0; i < 16; i++)
        assert_int_equal(result_of(pids[i]), 0);
    for (int i = 0; i < 8; i++) {
        char host[16];
        snprintf(host, sizeof(host), "web%d", i);
        assert_int_equal(lines_of(host), 1);
    }
    struct stat status;
    assert_int_equal(stat(FILE_NAME, &status), 0);
    assert_int_equal(status.st_size, 10 + 8 * strlen("web0 " ECDSA "\n"));
}

/* Each run would add a name that no reading finds. */
static void
test_append_long_name(void **state)
{
    (void)state;
    const struct blob blob = blob_of(ED25519);
    char name[KNOWN_HOSTS_PATTERN_LIMIT + 1] = "";
    memset(name, 'a', KNOWN_HOSTS_PATTERN_LIMIT);
    write_text(FILE_NAME, "");
    assert_int_equal(append(FILE_NAME, name, 22, ED25519), -EINVAL);
    assert_file(FILE_NAME, "");
    assert_int_equal(known_hosts_append(FILE_NAME, name, 22, blob.bytes, blob.len, true), 0);
    assert_int_equal(lines_of(name), 1);
    name[KNOWN_HOSTS_PATTERN_LIMIT - 1] = '\0';
    assert_int_equal(append(FILE_NAME, name, 22, ED25519), 0);
    assert_int_equal(lines_of(name), 1);
}

/* Nobody waits for the disk of another: thirty of them would do so for longer than for a lock.
 */
static void
test_append_slow_disk(void **state)
{
    (void)state;
    pid_t pids[30];
    disk_takes = 500000;
    for (int i = 0; i < 30; i++) {
        char host[16];
        snprintf(host, sizeof(host), "web%d", i);
        pids[i] = append_in_child(host, ED25519);
    }
    for (int i = 0; i < 30; i++)
        assert_int_equal(result_of(pids[i]), 0);
    disk_takes = 0;
    for (int i = 0; i < 30; i++) {
        char host[16];
        snprintf(host, sizeof(host), "web%d", i);
        assert_int_equal(lines_of(host), 1);
    }
}

/* Two keys for one host at once: one of them is refused. */
static void
test_append_contradiction(void **state)
{
    (void)state;
    write_text(FILE_NAME, "");
    pid_t first = append_in_child("web1", ED25519), second = append_in_child("web1", ED25519_2);
    int results = result_of(first) + result_of(second);
    assert_int_equal(results, -EEXIST);
    assert_int_equal(lines_of("web1"), 1);
}

static int
lock_file(void)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(FILE_NAME, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
    return fd;
}

static void
test_append_locked(void **state)
{
    (void)state;
    write_text(FILE_NAME, "");
    int fd = lock_file();
    assert_int_equal(append(FILE_NAME, "web1", 22, ED25519), -ETIMEDOUT);
    assert_file(FILE_NAME, "");

    /* Who waits for a file that is then replaced, as ssh-keygen -R does, writes to the new one.
     */
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(fd); /* the lock is the parent's as well, and stays */
        _exit(-append(FILE_NAME, "web1", 22, ED25519));
    }
    usleep(200000);
    write_text("replacement", "# new\n");
    assert_int_equal(rename("replacement", FILE_NAME), 0);
    close(fd);
    assert_int_equal(result_of(pid), 0);
    assert_file(FILE_NAME, "# new\nweb1 " ED25519 "\n");
}

/* A signal ends the wait for the lock, and the reading of a file: nothing is written. The
 * signal is caught for good, hence the child. */
static void
test_append_interrupted(void **state)
{
    (void)state;
    write_text(FILE_NAME, "# comment\n");
    int fd = lock_file();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        unsigned count = 0;
        signals_install();
        bool good = append(FILE_NAME, "web1", 22, ED25519) == -EINTR;
        good = good && signals_caught() == SIGTERM;
        close(fd);
        good = good && append(FILE_NAME, "web1", 22, ED25519) == -EINTR;
        good = good && known_hosts_scan(FILE_NAME, "web1", 22, count_entry, &count) == -EINTR;
        _exit(good ? 0 : 1);
    }
    usleep(500000);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(result_of(pid), 0);
    close(fd);
    assert_file(FILE_NAME, "# comment\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(test_append),           IN_DIRECTORY(test_append_refused),
        IN_DIRECTORY(test_append_hashed),    IN_DIRECTORY(test_append_full),
        IN_DIRECTORY(test_append_together),  IN_DIRECTORY(test_append_contradiction),
        IN_DIRECTORY(test_append_locked),    IN_DIRECTORY(test_append_slow_disk),
        IN_DIRECTORY(test_append_long_name), IN_DIRECTORY(test_append_interrupted),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
