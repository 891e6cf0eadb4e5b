/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The server's version line, and what comes before it, byte by byte.
 */
#include <config.h>

#include "ssh2/version.h"

enum { LINE_MAX_BYTES = 255, PREFIX = 4 };

enum version_byte
version_take(struct version_reader *reader, char byte)
{
    if (byte == '\0')
        return VERSION_NUL;
    if (reader->length < PREFIX)
        reader->is_prefix =
            (reader->length == 0 || reader->is_prefix) && byte == "SSH-"[reader->length];
    reader->length++;
    bool is_version = reader->is_prefix && reader->length >= PREFIX;
    if (is_version && reader->length > LINE_MAX_BYTES)
        return VERSION_TOO_LONG;
    bool too_long = reader->length > LINE_MAX_BYTES;
    if (byte == '\n') {
        reader->complete = is_version;
        reader->length = 0;
        return VERSION_KEEP;
    }
    return too_long ? VERSION_DROP : VERSION_KEEP;
}
