/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What goes together on a command line, and whether what it names can be used.
 */
#include <config.h>

#include "cli/options_parser.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "auth/method.h"
#include "gss/choice.h"
#include "keys/keyfile.h"
#include "util/name_list.h"

/* What an option needs to be of use: another option, or a method in a chain. */
static const struct need {
    enum option_id option;
    enum option_id other; /* OPTION_METHODS: any chain, or one with `method` */
    const char *method;
} needs[] = {
    {OPTION_RESPOND, OPTION_METHODS, NULL},
    {OPTION_RESPOND_FILE, OPTION_METHODS, NULL},
    {OPTION_IDENTITY, OPTION_METHODS, "publickey"},
    {OPTION_AGENT, OPTION_METHODS, "publickey"},
    {OPTION_PASSPHRASE, OPTION_METHODS, "publickey"},
    {OPTION_DELEGATE, OPTION_METHODS, NULL},
    {OPTION_GSSAPI_HOST, OPTION_METHODS, NULL},
    {OPTION_GSSAPI_CLIENT, OPTION_METHODS, "gssapi-with-mic"},
    {OPTION_CCACHE, OPTION_METHODS, "gssapi-with-mic"},
    {OPTION_KEYTAB, OPTION_METHODS, "gssapi-with-mic"},
    {OPTION_REQUIRE_DELEGATION, OPTION_METHODS, "gssapi-with-mic"},
    {OPTION_REQUIRE_DELEGATION, OPTION_DELEGATE, NULL},
};

/* Is the method in any chain? */
static bool
has_method(const struct options *options, const char *name)
{
    const struct method *method = method_find(name, strlen(name));

    for (size_t i = 0; i < options->chain_count && method != NULL; i++) {
        for (size_t k = 0; k < options->chains[i].count; k++) {
            if (options->chains[i].steps[k] == method)
                return true;
        }
    }
    return false;
}

/*
 * Whoever says how to answer, which key to use or what to delegate, and forgets where to do it,
 * would take the exit status of something else for that of the login that was meant.
 */
static bool
check_need(const struct layer *layer, const struct need *need, struct failure *failure)
{
    const struct options *options = &layer->options;
    struct spelling option = scan_spelling(need->option), other = scan_spelling(need->other);

    if (!options->seen[need->option])
        return true;
    /* said for all of a list: a line that names other methods has no use for it, and may */
    if (!layer->own[need->option] && layer->own[OPTION_METHODS])
        return true;
    if (!options->seen[need->other])
        failure_set(
            failure, OUTCOME_USAGE, "%s: of no use without %s%s", option.text, other.text,
            need->other == OPTION_METHODS ? ", since only the methods are then listed" : "");
    else if (need->method != NULL && !has_method(options, need->method))
        failure_set(failure, OUTCOME_USAGE, "%s: of no use without %s in %s", option.text,
                    need->method, other.text);
    else
        return true;
    return false;
}

static bool
check_publickey(const struct options *options, struct failure *failure)
{
    if (!has_method(options, "publickey") || options->seen[OPTION_IDENTITY] ||
        options->seen[OPTION_AGENT])
        return true;
    failure_set(failure, OUTCOME_USAGE, "publickey: no key is named: -i FILE or --agent");
    return false;
}

/* What cannot be given together, and why. */
static const struct conflict {
    enum option_id option, other;
    const char *why;
} conflicts[] = {
    {OPTION_KEYTAB, OPTION_CCACHE, "a keytab's ticket is kept in memory, and in no cache"},
    {OPTION_JUMP, OPTION_PROXY_COMMAND, "a target is reached through one of them"},
    {OPTION_BIND, OPTION_JUMP, "the jump's ssh makes the connection"},
    {OPTION_BIND, OPTION_PROXY_COMMAND, "the command makes the connection"},
};

