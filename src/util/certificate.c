/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The end of a name says it.
 */
#include <config.h>

#include "util/certificate.h"

#include <string.h>

size_t
certificate_plain_length(const void *type, size_t len)
{
    size_t suffix = strlen(CERTIFICATE_SUFFIX);

    if (len <= suffix ||
        memcmp((const char *)type + len - suffix, CERTIFICATE_SUFFIX, suffix) != 0)
        return 0;
    return len - suffix;
}
