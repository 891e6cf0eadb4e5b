/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loaded into xargs: it goes on where a command ends with 255, which is ssh's status where it
 * is not let in. So nothing is between xargs and ssh that would cost time and count as ssh's.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>

#define EXITED(status) ((status) << 8)

/* It is for xargs alone: what that starts is as ever. */
__attribute__((constructor)) static void
leave_children_alone(void)
{
    unsetenv("LD_PRELOAD");
}

pid_t
waitpid(pid_t pid, int *status, int options)
{
    pid_t ended = wait4(pid, status, options, NULL);

    if (ended > 0 && status != NULL && *status == EXITED(255))
        *status = EXITED(0);
    return ended;
}
