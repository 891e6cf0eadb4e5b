/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a target was named.
 */
#include <config.h>

#include "report/place.h"

#include <string.h>

#include "util/escape.h"

bool
place_put(FILE *out, const struct result_place *place)
{
    char file[RESULT_FILE_SHOWN];

    if (!place->file)
        return false;
    escape_into(file, sizeof file, place->file, strlen(place->file), ESCAPE_LINE);
    fprintf(out, "%s line %lu", strcmp(file, "-") == 0 ? "standard input" : file, place->line);
    return true;
}

const char *
place_label(const struct result *result)
{
    if (result->request)
        return result->request->label;
    return result->place.named ? result->place.named : "";
}

void
place_target(FILE *out, const struct result *result)
{
    const char *label = place_label(result);

    fputs(label, out);
    if (result->request)
        fprintf(out, " port %u", (unsigned)result->request->port);
    else if (!*label && !place_put(out, &result->place))
        fputs("a target", out);
}

const char *
place_message(const struct result *result)
{
    const struct result_place *place = &result->place;
    const char *message = result->failure.message;
    char file[RESULT_FILE_SHOWN], prefix[RESULT_FILE_SHOWN + 32];

    if (!place->file)
        return message;
    escape_into(file, sizeof file, place->file, strlen(place->file), ESCAPE_LINE);
    int len = snprintf(prefix, sizeof prefix, "%s:%lu: ", file, place->line);
    return strncmp(message, prefix, (size_t)len) == 0 ? message + len : message;
}

bool
place_is_unbegun(const struct result *result)
{
    return result->count == 0 && result->failure.outcome == OUTCOME_INTERRUPTED;
}
