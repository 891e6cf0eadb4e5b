/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What keeps secrets in the process.
 */
#ifndef HARDEN_H
#define HARDEN_H

/*
 * No core dumps, and no other process of the user's may look inside. Standard descriptors that
 * are closed are filled, so that no socket lands on one and is sent the report: what reads or
 * writes them fails as before. What libcrypto frees is wiped. To be called before anything
 * else. Best effort.
 */
void harden_process(void);

#endif
