/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a verdict owns.
 */
#include <config.h>

#include "probe/verdict.h"

#include <stdlib.h>
#include <string.h>

const char *
stage_word(enum stage stage)
{
    static const char *const words[STAGE_COUNT] = {
        [STAGE_RESOLVE] = "resolve", [STAGE_CONNECT] = "connect", [STAGE_PROXY] = "proxy",
        [STAGE_BANNER] = "banner",   [STAGE_KEX] = "kex",         [STAGE_HOST_KEY] = "host-key",
        [STAGE_AUTH] = "auth",
    };

    return words[stage];
}

void
verdict_free(struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->step_count; i++)
        step_free(&verdict->steps[i]);
    free(verdict->steps);
    step_free(&verdict->listing);
    for (size_t i = 0; i < verdict->banner_count; i++)
        bytes_free(&verdict->banners[i]);
    free(verdict->banners);
    bytes_free(&verdict->server_version);
    bytes_free(&verdict->disconnect.text);
    free(verdict->offered);
    memset(verdict, 0, sizeof *verdict);
}
