/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the json format share: not for anybody else. json.c is a target and its
 * chains, json_step.c one step, json_value.c how values are made.
 *
 * A value that could not be made is NULL. json_put() and json_add() notice that, and where the
 * object or array itself could not be made, so that nobody else needs to look.
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "probe/verdict.h"
#include "report/json_library.h"

/* One line in the making. */
struct json_page {
    bool lost; /* memory was short: the line is not whole */
};

/* Takes `value` over, and puts it into the object, or at the end of the array. */
void json_put(struct json_page *page, json_t *object, const char *key, json_t *value);
void json_add(struct json_page *page, json_t *array, json_t *value);

/* Puts the text where there is one: neither NULL nor empty. */
void json_put_text(struct json_page *page, json_t *object, const char *key, const char *text);

/* Text of anybody's: what is not UTF-8 becomes U+FFFD. */
json_t *json_text(const char *text);
json_t *json_bytes(const struct bytes *text);

/* The names of a name-list; NULL is an empty one. */
json_t *json_names(struct json_page *page, const char *list);

/* Milliseconds, to the microsecond: more digits would be noise. */
json_t *json_ms(double ms);

/* All about one step. */
json_t *json_step(struct json_page *page, const struct step *step);

#endif
