/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ssh -G for one target: its command line, its end, and the note on what was of no use. All
 * that goes wrong is USAGE, a hang too: `timeout` may be an outcome that a test expects of a
 * server, and must not be met by a configuration.
 */
#include <config.h>

#include "cli/sshconfig.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "cli/value.h"
#include "util/child.h"
#include "util/memory_file.h"
#include "util/process.h"
#include "util/program.h"
#include "util/signals.h"

#define OUTPUT_MAX ((size_t)256 * 1024)

/* ---- what is asked ---- */

/* ssh's answer is read by lines: a value with two would be taken for more than it is. */
static bool
one_line(const struct sshconfig_query *query, struct failure *failure)
{
    const char *what = NULL;
    if (query->jump != NULL && strchr(query->jump, '\n') != NULL)
        what = "-J";
    if (query->proxy_command != NULL && strchr(query->proxy_command, '\n') != NULL)
        what = "--proxy-command";
    for (size_t i = 0; i < query->option_count; i++)
        if (strchr(query->options[i], '\n') != NULL)
            what = "-o";
    if (what != NULL)
        failure_set(failure, OUTCOME_USAGE, "configuration: %s: there is a line break in it",
                    what);
    return what == NULL;
}

struct arguments {
    const char **list; /* ends with NULL */
    size_t count;
    char port[8];
    char *proxy_command; /* as an option */
};

static void
add(struct arguments *arguments, const char *option, const char *value)
{
    if (value == NULL)
        return;
    arguments->list[arguments->count++] = option;
    arguments->list[arguments->count++] = value;
}

/* The named ones come first, since ssh takes the first value that it finds; with -T it does not
 * complain that it has no terminal. */
static bool
arguments_make(struct arguments *arguments, const char *path,
               const struct sshconfig_query *query)
{
    enum { FIXED = 24 }; /* more than all but -o need */
    *arguments = (struct arguments){
        .list = calloc(FIXED + 2 * query->option_count, sizeof(*arguments->list))};
    if (query->proxy_command != NULL &&
        asprintf(&arguments->proxy_command, "ProxyCommand=%s", query->proxy_command) == -1)
        arguments->proxy_command = NULL;
    if (arguments->list == NULL ||
        (query->proxy_command != NULL && arguments->proxy_command == NULL))
        return false;
    snprintf(arguments->port, sizeof(arguments->port), "%u", (unsigned)query->port);
    arguments->list[arguments->count++] = path;
    arguments->list[arguments->count++] = "-G";
    arguments->list[arguments->count++] = "-T";
    if (query->family != AF_UNSPEC)
        arguments->list[arguments->count++] = query->family == AF_INET ? "-4" : "-6";
    add(arguments, "-F", query->file);
    add(arguments, "-b", query->bind);
    add(arguments, "-p", query->port != 0 ? arguments->port : NULL);
    add(arguments, "-l", query->user);
    add(arguments, "-J", query->jump);
    add(arguments, "-o", arguments->proxy_command);
    for (size_t i = 0; i < query->option_count; i++)
        add(arguments, "-o", query->options[i]);
    add(arguments, "--", query->host);
    return true;
}

static void
arguments_free(struct arguments *arguments)
{
    free(arguments->list);
    free(arguments->proxy_command);
}

/* ---- what it says ---- */

struct answer {
    char text[OUTPUT_MAX + 1]; /* NUL-terminated, for it begins as zeros */
    size_t len;
    bool too_much;
};

static void
take(void *context, const char *bytes, size_t len)
{
    struct answer *answer = context;
    answer->too_much = answer->too_much || len > OUTPUT_MAX - answer->len;
    if (answer->too_much)
        return;
    memcpy(answer->text + answer->len, bytes, len);
    answer->len += len;
}

/* Always false. One can do without the default configuration; what is named is to be mended. */
static bool
reject(const struct sshconfig_query *query, struct failure *failure, const char *what,
       const char *words)
{
    failure_set(failure, OUTCOME_USAGE, "configuration: %s%s%s", what,
                *what != '\0' && *words != '\0' ? ": " : "", words);
    if (query->file == NULL && query->option_count == 0 && query->jump == NULL)
        failure_hint(failure, "-F none reads no configuration");
    return false;
}

/* It ended by itself. */
static bool
judge(const struct sshconfig_query *query, const struct answer *answer,
      const struct child_output *output, struct failure *failure)
{
    char what[PROCESS_ENDING_SIZE + 16] = "", ending[PROCESS_ENDING_SIZE];
    if (output->status != 0) {
        /* where it rejects the configuration its words say all */
        if (WIFSIGNALED(output->status) || output->complaint[0] == '\0')
            snprintf(what, sizeof(what), "ssh -G: %s", process_ending(ending, output->status));
    } else if (answer->too_much) {
        snprintf(what, sizeof(what), "ssh -G printed more than %zu bytes", OUTPUT_MAX);
    } else if (memchr(answer->text, '\0', answer->len) != NULL) {
        /* what stands behind it would not be read, a host key check that is strict included */
        snprintf(what, sizeof(what), "ssh -G printed a NUL byte");
    } else {
        return true;
    }
    return reject(query, failure, what, answer->too_much ? "" : output->complaint);
}

