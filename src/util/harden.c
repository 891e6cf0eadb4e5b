/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits that the process sets on itself before it touches a secret.
 */
#include <config.h>

#include "util/harden.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "util/wipe.h"

/* Each in the mode that is of no use: reading standard input and writing the others fail. */
static void
fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

void
harden_process(void)
{
    const struct rlimit none = {0, 0};

    wipe_what_libcrypto_frees();
    fill_standard_descriptors();
    signal(SIGXFSZ, SIG_IGN); /* a write beyond `ulimit -f` fails, and is reported */
    setrlimit(RLIMIT_CORE, &none);
#ifndef SANITIZERS
    /* the leak sanitizer looks into its own process by ptrace(2), which this forbids */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}