static bool
check_conflicts(const struct options *options, struct failure *failure)
{
    for (size_t i = 0; i < sizeof(conflicts) / sizeof(conflicts[0]); i++) {
        const struct conflict *conflict = &conflicts[i];
        if (options->seen[conflict->option] && options->seen[conflict->other]) {
            failure_set(failure, OUTCOME_USAGE, "%s: not together with %s",
                        scan_spelling(conflict->option).text,
                        scan_spelling(conflict->other).text);
            failure_hint(failure, "%s", conflict->why);
            return false;
        }
    }
    return true;
}

/* Expected and forbidden at once: no server can meet both. */
static bool
check_offered(const struct options *options, struct failure *failure)
{
    const char *rest = options->settings.forbid_offered, *name;
    size_t len;

    while ((name = name_list_next(&rest, &len)) != NULL) {
        if (name_list_has(options->settings.expect_offered, name, len)) {
            failure_set(failure, OUTCOME_USAGE, "%s '%.*s': %s expects it",
                        scan_spelling(OPTION_FORBID_OFFERED).text, (int)len, name,
                        scan_spelling(OPTION_EXPECT_OFFERED).text);
            return false;
        }
    }
    return true;
}

bool
options_list_is_input(const struct command *command)
{
    struct stat list, input;

    if (command->file == NULL || strcmp(command->file, "-") == 0)
        return command->file != NULL;
    return stat(command->file, &list) == 0 && fstat(STDIN_FILENO, &input) == 0 &&
           list.st_dev == input.st_dev && list.st_ino == input.st_ino;
}

bool
options_check_together(const struct layer *layer, struct failure *failure)
{
    return check_conflicts(&layer->options, failure) && check_offered(&layer->options, failure);
}

bool
options_check(const struct layer *layer, struct failure *failure)
{
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        if (!check_need(layer, &needs[i], failure))
            return false;
    }
    return check_publickey(&layer->options, failure) && options_check_together(layer, failure);
}

/* Each key's file can be used, as far as that shows without decrypting it, and its passphrase
 * be had. Neither is kept: it is read again when it is needed. */
static bool
check_identities(const struct layer *layer, struct failure *failure)
{
    for (size_t i = 0; i < layer->identity_count; i++) {
        const struct identity *identity = &layer->identities[i];
        struct keyfile file = {.is_private = false};
        if (!keyfile_load(&file, identity->file, failure))
            return false;
        keyfile_free(&file);
        if (identity->passphrase != NULL && !source_check(identity->passphrase, failure))
            return false;
    }
    return true;
}

/* Whether somebody listens there is found out when the agent is asked. */
static bool
check_agent(struct failure *failure)
{
    const char *path = getenv("SSH_AUTH_SOCK");
    const char *why = NULL;

    if (path == NULL || *path == '\0')
        why = "SSH_AUTH_SOCK does not name an agent's socket";
    else if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
        why = "SSH_AUTH_SOCK is longer than a socket's path can be";
    if (why == NULL)
        return true;
    failure_set(failure, OUTCOME_CREDENTIAL, "%s: %s", scan_spelling(OPTION_AGENT).text, why);
    failure_hint(failure, "ssh-agent(1) starts one, and ssh-add -l lists its keys");
    return false;
}

static bool
check_gss(const struct layer *layer, struct failure *failure)
{
    if (has_method(&layer->options, "gssapi-with-mic") && !gss_choice_load(failure))
        return false;
    if (!layer->own[OPTION_GSSAPI_CLIENT] && !layer->own[OPTION_CCACHE] &&
        !layer->own[OPTION_KEYTAB])
        return true;
    return gss_choice_check(&layer->options.settings.gss, failure);
}

bool
options_check_credentials(const struct layer *layer, struct failure *failure)
{
    return (layer->rules == NULL || respond_check(layer->rules, failure)) &&
           check_identities(layer, failure) &&
           (!layer->own[OPTION_AGENT] || check_agent(failure)) && check_gss(layer, failure);
}
