/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of methods: one row each. A new method is one file with its attempt function and
 * one row in method.def.
 */
#ifndef METHOD_H
#define METHOD_H

#include <stdbool.h>
#include <stddef.h>

#include "ssh2/userauth_msg.h"

struct attempt; /* auth/attempt.h */

struct method {
    const char *name;  /* on the wire, RFC 4252 section 5 */
    const char *alias; /* a shorter name for the command line, or NULL */
    enum userauth_method id;
    /* Makes one attempt; what came of it is in *attempt. */
    void (*attempt)(struct attempt *attempt);
    bool answers_prompts; /* sends secrets that a person types: refused where the host key
                             changed */
    bool needs_list;      /* is tried only where the server lists it: `none` is sent first */
};

/* The row whose name or alias is the `len` bytes at `name`, in full; NULL where there is none.
 */
const struct method *method_find(const char *name, size_t len);

/* The rows, in table order; NULL behind the last. */
const struct method *method_at(size_t index);

#endif
