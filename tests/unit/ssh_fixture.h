/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the ssh that is installed makes of a destination, by `ssh -G`. It reads no configuration
 * and asks no network.
 */
#ifndef SSH_FIXTURE_H
#define SSH_FIXTURE_H

#include <stdbool.h>

struct ssh_target {
    char user[2048]; /* who runs the test, where it names none */
    char host[2048]; /* as typed */
    unsigned port;
};

/* Must be asked first. */
bool ssh_is_there(void);

/* Fills *target; false where ssh refuses the text. */
bool ssh_parses(const char *text, struct ssh_target *target);

#endif
