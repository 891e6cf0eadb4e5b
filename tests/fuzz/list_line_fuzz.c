/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of targets: what the reader makes of a file or a pipe, the words of each line, and its
 * options on top of a command line. The first byte of the input chooses the limit of a line and
 * the command line. No program is run and no file looked at: functions here stand for those.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>

#include "ask/variable.h"
#include "cli/line.h"
#include "cli/reader.h"
#include "cli/sshconfig.h"
#include "cli/target.h"
#include "cli/words.h"
#include "fuzz_file.h"
#include "keys/keyfile.h"

/* ---- what is not tried ---- */

bool __wrap_gss_choice_check(const struct gss_choice *choice, struct failure *failure);
bool __wrap_keyfile_load(struct keyfile *keyfile, const char *path, struct failure *failure);
bool __wrap_respond_add_file(struct respond_rules *rules, const char *path,
                             struct failure *failure);
bool __wrap_respond_check(const struct respond_rules *rules, struct failure *failure);
bool __wrap_sshconfig_read(const struct sshconfig_query *query, struct sshconfig *config,
                           struct failure *failure);

/* Something is wrong with half of them. */
static bool
choose(const char *name, enum outcome outcome, struct failure *failure)
{
    if (strlen(name) % 2 == 0)
        return true;
    failure_set(failure, outcome, "it is odd");
    return false;
}

bool
__wrap_gss_choice_check(const struct gss_choice *choice, struct failure *failure)
{
    return choose(choice->ccache ? choice->ccache : "", OUTCOME_GSSAPI_FAILURE, failure);
}

bool
__wrap_keyfile_load(struct keyfile *keyfile, const char *path, struct failure *failure)
{
    *keyfile = (struct keyfile){.is_private = false};
    return choose(path, OUTCOME_CREDENTIAL, failure);
}

bool
__wrap_respond_add_file(struct respond_rules *rules, const char *path, struct failure *failure)
{
    (void)rules;
    return choose(path, OUTCOME_USAGE, failure);
}

bool
__wrap_respond_check(const struct respond_rules *rules, struct failure *failure)
{
    (void)rules, (void)failure;
    return true;
}

bool
__wrap_sshconfig_read(const struct sshconfig_query *query, struct sshconfig *config,
                      struct failure *failure)
{
    static const char *const texts[] = {
        "", "user cfg\nhostname found\nport 2222\nhostkeyalias alias\n",
        "user cfg\nhostname found\nport 22\nproxyjump j\nstricthostkeychecking yes\n",
        ("user cfg\nhostname found\nport 22\nproxycommand nc %h %p\nconnecttimeout 5\n"
         "userknownhostsfile /a\nglobalknownhostsfile /b\nbindaddress 127.0.0.1\n")};
    char *text = strdup(texts[strlen(query->host) % 4]);

    REQUIRE(text);
    bool good = choose(query->file ? query->file : "", OUTCOME_USAGE, failure) &&
                sshconfig_parse(text, config, failure);
    if (!good)
        *config = (struct sshconfig){.user = NULL};
    free(text);
    return good;
}

/* ---- words ---- */

/* Quoted anew they are the same. */
static void
try_words(const char *line, size_t len)
{
    struct words words, again;
    const char *why;

    if (!words_split(&words, line, len, &why)) {
        REQUIRE(why && fuzz_is_line(why) && words.list == NULL && words.text == NULL);
        return;
    }
    REQUIRE(words.list[words.count] == NULL);
    char *quoted = malloc(4 * len + 3 * words.count + 1), *out = quoted;
    REQUIRE(quoted);
    for (size_t i = 0; i < words.count; i++) {
        *out++ = ' ';
        *out++ = '\'';
        for (const char *c = words.list[i]; *c != '\0'; c++)
            if (*c == '\'')
                out = stpcpy(out, "'\\''");
            else
                *out++ = *c;
        *out++ = '\'';
    }
    REQUIRE(words_split(&again, quoted, (size_t)(out - quoted), &why));
    REQUIRE(again.count == words.count);
    for (size_t i = 0; i < words.count; i++)
        REQUIRE(strcmp(words.list[i], again.list[i]) == 0);
    words_free(&words);
    words_free(&again);
    free(quoted);
}

/* ---- a line ---- */

static void
require_failure(const struct failure *failure)
{
    REQUIRE(failure->outcome == OUTCOME_USAGE || failure->outcome == OUTCOME_CREDENTIAL ||
            failure->outcome == OUTCOME_GSSAPI_FAILURE);
    REQUIRE(fuzz_is_line(failure->message) && fuzz_is_line(failure->hint));
}

static void
require_request(const struct request *request, const struct command *command)
{
    const struct route *route = &request->route;

    REQUIRE(request->settings && target_user_error(request->user) == NULL);
    REQUIRE(target_host_error(request->host) == NULL && request->port > 0);
    REQUIRE(request->label && fuzz_is_line(request->label));
    REQUIRE(route->hostname && target_host_error(route->hostname) == NULL);
    REQUIRE(route->gssapi_host && route->connect_timeout > 0);
    REQUIRE(route->jump == NULL || route->proxy_command == NULL);
    REQUIRE(request->settings->timeout > 0 && request->settings->max_refused > 0);
    REQUIRE(request->settings->crowd == command->settings.crowd);
}

