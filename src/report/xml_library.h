/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the junit format calls of Mini-XML, which is loaded with that.
 */
#ifndef XML_LIBRARY_H
#define XML_LIBRARY_H

#include <mxml.h>

#include "util/failure.h"

/* Before anything of it is called; see late_load(). */
bool xml_library_load(struct failure *failure);

#ifdef LATE_MXML
/* clang-format off */

#define XML_LIBRARY(ROW) \
    ROW(mxmlDelete) \
    ROW(mxmlElementSetAttr) \
    ROW(mxmlGetElement) \
    ROW(mxmlGetFirstChild) \
    ROW(mxmlGetOpaque) \
    ROW(mxmlGetType) \
    ROW(mxmlNewElement) \
    ROW(mxmlNewOpaque) \
    ROW(mxmlNewXML) \
    ROW(mxmlSaveFile) \
    ROW(mxmlSetErrorCallback) \
    ROW(mxmlSetWrapMargin)

#include "util/late.h"

LATE_TABLE(xml, XML_LIBRARY);

#define mxmlDelete           (*xml_library.of.mxmlDelete)
#define mxmlElementSetAttr   (*xml_library.of.mxmlElementSetAttr)
#define mxmlGetElement       (*xml_library.of.mxmlGetElement)
#define mxmlGetFirstChild    (*xml_library.of.mxmlGetFirstChild)
#define mxmlGetOpaque        (*xml_library.of.mxmlGetOpaque)
#define mxmlGetType          (*xml_library.of.mxmlGetType)
#define mxmlNewElement       (*xml_library.of.mxmlNewElement)
#define mxmlNewOpaque        (*xml_library.of.mxmlNewOpaque)
#define mxmlNewXML           (*xml_library.of.mxmlNewXML)
#define mxmlSaveFile         (*xml_library.of.mxmlSaveFile)
#define mxmlSetErrorCallback (*xml_library.of.mxmlSetErrorCallback)
#define mxmlSetWrapMargin    (*xml_library.of.mxmlSetWrapMargin)

/* clang-format on */
#endif

#endif
