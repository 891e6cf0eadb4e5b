/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory behind options.
 */
#include <config.h>

#include "cli/options_layer.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/target.h"
#include "util/deadline.h"

#define DEFAULT_TIMEOUT (120 * DEADLINE_SECOND)

bool
layer_init(struct layer *layer)
{
    *layer = (struct layer){
        .options.settings = {.timeout = DEFAULT_TIMEOUT, .max_refused = RESPOND_MAX_REFUSED},
        .rules = respond_new(),
    };
    layer->options.settings.rules = layer->rules;
    return layer->rules != NULL;
}

bool
layer_find_local_user(struct layer *layer)
{
    const struct passwd *entry = getpwuid(getuid());

    if (entry == NULL || target_user_error(entry->pw_name) != NULL)
        return true;
    layer->local_user = strdup(entry->pw_name);
    layer->options.local_user = layer->local_user;
    return layer->local_user != NULL;
}

void
layer_begin(struct layer *layer, const struct layer *below)
{
    *layer = (struct layer){.options = below->options};
}

bool
layer_reads(const struct layer *layer, int fd)
{
    for (size_t i = 0; i < layer->identity_count; i++) {
        const struct source *passphrase = layer->identities[i].passphrase;
        if (passphrase != NULL && source_reads(passphrase, fd))
            return true;
    }
    return layer->rules != NULL && respond_reads(layer->rules, fd);
}

static void
free_identities(struct layer *layer)
{
    for (size_t i = 0; i < layer->identity_count; i++) {
        if (layer->identities[i].passphrase != NULL)
            source_free(layer->identities[i].passphrase);
        free(layer->identities[i].passphrase);
    }
    free(layer->identities);
}

void
layer_free(struct layer *layer)
{
    for (size_t i = 0; i < layer->fingerprint_count; i++)
        free((char *)layer->fingerprints[i]);
    free(layer->fingerprints);
    free_identities(layer);
    respond_free(layer->rules);
    list_free(&layer->chains);
    free(layer->ssh_options);
    free(layer->expect_offered);
    free(layer->forbid_offered);
    free(layer->local_user);
    *layer = (struct layer){.rules = NULL};
}
