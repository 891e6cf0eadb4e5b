/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which known hosts files ssh's configuration names: a part of sshconfig.c, for nobody else.
 */
#ifndef SSHCONFIG_FILES_H
#define SSHCONFIG_FILES_H

#include "cli/sshconfig.h"

/*
 * Fills known_hosts and known_hosts_written of a config that has neither, from the values of
 * UserKnownHostsFile and GlobalKnownHostsFile as ssh -G prints them; NULL: it printed none.
 * Both are taken apart in place. False with USAGE or INTERNAL (memory) in `failure`; what was
 * filled until then is sshconfig_free()'s.
 */
bool sshconfig_files(struct sshconfig *config, char *user, char *global,
                     struct failure *failure);

#endif
