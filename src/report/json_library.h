/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the json format calls of jansson, which is loaded with that.
 */
#ifndef JSON_LIBRARY_H
#define JSON_LIBRARY_H

#include <jansson.h>

#include "util/failure.h"

/* Before anything of it is called; see late_load(). */
bool json_library_load(struct failure *failure);

#ifdef LATE_JANSSON
/* clang-format off */

#define JSON_LIBRARY(ROW) \
    ROW(json_array) \
    ROW(json_array_append_new) \
    ROW(json_delete) \
    ROW(json_dumpb) \
    ROW(json_false) \
    ROW(json_integer) \
    ROW(json_object) \
    ROW(json_object_set_new) \
    ROW(json_real) \
    ROW(json_stringn) \
    ROW(json_true)

#include "util/late.h"

LATE_TABLE(json, JSON_LIBRARY);

#define json_array            (*json_library.of.json_array)
#define json_array_append_new (*json_library.of.json_array_append_new)
#define json_delete           (*json_library.of.json_delete)
#define json_dumpb            (*json_library.of.json_dumpb)
#define json_false            (*json_library.of.json_false)
#define json_integer          (*json_library.of.json_integer)
#define json_object           (*json_library.of.json_object)
#define json_object_set_new   (*json_library.of.json_object_set_new)
#define json_real             (*json_library.of.json_real)
#define json_stringn          (*json_library.of.json_stringn)
#define json_true             (*json_library.of.json_true)

/* clang-format on */

/* Jansson's own is inline, and calls json_delete() past the table. */
#define json_decref(value) json_library_decref(value)

static inline void
json_library_decref(json_t *value)
{
    if (value && value->refcount != (size_t)-1 && --value->refcount == 0)
        json_delete(value);
}
#endif

#endif
