/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * That no descriptor is left open.
 */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

/* How many are open (a few more meanwhile), and the lowest number that is free. */
unsigned open_descriptors(void);
int next_descriptor(void);

#endif
