/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Options that say how prompts are answered, those of the server's and those of keys.
 */
#include <config.h>

#include "cli/options_take.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/value.h"

#define MAX_REFUSED 1000000

bool
take_respond(struct parser *parser, const struct given *given)
{
    return respond_add(parser->layer->rules, given->value, parser->failure);
}

bool
take_respond_file(struct parser *parser, const struct given *given)
{
    return respond_add_file(parser->layer->rules, given->value, parser->failure);
}

bool
take_max_refused(struct parser *parser, const struct given *given)
{
    struct settings *settings = &parser->layer->options.settings;

    if (!value_count(given->value, MAX_REFUSED, &settings->max_refused))
        return take_refused(parser, given, "a number from 1 to 1000000 is meant");
    respond_limit(parser->layer->rules, settings->max_refused);
    return true;
}

bool
take_identity(struct parser *parser, const struct given *given)
{
    struct layer *layer = parser->layer;
    struct identity *list;

    if (*given->value == '\0')
        return take_refused(parser, given, "no file is named");
    list = reallocarray(layer->identities, layer->identity_count + 1, sizeof(*list));
    if (list == NULL)
        return failure_no_memory(parser->failure);
    list[layer->identity_count++] = (struct identity){.file = given->value};
    layer->identities = list;
    layer->options.settings.identities = list;
    layer->options.settings.identity_count = layer->identity_count;
    return true;
}

/* A message never repeats the value: it may be the passphrase itself, typed by mistake. */
bool
take_passphrase(struct parser *parser, const struct given *given)
{
    struct layer *layer = parser->layer;
    struct identity *last =
        layer->identity_count > 0 ? &layer->identities[layer->identity_count - 1] : NULL;
    const char *why = NULL;
    char text[200];

    if (last == NULL)
        why = "it belongs to the -i before it, and there is none";
    else if (last->passphrase != NULL)
        why = "the -i before it has one already";
    else if (!source_known(given->value)) {
        snprintf(text, sizeof(text), "no source: one of %s is meant", source_list());
        why = text;
    }
    if (why == NULL) {
        struct source *source = malloc(sizeof(*source));
        if (source != NULL && source_init(source, given->value, &why)) {
            last->passphrase = source;
            return true;
        }
        free(source);
        if (why == NULL)
            return failure_no_memory(parser->failure);
    }
    failure_set(parser->failure, OUTCOME_USAGE, "%s: %s", given->option, why);
    return false;
}
