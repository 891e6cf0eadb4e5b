/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the options of Kerberos demand of each other, and of what they name.
 */
#ifndef CLI_KERBEROS_H
#define CLI_KERBEROS_H

#include "cli/options.h"
#include "cli/scan.h"

/*
 * To be called when all is parsed and command->chains is set; `seen` has OPTION_COUNT entries.
 * False, with the reason in `failure`: USAGE where options do not go together, or what
 * gss_choice_check() says of the files that they name.
 */
bool kerberos_check(const struct command *command, const bool *seen, struct failure *failure);

#endif
