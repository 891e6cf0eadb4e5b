/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a target was named.
 */
#include <config.h>

#include "report/place.h"

#include <string.h>

#include "util/escape.h"

enum { FILE_SHOWN = 400 }; /* bytes, with the NUL */

static const char *
show_file(char shown[FILE_SHOWN], const struct result_place *place)
{
    return escape_into(shown, FILE_SHOWN, place->file, strlen(place->file), ESCAPE_LINE);
}

bool
place_put(FILE *out, const struct result_place *place)
{
    char file[FILE_SHOWN];

    if (!place->file)
        return false;
    fprintf(out, "%s line %lu",
            strcmp(place->file, "-") == 0 ? "standard input" : show_file(file, place),
            place->line);
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

void
place_prefix(FILE *out, const struct result *result)
{
    const char *label = place_label(result);
    char file[FILE_SHOWN];

    if (result->place.file)
        fprintf(out, "%s:%lu: ", show_file(file, &result->place), result->place.line);
    else if (*label)
        fprintf(out, "%s: ", label);
}

bool
place_is_unbegun(const struct result *result)
{
    return result->count == 0 && result->failure.outcome == OUTCOME_INTERRUPTED;
}
