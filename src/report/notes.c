/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trace of one target of many. A message is kept whole or not at all.
 */
#include <config.h>

#include "report/notes.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "report/trace.h"
#include "util/deadline.h"
#include "util/memory_file.h"

/* By all notes together: thousands of them may wait for one target. */
static _Atomic size_t kept;

struct notes *
notes_new(void)
{
    return calloc(1, sizeof(struct notes));
}

void
notes_free(struct notes *notes)
{
    if (notes) {
        atomic_fetch_sub(&kept, notes->len);
        free(notes->text);
    }
    free(notes);
}

void
notes_begin(void *context)
{
    struct notes *notes = context;

    notes->started = clock_now();
}

/* False where it does not fit, or memory is short. */
static bool
keep(struct notes *notes, const char *text, size_t len)
{
    if (len > NOTES_MAX - notes->len)
        return false;
    bool fits = atomic_fetch_add(&kept, len) + len <= NOTES_MAX_ALL;
    char *grown = fits ? realloc(notes->text, notes->len + len) : NULL;
    if (!grown) {
        atomic_fetch_sub(&kept, len);
        return false;
    }
    memcpy(grown + notes->len, text, len);
    notes->text = grown;
    notes->len += len;
    return true;
}

void
notes_observe(void *context, const struct userauth_msg *msg)
{
    struct notes *notes = context;
    struct memory_file memory;
    char *text = NULL;
    size_t len = 0;

    if (!notes->dropped && memory_file_open(&memory)) {
        trace_message(memory.file, notes->started, msg);
        text = memory_file_close(&memory, &len);
    }
    if (!text || !keep(notes, text, len))
        notes->dropped++;
    free(text);
}

bool
notes_are_empty(const struct notes *notes)
{
    return notes->len == 0 && notes->dropped == 0;
}

void
notes_put(FILE *log, const struct notes *notes)
{
    if (notes->len)
        fwrite(notes->text, 1, notes->len, log);
    if (notes->dropped)
        fprintf(log, "  (the trace was cut: %lu more message%s)\n", notes->dropped,
                notes->dropped == 1 ? "" : "s");
}