static void
require_task(struct task *task, const struct command *command)
{
    struct failure failure = FAILURE_INIT;

    REQUIRE(task->chain_count > 0 && task->prepare);
    for (size_t i = 0; i < task->chain_count; i++)
        for (size_t k = 0; k < task->chains[i].count; k++)
            REQUIRE(task->chains[i].steps[k]);
    REQUIRE(fuzz_is_line(task->result.place.named));
    for (unsigned again = 0; again < 2; again++) {
        failure = FAILURE_INIT;
        bool good = task->prepare(task, &failure);
        REQUIRE(good == !failure_is_set(&failure));
        if (good)
            require_request(&task->request, command);
        else
            require_failure(&failure);
    }
}

static void
try_line(const struct command *command, unsigned long number, const char *line, size_t len)
{
    struct task *task = NULL;

    enum line_result result = line_parse(command, number, line, len, &task);
    REQUIRE(result != LINE_NO_MEMORY);
    if (result == LINE_EMPTY)
        return;
    REQUIRE(task->result.place.line == number);
    if (failure_is_set(&task->result.failure)) {
        require_failure(&task->result.failure);
        REQUIRE(task->prepare == NULL);
    } else {
        require_task(task, command);
    }
    task->release(task);
}

/* ---- lines ---- */

/* The next line as reader.h tells, by another way; false at the end. */
static bool
next_line(struct fuzz_input *input, bool first, const char **line, size_t *len)
{
    if (input->left == 0)
        return false;
    const uint8_t *newline = memchr(input->at, '\n', input->left);
    *line = (const char *)input->at;
    *len = newline ? (size_t)(newline - input->at) : input->left;
    input->left -= *len + (newline != NULL);
    input->at += *len + (newline != NULL);
    if (first && *len >= 3 && memcmp(*line, "\xef\xbb\xbf", 3) == 0) {
        *line += 3;
        *len -= 3;
    }
    *len -= *len > 0 && (*line)[*len - 1] == '\r';
    return true;
}

/* `late`: what is written to the pipe once all before it was read; then it ends. */
static void
try_lines(const struct command *command, const char *path, size_t longest,
          struct fuzz_input content, struct fuzz_input late, int *pipe_end)
{
    enum { READS = 3, LINES = 20 };
    struct reader reader;
    const char *line = NULL, *expected = NULL;
    size_t len = 0, expected_len = 0;
    unsigned reads = READS;

    REQUIRE(reader_open(&reader, path, longest));
    for (unsigned long number = 1;; number++) {
        enum reader_result result;
        while ((result = reader_next(&reader, &reads, &line, &len)) == READER_WAIT) {
            if (pipe_end && reads > 0) {
                REQUIRE(write(*pipe_end, late.at, late.left) == (ssize_t)late.left);
                close(*pipe_end);
                pipe_end = NULL;
            }
            reads = READS;
        }
        REQUIRE(result != READER_FAILED);
        bool more = next_line(&content, number == 1, &expected, &expected_len);
        REQUIRE(more == (result != READER_END));
        if (!more)
            break;
        REQUIRE(reader.number == number);
        REQUIRE((result == READER_LONG) == (expected_len > longest));
        double share = reader_share(&reader);
        REQUIRE(share >= 0 && share <= 1);
        if (result == READER_LONG)
            continue;
        REQUIRE(len == expected_len && memcmp(line, expected, len) == 0);
        try_words(line, len);
        if (number <= LINES)
            try_line(command, number, line, len);
    }
    reader_close(&reader);
}

/* A pipe that has half of it first. */
static void
try_pipe(const struct command *command, size_t longest, struct fuzz_input content)
{
    size_t half = content.left / 2;
    struct fuzz_input late = {content.at + half, content.left - half};
    char path[32];
    int ends[2];

    REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    REQUIRE(write(ends[1], content.at, half) == (ssize_t)half);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    try_lines(command, path, longest, content, late, &ends[1]);
    close(ends[0]);
}

static void
require_no_list(const char *path, int error)
{
    struct reader reader;

    REQUIRE(!reader_open(&reader, path, 1) && errno == error);
}

/* ---- command lines ---- */

static struct command commands[4];

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const words[][16] = {
        {"x", "-f", "list", "-F", "none", "-l", "u"},
        {"x", "-f", "list", "-F", "none", "-l", "u", "-m", "password publickey", "-ikey0",
         "-rx=ask:", "-Jj"},
        {"x", "-f", "list", "-F", "none", "-l", "u", "-m", "kbdint,none", "-b", "127.0.0.1",
         "-e", "success", "-oA=1", "-p7", "-t5"},
        {"x", "-f", "list", "-F", "none", "-l", "u", "-m", "publickey", "--agent", "-B", "-j2",
         "--host-key=off", "--expect-offered=publickey", "-4"},
    };
    struct failure failure = FAILURE_INIT;

    (void)argc, (void)argv;
    require_no_list("/", EISDIR);
    require_no_list("/nonexistent", ENOENT);
    setenv("SSH_AUTH_SOCK", "/agent", 1);
    for (size_t i = 0; i < 4; i++) {
        char *arguments[16];
        int count = 0;
        for (; count < 16 && words[i][count]; count++)
            arguments[count] = (char *)words[i][count];
        if (!options_parse(&commands[i], count, arguments, &failure))
            fuzz_fail(__FILE__, __LINE__, failure.message);
    }
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz_file file;
    static const size_t limits[] = {4096, 64, 8, 1};
    struct fuzz_input input = {data, size};
    uint8_t what = fuzz_byte(&input);
    size_t longest = limits[(what >> 2) % 4];

    fuzz_file_fill(&file, input.at, input.left);
    if (what & 0x10)
        try_pipe(&commands[what % 4], longest, input);
    else
        try_lines(&commands[what % 4], file.path, longest, input, input, NULL);
    variable_forget_all();
    return 0;
}
