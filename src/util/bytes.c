/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Copies of bytes, and nothing that looks at them.
 */
#include <config.h>

#include "util/bytes.h"

#include <stdlib.h>
#include <string.h>

bool
bytes_copy(struct bytes *bytes, const void *data, size_t len)
{
    *bytes = (struct bytes){.data = malloc(len + 1), .len = 0};
    if (!bytes->data)
        return false;
    if (len)
        memcpy(bytes->data, data, len);
    bytes->data[len] = '\0';
    bytes->len = len;
    return true;
}

void
bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){NULL, 0};
}
