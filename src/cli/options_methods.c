/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Options that say what is tried, and what is expected.
 */
#include <config.h>

#include "cli/options_take.h"

#include <stdlib.h>

#include "util/name_list.h"

bool
take_methods(struct parser *parser, const struct given *given)
{
    struct layer *layer = parser->layer;
    bool added = list_add_chains(&layer->chains, given->option, given->value, parser->failure);

    layer->options.chains = layer->chains.chains;
    layer->options.chain_count = layer->chains.count;
    return added;
}

bool
take_expect(struct parser *parser, const struct given *given)
{
    return list_outcomes(&parser->layer->options.settings.expected, given->option, given->value,
                         parser->failure);
}

bool
take_expect_offered(struct parser *parser, const struct given *given)
{
    struct layer *layer = parser->layer;

    if (layer->expect_offered != NULL) {
        failure_set(parser->failure, OUTCOME_USAGE,
                    "%s: given twice, but the server's first list is only one", given->option);
        return false;
    }
    layer->expect_offered = list_names(given->option, given->value, parser->failure);
    layer->options.settings.expect_offered = layer->expect_offered;
    return layer->expect_offered != NULL;
}

bool
take_forbid_offered(struct parser *parser, const struct given *given)
{
    struct layer *layer = parser->layer;
    char *names = list_names(given->option, given->value, parser->failure);
    const char *rest = names, *name;
    bool added = names != NULL;
    size_t len;

    while (added && (name = name_list_next(&rest, &len)) != NULL) {
        if (!name_list_has(layer->forbid_offered, name, len))
            added = name_list_add(&layer->forbid_offered, name, len) ||
                    failure_no_memory(parser->failure);
    }
    free(names);
    layer->options.settings.forbid_offered = layer->forbid_offered;
    return added;
}
