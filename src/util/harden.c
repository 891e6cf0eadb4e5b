/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits that the process sets on itself before it touches a secret.
 */
#include <config.h>

#include "util/harden.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void
harden_process(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
#ifndef SANITIZERS
    /* the leak sanitizer looks into its own process by ptrace(2), which this forbids */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}
