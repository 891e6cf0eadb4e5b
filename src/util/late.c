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
#include <sys/mman.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The first name that it does not have: none of its functions is used then. NULL: all are
 * there. */
static const char *
find_all(const struct late_library *library)
{
    for (size_t i = 0; i < library->count; i++) {
        library->addresses[i] = dlsym(RTLD_DEFAULT, library->names[i]);
        if (!library->addresses[i])
            return library->names[i];
    }
    return NULL;
}

/* Not on systems whose pages are larger: other variables are in them. Where the kernel refuses,
 * all works. */
static void
make_read_only(const struct late_library *library)
{
    if (sysconf(_SC_PAGESIZE) == LATE_PAGE)
        (void)mprotect(library->addresses, library->size, PROT_READ);
}

/* Under the lock. */
static bool
load(struct late_library *library, struct failure *failure)
{
    errno = 0;
    void *handle = dlopen(library->file, RTLD_NOW | RTLD_GLOBAL);
    const char *missing = handle ? find_all(library) : NULL;
    if (handle && !missing) {
        make_read_only(library);
        return true;
    }
    if (errno == ENOMEM)
        return failure_no_memory(failure);
    if (missing) {
        failure_set(failure, OUTCOME_INTERNAL, "%s: %s: it has no %s", library->purpose,
                    library->file, missing);
        return false;
    }
    const char *why = dlerror(); /* begins with the file */
    failure_set(failure, OUTCOME_INTERNAL, "%s: %s", library->purpose,
                why ? why : library->file);
    return false;
}

bool
late_load(struct late_library *library, struct failure *failure)
{
    if (atomic_load(&library->loaded))
        return true;
    pthread_mutex_lock(&lock);
    bool good = atomic_load(&library->loaded) || load(library, failure);
    atomic_store(&library->loaded, good);
    pthread_mutex_unlock(&lock);
    return good;
}
