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

/* The rules of this layer, which begin as none; NULL with the failure set. */
static struct respond_rules *
own_rules(struct parser *parser)
{
    struct layer *layer = parser->layer;
    struct settings *settings = &layer->options.settings;

    if (layer->rules == NULL) {
        layer->rules = respond_new();
        if (layer->rules == NULL) {
            failure_no_memory(parser->failure);
            return NULL;
        }
        settings->rules = layer->rules;
    }
    return layer->rules;
}

bool
take_respond(struct parser *parser, const struct given *given)
{
    struct respond_rules *rules = own_rules(parser);

    return rules != NULL && respond_add(rules, given->value, parser->failure);
}

bool
take_respond_file(struct parser *parser, const struct given *given)
{
    struct respond_rules *rules = own_rules(parser);

    return rules != NULL && respond_add_file(rules, given->value, parser->failure);
}

bool
take_max_refused(struct parser *parser, const struct given *given)
{
    unsigned *count = &parser->layer->options.settings.max_refused;

    return value_count(given->value, MAX_REFUSED, count) ||
           take_refused(parser, given, "a number from 1 to 1000000 is meant");
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
