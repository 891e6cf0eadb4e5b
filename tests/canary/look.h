/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking for secrets: in the memory of a process that is stopped, in files.
 */
#ifndef LOOK_H
#define LOOK_H

#include <stdio.h>
#include <sys/types.h>

#include "needle.h"

/* What is looked into. */
struct look {
    pid_t pid;
    int maps, mem; /* descriptors of /proc/PID/maps and /proc/PID/mem */
    const struct needles *needles;
};

/*
 * Opens them. Possible only while the process is not yet as private as it makes itself: an open
 * descriptor stays good. -1: errno tells why.
 */
int look_open(struct look *look, pid_t pid, const struct needles *needles);

/*
 * Searches all that is mapped and readable, and the command line as the kernel shows it. Writes
 * a line for each place, "MOMENT: found ...", and one with what was searched to `report`, which
 * may be NULL. The number of places.
 */
size_t look_memory(const struct look *look, const char *moment, FILE *report);

/* Is the process safe from its user's other processes, and does it leave no core? Writes a line
 * that says so. */
void look_hardening(const struct look *look, const char *moment, FILE *report);

/* Searches a file or all below a folder, the names included. The number of places. */
size_t look_files(const struct needles *needles, const char *path, FILE *report);

#endif