static bool
run(const struct sshconfig_query *query, const struct arguments *arguments,
    struct answer *answer, struct failure *failure)
{
    const struct child child = {.argv = (char *const *)arguments->list,
                                .deadline = deadline_after(query->limit),
                                .watch_fd = -1,
                                .take = take,
                                .context = answer};
    struct child_output output;
    char why[PATH_MAX + 128];
    switch (child_run(&child, NULL, &output)) {
    case CHILD_EXITED:
        return judge(query, answer, &output, failure);
    case CHILD_TIMEOUT:
        snprintf(why, sizeof(why),
                 "ssh -G did not end within %g s; a Match exec in it may hang",
                 (double)query->limit / DEADLINE_SECOND);
        return reject(query, failure, why, output.complaint);
    case CHILD_INTERRUPTED:
        failure_set(failure, OUTCOME_INTERRUPTED,
                    "interrupted while ssh's configuration was read: %s",
                    strsignal(signals_caught()));
        return false;
    case CHILD_TOO_MUCH:
        snprintf(why, sizeof(why), "ssh -G printed more than %zu bytes", OUTPUT_MAX);
        return reject(query, failure, why, "");
    default:
        failure_set(failure,
                    errno == ENOMEM || errno == EAGAIN || errno == EMFILE || errno == ENFILE
                        ? OUTCOME_INTERNAL
                        : OUTCOME_USAGE,
                    "configuration: ssh cannot be started: %s", strerror(errno));
        return false;
    }
}

/* ---- the note ---- */

/* NULL where there is nothing to say, and then *good; or memory is short. The keys are letters.
 */
static char *
note_make(const struct sshconfig_query *query, const struct sshconfig *config, bool *good)
{
    size_t size = 0, found = 0;
    struct memory_file memory;
    *good = memory_file_open(&memory);
    if (!*good)
        return NULL;
    FILE *out = memory.file;
    for (size_t i = 0; i < query->option_count; i++) {
        const char *key;
        size_t len;
        if (!sshconfig_option_used(query->options[i], &key, &len))
            fprintf(out, "%s%.*s", found++ == 0 ? "-o " : ", ", (int)len, key);
    }
    if (found > 0)
        fputs(": of no use here", out);
    if (config->known_hosts_command)
        fprintf(out, "%sKnownHostsCommand: not run here", found > 0 ? "; " : "");
    char *note = memory_file_close(&memory, &size);
    *good = note != NULL;
    if (size > 0)
        return note;
    free(note);
    return NULL;
}

/* ---- all of it ---- */

static bool
without_ssh(const struct sshconfig_query *query, struct sshconfig *config,
            struct failure *failure)
{
    const char *needs = query->jump != NULL && !value_is_none(query->jump)   ? "-J"
                        : query->option_count > 0                            ? "-o"
                        : query->file != NULL && !value_is_none(query->file) ? "-F"
                                                                             : NULL;
    if (needs != NULL) {
        failure_set(failure, OUTCOME_USAGE,
                    "configuration: %s needs ssh, and there is none in PATH", needs);
        failure_hint(failure, "install openssh-client");
        return false;
    }
    config->note = strdup("ssh is not installed: its configuration was not read");
    return config->note != NULL || failure_no_memory(failure);
}

/* The host's name is always there, where it is OpenSSH that answers. */
static bool
understand(const struct sshconfig_query *query, struct answer *answer, struct sshconfig *config,
           struct failure *failure)
{
    bool good = true;
    if (!sshconfig_parse(answer->text, config, failure))
        return false;
    config->note = note_make(query, config, &good);
    if (!good) {
        failure_no_memory(failure);
    } else if (config->hostname == NULL) {
        good = reject(query, failure, "ssh -G printed no configuration", "");
    }
    if (!good)
        sshconfig_free(config);
    return good;
}

bool
sshconfig_read(const struct sshconfig_query *query, struct sshconfig *config,
               struct failure *failure)
{
    char path[PATH_MAX];
    *config = (struct sshconfig){.family = AF_UNSPEC, .host_key = HOSTKEY_DEFAULT};
    if (query->file != NULL && value_is_none(query->file) && query->option_count == 0 &&
        query->jump == NULL && query->proxy_command == NULL)
        return true;
    if (!one_line(query, failure))
        return false;
    if (!program_find("ssh", path, sizeof(path)))
        return without_ssh(query, config, failure);
    struct arguments arguments;
    struct answer *answer = calloc(1, sizeof(*answer));
    bool good = arguments_make(&arguments, path, query) && answer != NULL;
    good = good ? run(query, &arguments, answer, failure) : failure_no_memory(failure);
    good = good && understand(query, answer, config, failure);
    arguments_free(&arguments);
    free(answer);
    return good;
}
