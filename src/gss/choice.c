/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A choice of credentials: copied, named, and checked before a server is asked. A keytab on a
 * dead network drive, a cache whose daemon hangs: the check runs in a helper thread, and has a
 * limit.
 */
#include <config.h>

#include "gss/internal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/deadline.h"
#include "util/escape.h"
#include "util/pages.h"
#include "util/signals.h"
#include "util/worker.h"

#define CHECK_LIMIT (10 * DEADLINE_SECOND)

static bool
copy_string(const char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

bool
gss_choice_copy(struct gss_choice *to, const struct gss_choice *from)
{
    *to = (struct gss_choice){.client = NULL};
    if (!from)
        return true;
    bool client = copy_string(&to->client, from->client);
    bool ccache = copy_string(&to->ccache, from->ccache);
    bool keytab = copy_string(&to->keytab, from->keytab);
    return client && ccache && keytab;
}

void
gss_choice_free(struct gss_choice *choice)
{
    free((char *)choice->client);
    free((char *)choice->ccache);
    free((char *)choice->keytab);
    *choice = (struct gss_choice){.client = NULL};
}

bool
gss_choice_is_named(const struct gss_choice *choice)
{
    return choice->client || choice->ccache || choice->keytab;
}

char *
gss_choice_label(const struct gss_choice *choice, char label[GSS_LABEL_MAX])
{
    const char *name = choice->keytab   ? choice->keytab
                       : choice->ccache ? choice->ccache
                                        : choice->client;
    const char *option = choice->keytab   ? "--keytab "
                         : choice->ccache ? "--ccache "
                                          : "--gssapi-client ";
    size_t len = strlen(option);

    *label = '\0';
    if (!name)
        return label;
    memcpy(label, option, len);
    escape_into(label + len, GSS_LABEL_MAX - len, name, strlen(name), ESCAPE_LINE);
    return label;
}

struct check {
    struct gss_choice choice;
    struct failure failure;
    bool good;
};

static void
check_run(void *job)
{
    struct check *check = job;
    struct gss_look look;

    check->good = gss_look_open(&look, &check->choice, &check->failure);
    gss_look_close(&look);
}

static void
check_drop(void *job)
{
    struct check *check = job;

    gss_choice_free(&check->choice);
    free(check);
}

/* False where the limit passed or a signal came first: the job is then the thread's. */
static bool
check_wait(struct worker *worker, const struct gss_choice *choice, struct failure *failure)
{
    struct deadline deadline = deadline_after(CHECK_LIMIT);
    char label[GSS_LABEL_MAX];

    while (!worker_done(worker)) {
        struct pollfd fd = {.fd = worker_fd(worker), .events = POLLIN};
        struct timespec left = deadline_left(deadline);
        signals_poll(&fd, 1, &left);
        if (signals_caught() || deadline_passed(deadline)) {
            gss_choice_label(choice, label);
            if (signals_caught())
                failure_set(failure, OUTCOME_INTERRUPTED, "%s: interrupted by a signal", label);
            else
                failure_set(failure, OUTCOME_CREDENTIAL, "%s: cannot be read within %d s",
                            label, (int)(CHECK_LIMIT / DEADLINE_SECOND));
            worker_abandon(worker);
            return false;
        }
    }
    worker_finish(worker);
    return true;
}

bool
gss_choice_load(struct failure *failure)
{
    return gss_library_load(failure);
}

bool
gss_choice_check(const struct gss_choice *choice, struct failure *failure)
{
    if (!gss_choice_is_named(choice))
        return true;
    if (!gss_choice_load(failure))
        return false;
    struct check *check = calloc(1, sizeof *check);
    if (!check || !pages_could_be_had(GSS_ROOM) || !gss_choice_copy(&check->choice, choice)) {
        if (check)
            check_drop(check);
        return failure_no_memory(failure);
    }
    struct worker *worker = worker_start(check_run, check_drop, check);
    if (!worker) {
        check_drop(check);
        failure_set(failure, OUTCOME_INTERNAL, "out of memory or threads");
        return false;
    }
    if (!check_wait(worker, choice, failure))
        return false;
    bool good = check->good;
    if (!good)
        *failure = check->failure;
    check_drop(check);
    return good;
}
