/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * By fopencookie(3), with a buffer of its own, so that stdio needs no memory while it writes.
 */
#include <config.h>

#include "util/memory_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_AT_FIRST = 256 };

/* Makes room for `len` bytes more, and a NUL. */
static bool
grow(struct memory_file *memory, size_t len)
{
    size_t room = memory->room ? memory->room : ROOM_AT_FIRST;

    while (room - memory->len <= len) {
        if (room > SIZE_MAX / 2)
            return false;
        room *= 2;
    }
    char *text = room == memory->room ? memory->text : realloc(memory->text, room);
    if (!text)
        return false;
    memory->text = text;
    memory->room = room;
    return true;
}

static ssize_t
take(void *context, const char *bytes, size_t len)
{
    struct memory_file *memory = context;

    if (memory->is_short || !grow(memory, len)) {
        memory->is_short = true;
        return 0; /* an error, to fopencookie(3) */
    }
    memcpy(memory->text + memory->len, bytes, len);
    memory->len += len;
    return (ssize_t)len;
}

bool
memory_file_open(struct memory_file *memory)
{
    const cookie_io_functions_t functions = {.write = take};

    *memory = (struct memory_file){.file = fopencookie(memory, "w", functions)};
    if (!memory->file)
        return false;
    setvbuf(memory->file, memory->buffer, _IOFBF, sizeof memory->buffer);
    return true;
}

char *
memory_file_close(struct memory_file *memory, size_t *len)
{
    bool failed = ferror(memory->file) != 0;

    failed = fclose(memory->file) != 0 || failed || !grow(memory, 0);
    memory->file = NULL;
    if (failed || memory->is_short) {
        free(memory->text);
        memory->text = NULL;
        return NULL;
    }
    memory->text[memory->len] = '\0';
    if (len)
        *len = memory->len;
    return memory->text;
}
