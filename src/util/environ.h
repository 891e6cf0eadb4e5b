/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The array of the environment, while threads read it by getenv(3) and start programs. Nothing
 * of the program calls setenv(3), putenv(3) or unsetenv(3), which change the array that others
 * are walking: what changes is another array, whose address is stored at once, and what was
 * ever `environ` stays as it is until the process ends.
 */
#ifndef ENVIRON_H
#define ENVIRON_H

#include <stdbool.h>
#include <stddef.h>

/* The environment as children are to have it, whatever environ_pretend() says: NULL-terminated;
 * valid for good, and never changed but for values that are wiped. */
char **environ_now(void);

/* Takes all variables of that name out; what they held is the caller's to wipe, before or
 * after. False where memory is short. Each that was there costs an array, for good. */
bool environ_drop(const char *name);

/*
 * getenv(3) shall find those in `first`, `count` of them ("NAME=VALUE", never freed), before
 * all others, until environ_stop_pretending(), which may be called twice. For libraries that
 * take no other argument; other threads see it too, children do not. One at a time, and always
 * the same ones. False where memory is short.
 */
bool environ_pretend(char *const *first, size_t count);
void environ_stop_pretending(void);

#endif
