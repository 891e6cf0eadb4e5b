/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * MIT Kerberos, late.
 */
#include <config.h>

#include "gss/library.h"
#include "util/late.h"

#ifdef LATE_GSSAPI
LATE_LIBRARY(gss, LATE_GSSAPI, "gssapi-with-mic", GSS_LIBRARY);
#else
LATE_LINKED(gss);
#endif
