/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For a moment only: other threads call getenv(3) meanwhile, for what is the same in both.
 */
#include <config.h>

#include "ask/environment.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

#include "util/environ.h"

static bool ascii;

/* Is the environment's locale plain ASCII, because it is C or because it is not installed? */
static bool
locale_is_ascii(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (locale == (locale_t)0) {
        return true;
    }
    bool is_ascii = strcmp(nl_langinfo_l(CODESET, locale), "ANSI_X3.4-1968") == 0;
    freelocale(locale);
    return is_ascii;
}

void
environment_prepare(void)
{
    ascii = locale_is_ascii();
}

bool
environment_change(void)
{
    static char no_inputrc[] = "INPUTRC=/dev/null", utf8[] = "LC_ALL=C.UTF-8";
    char *const first[] = {no_inputrc, utf8};
    return environ_pretend(first, ascii ? 2 : 1);
}

void
environment_restore(void)
{
    environ_stop_pretending();
}
