/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The process's block of strings is what /proc/PID/environ shows and what children inherit:
 * values are wiped there, not only unset.
 */
#include <config.h>

#include "ask/variable.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "util/environ.h"

struct variable {
    struct variable *next;
    char *name;
    bool too_long;        /* nothing is kept of it */
    struct secret masked; /* the value XOR `mask` */
    struct secret mask;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct variable *variables;

static void
variable_free(struct variable *variable)
{
    secret_free(&variable->masked);
    secret_free(&variable->mask);
    free(variable->name);
    free(variable);
}

static bool
append_random(struct secret *secret, size_t len)
{
    char bytes[256];
    bool good = true;

    while (good && secret->len < len) {
        size_t want = len - secret->len < sizeof bytes ? len - secret->len : sizeof bytes;
        ssize_t n = getrandom(bytes, want, 0);
        good = n < 0 ? errno == EINTR : secret_append(secret, bytes, (size_t)n);
    }
    explicit_bzero(bytes, sizeof bytes);
    return good;
}

static void
mask_with(char *text, const struct secret *mask)
{
    for (size_t i = 0; i < mask->len; i++) {
        text[i] = (char)(text[i] ^ mask->text[i]);
    }
}

static struct variable *
variable_make(const char *name, const char *value)
{
    size_t len = strlen(value);
    struct variable *variable = calloc(1, sizeof *variable);

    if (variable == NULL) {
        return NULL;
    }
    variable->name = strdup(name);
    variable->too_long = len > SECRET_MAX;
    if (variable->name != NULL &&
        (variable->too_long ||
         (secret_init_room(&variable->masked, len) && secret_init_room(&variable->mask, len) &&
          append_random(&variable->mask, len) &&
          secret_append(&variable->masked, value, len)))) {
        mask_with(variable->masked.text, &variable->mask);
        return variable;
    }
    variable_free(variable);
    return NULL;
}

/* There may be several of one name. False where memory is short; nothing was changed then. */
static bool
wipe_in_environment(const char *name)
{
    size_t len = strlen(name);
    char **entry = environ_now();

    if (!environ_drop(name)) {
        return false;
    }
    for (; *entry != NULL; entry++) {
        if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=') {
            char *value = *entry + len + 1;
            explicit_bzero(value, strlen(value));
        }
    }
    return true;
}

/* Finds it, or takes it; under the mutex. */
static enum variable_result
take(const char *name, struct variable **found)
{
    for (*found = variables; *found != NULL; *found = (*found)->next) {
        if (strcmp((*found)->name, name) == 0) {
            return (*found)->too_long ? VARIABLE_TOO_LONG : VARIABLE_TAKEN;
        }
    }
    const char *value = getenv(name);
    if (value == NULL) {
        return VARIABLE_UNSET;
    }
    *found = variable_make(name, value);
    if (*found != NULL && !wipe_in_environment(name)) {
        variable_free(*found);
        *found = NULL;
    }
    if (*found == NULL) {
        return VARIABLE_NO_MEMORY;
    }
    (*found)->next = variables;
    variables = *found;
    return (*found)->too_long ? VARIABLE_TOO_LONG : VARIABLE_TAKEN;
}

enum variable_result
variable_take(const char *name)
{
    struct variable *variable;

    pthread_mutex_lock(&mutex);
    enum variable_result result = take(name, &variable);
    pthread_mutex_unlock(&mutex);
    return result;
}

enum variable_result
variable_read(const char *name, struct secret *answer)
{
    struct variable *variable;

    pthread_mutex_lock(&mutex);
    enum variable_result result = take(name, &variable);
    if (result == VARIABLE_TAKEN) {
        size_t begin = answer->len;
        if (secret_append(answer, variable->masked.text, variable->masked.len)) {
            mask_with(answer->text + begin, &variable->mask);
        } else {
            result = VARIABLE_TOO_LONG;
        }
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

void
variable_forget_all(void)
{
    pthread_mutex_lock(&mutex);
    while (variables != NULL) {
        struct variable *next = variables->next;
        variable_free(variables);
        variables = next;
    }
    pthread_mutex_unlock(&mutex);
}
