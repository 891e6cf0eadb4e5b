/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dlopen(3) is given a name without a slash: the folders are those of the dynamic linker, as at
 * the start.
 */
#include <config.h>

#include "util/late.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* All names, or none is used. */
static bool
find_all(const struct late_library *library)
{
    for (size_t i = 0; i < library->count; i++) {
        library->addresses[i] = dlsym(RTLD_DEFAULT, library->names[i]);
        if (!library->addresses[i])
            return false;
    }
    return true;
}

bool
late_load(struct late_library *library, struct failure *failure)
{
    if (atomic_load(&library->loaded))
        return true;
    pthread_mutex_lock(&lock);
    errno = 0;
    bool good = atomic_load(&library->loaded) ||
                (dlopen(library->file, RTLD_NOW | RTLD_GLOBAL) && find_all(library));
    bool short_of_memory = !good && errno == ENOMEM;
    const char *why = good ? NULL : dlerror();
    if (good)
        atomic_store(&library->loaded, true);
    else if (short_of_memory)
        failure_no_memory(failure);
    else
        failure_set(failure, OUTCOME_INTERNAL, "%s: %s", library->purpose,
                    why ? why : library->file);
    pthread_mutex_unlock(&lock);
    return good;
}
