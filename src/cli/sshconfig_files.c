/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of known hosts files out of two lines of ssh -G, which does not quote them: a blank may
 * end a name or be part of it, and only the files that exist can tell. Looks whether files are
 * there, and reads none.
 */
#include <config.h>

#include "cli/sshconfig_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/value.h"
#include "util/escape.h"
#include "util/home.h"

#define SHOWN_MAX 160 /* bytes of a name in a message */

#define USER_FILE   "/.ssh/known_hosts"        /* below a home */
#define GLOBAL_FILE "/etc/ssh/ssh_known_hosts" /* ssh's default: this one, and */
#define GLOBAL_PAIR GLOBAL_FILE " " GLOBAL_FILE "2"

/* ssh takes 32 files. With blanks in names it is more words, each of which is looked for. */
#define WORDS_MAX 256

static bool
add(struct sshconfig *config, const char *folder, const char *name, const char *suffix,
    struct failure *failure)
{
    char *path = NULL;
    if (asprintf(&path, "%s%s%s", folder, name, suffix) == -1)
        return failure_no_memory(failure);
    config->known_hosts[config->known_hosts_count++] = path;
    return true;
}

/* ssh's defaults come in pairs. */
static bool
add_pair(struct sshconfig *config, const char *folder, const char *name,
         struct failure *failure)
{
    return add(config, folder, name, "", failure) && add(config, folder, name, "2", failure);
}

/*
 * Where `name` is, "~" and "~USER" at its beginning taken as ssh takes them: of the system's
 * files ssh -G prints them as they were written, and ssh expands them later. *path is to be
 * freed; NULL: there is no such user. False: no memory.
 */
static bool
expand(const char *name, char **path)
{
    char folder[PATH_MAX];
    size_t len = strcspn(name, "/");
    const char *home;
    *path = NULL;
    if (name[0] != '~')
        return (*path = strdup(name)) != NULL;
    if (len == 1) {
        home = home_of_account(folder);
    } else {
        char *user = strndup(name + 1, len - 1);
        if (user == NULL)
            return false;
        home = home_of_user(folder, user);
        free(user);
    }
    if (home != NULL && asprintf(path, "%s%s", home, name + len) == -1)
        *path = NULL;
    return home == NULL || *path != NULL;
}

static bool
is_there(const char *name)
{
    char *path;
    bool there = expand(name, &path) && path != NULL && access(path, F_OK) == 0;
    free(path);
    return there;
}

static bool
add_expanded(struct sshconfig *config, const char *name, struct failure *failure)
{
    char *path, shown[SHOWN_MAX];
    if (!expand(name, &path))
        return failure_no_memory(failure);
    if (path != NULL) {
        config->known_hosts[config->known_hosts_count++] = path;
        return true;
    }
    failure_set(failure, OUTCOME_USAGE, "configuration: known hosts file '%s': no such user",
                escape_into(shown, sizeof(shown), name, strlen(name), ESCAPE_LINE));
    return false;
}

static size_t
count_words(const char *text)
{
    size_t count = 0;
    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        text += strcspn(text, " ");
        count++;
    }
    return count;
}

/* Of the name that `text` begins with: the longest one that is a file's, else the first word.
 */
static size_t
name_length(char *text)
{
    for (size_t len = strlen(text); len > 0; len--) {
        char end = text[len];
        if ((end != '\0' && end != ' ') || text[len - 1] == ' ')
            continue;
        text[len] = '\0';
        bool there = is_there(text);
        text[len] = end;
        if (there)
            return len;
    }
    return strcspn(text, " ");
}

/* "none" is no file. */
static bool
add_names(struct sshconfig *config, char *text, struct failure *failure)
{
    if (value_is_none(text))
        return true;
    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        char *end = text + name_length(text);
        char behind = *end;
        *end = '\0';
        if (!add_expanded(config, text, failure))
            return false;
        *end = behind;
        text = end;
    }
    return true;
}

/* ssh's own default; what it prints is below the home of the account, whatever HOME says. */
static bool
is_usual_user(const char *text)
{
    char path[PATH_MAX];
    const char *home = home_of_account(path);
    size_t len = home != NULL ? strlen(home) : 0;
    static const char first[] = USER_FILE " ", second[] = USER_FILE "2";
    if (text == NULL)
        return true;
    if (home == NULL || strncmp(text, home, len) != 0 ||
        strncmp(text + len, first, strlen(first)) != 0)
        return false;
    text += len + strlen(first);
    return strncmp(text, home, len) == 0 && strcmp(text + len, second) == 0;
}

static bool
add_user(struct sshconfig *config, char *user, bool usual, struct failure *failure)
{
    char path[PATH_MAX];
    if (!usual)
        return add_names(config, user, failure);
    const char *home = home_directory(path);
    return home == NULL || add_pair(config, home, USER_FILE, failure);
}

static bool
add_global(struct sshconfig *config, char *global, bool usual, struct failure *failure)
{
    return usual ? add_pair(config, GLOBAL_FILE, "", failure)
                 : add_names(config, global, failure);
}

/* Accepted keys go to the first of the user's files, never to the system's. */
static bool
note_written(struct sshconfig *config, struct failure *failure)
{
    if (config->known_hosts_count == 0)
        return true;
    config->known_hosts_written = strdup(config->known_hosts[0]);
    return config->known_hosts_written != NULL || failure_no_memory(failure);
}

bool
sshconfig_files(struct sshconfig *config, char *user, char *global, struct failure *failure)
{
    bool usual_user = is_usual_user(user);
    bool usual_global = global == NULL || strcmp(global, GLOBAL_PAIR) == 0;
    if (usual_user && usual_global)
        return true;
    size_t words =
        (usual_user ? 2 : count_words(user)) + (usual_global ? 2 : count_words(global));
    if (words > WORDS_MAX) {
        failure_set(failure, OUTCOME_USAGE,
                    "configuration: more than %d known hosts files are named", WORDS_MAX);
        return false;
    }
    config->known_hosts = calloc(words + 1, sizeof(*config->known_hosts));
    if (config->known_hosts == NULL)
        return failure_no_memory(failure);
    if (!add_user(config, user, usual_user, failure) || !note_written(config, failure) ||
        !add_global(config, global, usual_global, failure))
        return false;
    /* none at all, which is not the same as nothing said */
    return config->known_hosts_count > 0 || add(config, "/dev/null", "", "", failure);
}
