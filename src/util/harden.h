/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What keeps secrets in the process.
 */
#ifndef HARDEN_H
#define HARDEN_H

/* No core dumps, and no other process of the user's may look inside. Best effort. */
void harden_process(void);

#endif
