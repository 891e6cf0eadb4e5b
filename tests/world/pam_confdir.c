/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded into the sshd of the tests: lets an sshd that runs as an ordinary
 * user read its PAM stack from the folder named by WORLD_PAM_DIR instead of
 * /etc/pam.d. Nothing else belongs here.
 */
#include <stdlib.h>

#include <security/pam_appl.h>

int
pam_start(const char *service, const char *user, const struct pam_conv *conv,
          pam_handle_t **handle)
{
    const char *dir = getenv("WORLD_PAM_DIR");

    /* Never fall back to the machine's own stack. */
    if (dir == NULL || dir[0] != '/')
        return PAM_SYSTEM_ERR;
    return pam_start_confdir(service, user, conv, dir, handle);
}
