/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values of the json format: what jansson does not do by itself, and the watch over memory.
 */
#include <config.h>

#include "report/json.h"

#include <stdlib.h>
#include <string.h>

#include "util/name_list.h"
#include "util/utf8.h"

void
json_put(struct json_page *page, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        page->lost = true;
}

void
json_add(struct json_page *page, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        page->lost = true;
}

static json_t *
make_text(const char *text, size_t len)
{
    size_t clean_len;
    char *clean = utf8_clean(text, len, &clean_len);
    json_t *value = clean ? json_stringn(clean, clean_len) : NULL;

    free(clean);
    return value;
}

json_t *
json_text(const char *text)
{
    return make_text(text, strlen(text));
}

json_t *
json_bytes(const struct bytes *text)
{
    return make_text(text->data ? text->data : "", text->len);
}

void
json_put_text(struct json_page *page, json_t *object, const char *key, const char *text)
{
    if (text && *text)
        json_put(page, object, key, json_text(text));
}

json_t *
json_names(struct json_page *page, const char *list)
{
    json_t *names = json_array();
    const char *name;
    size_t len;

    while ((name = name_list_next(&list, &len)))
        json_add(page, names, make_text(name, len));
    return names;
}

json_t *
json_ms(double ms)
{
    return json_real((double)(int64_t)(ms * 1000 + 0.5) / 1000);
}
