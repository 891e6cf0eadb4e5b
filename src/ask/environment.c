/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Another array for `environ`, for a moment. It is never freed and neither array is changed, so
 * that, unlike with setenv(3), another thread may call getenv(3) meanwhile; no child inherits
 * it.
 */
#include <config.h>

#include "ask/environment.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char **real, **substitute;

/* Is the environment's locale plain ASCII, because it is C or because it is not installed? */
static bool
locale_is_ascii(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (locale == (locale_t)0) {
        return true;
    }
    bool ascii = strcmp(nl_langinfo_l(CODESET, locale), "ANSI_X3.4-1968") == 0;
    freelocale(locale);
    return ascii;
}

bool
environment_prepare(void)
{
    static char no_inputrc[] = "INPUTRC=/dev/null", utf8[] = "LC_ALL=C.UTF-8";
    size_t count = 0, ours = 0;
    while (environ != NULL && environ[count] != NULL) {
        count++;
    }
    char **array = calloc(count + 3, sizeof *array);
    if (array == NULL) {
        return false;
    }
    array[ours++] = no_inputrc; /* getenv() takes the first */
    if (locale_is_ascii()) {
        array[ours++] = utf8;
    }
    if (count > 0) {
        memcpy(array + ours, environ, count * sizeof *array);
    }
    substitute = array;
    return true;
}

void
environment_change(void)
{
    real = environ;
    environ = substitute;
}

void
environment_restore(void)
{
    if (environ == substitute) {
        environ = real;
    }
}
