/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mini-XML, late.
 */
#include <config.h>

#include "report/xml_library.h"
#include "util/late.h"

#ifdef LATE_MXML
LATE_LIBRARY(xml, LATE_MXML, "--format=junit", XML_LIBRARY);
#else
LATE_LINKED(xml);
#endif
