/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The record needs no GSSAPI: it is there without gssapi-with-mic as well.
 */
#include <config.h>

#include "gss/record.h"

#include <stdlib.h>
#include <string.h>

void
gss_record_free(struct gss_record *record)
{
    free(record->client);
    free(record->target);
    for (size_t i = 0; i < record->text_count; i++)
        free(record->texts[i]);
    bytes_free(&record->server_text);
    memset(record, 0, sizeof *record);
}
