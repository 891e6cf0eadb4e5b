/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of methods and outcomes from text. Which names there are is asked of the method table
 * and of outcome.def; none is typed here but those that need an explanation.
 */
#include <config.h>

#include "cli/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/method.h"
#include "util/escape.h"
#include "util/name_list.h"

#define BLANKS    " \t\n"
#define SHOWN_MAX 80 /* bytes of a name in a message */
#define KNOWN_MAX 480
#define NAME_SIZE 64 /* RFC 4251 section 6 */

char *
list_known_methods(char *out, size_t size)
{
    const struct method *method;
    size_t len = 0;

    *out = '\0';
    for (size_t i = 0; (method = method_at(i)) != NULL && len < size; i++) {
        bool alias = method->alias != NULL;
        len += (size_t)snprintf(out + len, size - len, "%s%s%s%s%s", i == 0 ? "" : ", ",
                                method->name, alias ? " (" : "", alias ? method->alias : "",
                                alias ? ")" : "");
    }
    return out;
}

static bool
is_word(const char *name, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(name, word, len) == 0;
}

static const char no_submethod[] =
    "the server alone chooses a submethod; name the method without it";

/* Why a name that the table lacks is not known. */
static const char *
method_error(const char *name, size_t len)
{
#ifndef HAVE_GSSAPI
    if (is_word(name, len, "gssapi-with-mic") || is_word(name, len, "gssapi"))
        return "this program was built without GSSAPI";
#endif
    if (is_word(name, len, "any"))
        return "'any' leaves open what to try; name the methods";
    if (memchr(name, ':', len) != NULL)
        return no_submethod;
    return "no such method";
}

static bool
bad_method(const char *option, const char *name, size_t len, struct failure *failure)
{
    char shown[SHOWN_MAX];
    char known[KNOWN_MAX];

    if (len == 0)
        failure_set(failure, OUTCOME_USAGE, "%s: there is no method before or behind a comma",
                    option);
    else
        failure_set(failure, OUTCOME_USAGE, "%s '%s': %s", option,
                    escape_into(shown, sizeof(shown), name, len, ESCAPE_LINE),
                    method_error(name, len));
    failure_hint(failure, "methods: %s", list_known_methods(known, sizeof(known)));
    return false;
}

/* Appends an empty chain with room for `steps`. NULL where memory is short. */
static struct chain *
add_chain(struct chain_list *list, size_t steps)
{
    struct chain *chains = reallocarray(list->chains, list->count + 1, sizeof(*chains));

    if (chains == NULL)
        return NULL;
    list->chains = chains;
    struct chain *chain = &chains[list->count];
    *chain = (struct chain){.steps = NULL};
    if (steps > 0 && (chain->steps = calloc(steps, sizeof(*chain->steps))) == NULL)
        return NULL;
    list->count++;
    return chain;
}

bool
list_add_listing(struct chain_list *list)
{
    return add_chain(list, 0) != NULL;
}

static size_t
count_commas(const char *text, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += text[i] == ',';
    return count;
}

/* One chain: the `len` bytes at `text`, without blanks. */
static bool
read_chain(struct chain_list *list, const char *option, const char *text, size_t len,
           struct failure *failure)
{
    size_t steps = count_commas(text, len) + 1;

    if (steps > LIST_STEPS_MAX || list->count == LIST_CHAINS_MAX) {
        failure_set(failure, OUTCOME_USAGE,
                    "%s: too long: %d chains of %d methods are the limit", option,
                    LIST_CHAINS_MAX, LIST_STEPS_MAX);
        return false;
    }
    struct chain *chain = add_chain(list, steps);
    if (chain == NULL)
        return failure_no_memory(failure);

    for (const char *end = text + len; chain->count < steps; chain->count++) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        size_t word = (size_t)((comma == NULL ? end : comma) - text);
        const struct method *method = word == 0 ? NULL : method_find(text, word);
        if (method == NULL)
            return bad_method(option, text, word, failure);
        chain->steps[chain->count] = method;
        text += word + 1;
    }
    return true;
}

bool
list_add_chains(struct chain_list *list, const char *option, const char *text,
                struct failure *failure)
{
    char known[KNOWN_MAX];

    text += strspn(text, BLANKS);
    if (*text == '\0') {
        failure_set(failure, OUTCOME_USAGE, "%s: the list is empty", option);
        failure_hint(failure, "methods: %s", list_known_methods(known, sizeof(known)));
        return false;
    }
    while (*text != '\0') {
        size_t len = strcspn(text, BLANKS);
        if (!read_chain(list, option, text, len, failure))
            return false;
        text += len;
        text += strspn(text, BLANKS);
    }
    return true;
}

void
list_free(struct chain_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->chains[i].steps);
    free(list->chains);
    *list = (struct chain_list){.chains = NULL};
}

/* Why no server offers a method of this name; NULL: one may. */
static const char *
name_error(const char *name, size_t len)
{
    const char *at = memchr(name, '@', len);
    size_t local = at == NULL ? len : (size_t)(at - name);

    if (len == 0)
        return "there is no method before or behind a comma";
    if (is_word(name, len, "none"))
        return "no server lists this method";
    if (is_word(name, len, "any"))
        return "'any' is no method; name the methods";
    if (len > NAME_SIZE)
        return "a method's name has at most 64 characters";
    for (size_t i = 0; i < len; i++) {
        if (name[i] <= ' ' || name[i] > '~')
            return "a method's name is printable ASCII without blanks";
    }
    if (at == NULL)
        return memchr(name, ':', len) == NULL ? NULL : no_submethod;
    if (local == 0 || local + 1 == len || memchr(at + 1, '@', len - local - 1) != NULL)
        return "a method of a vendor's own is NAME@DOMAIN";
    return NULL;
}

/* The name on the wire. An alias means the same in a build that lacks the method: taken for a
 * name, what it forbids would never be found. */
static const char *
wire_name(const char *name, size_t *len)
{
    const struct method *method = method_find(name, *len);
    const char *wire = method == NULL ? NULL : method->name;

#ifndef HAVE_GSSAPI
    if (is_word(name, *len, "gssapi"))
        wire = "gssapi-with-mic";
#endif
    if (wire == NULL)
        return name;
    *len = strlen(wire);
    return wire;
}

static bool
add_name(char **names, const char *option, const char *name, size_t len,
         struct failure *failure)
{
    char shown[SHOWN_MAX];
    const char *error = name_error(name, len);
    size_t wire_len = len;
    const char *wire = wire_name(name, &wire_len);

    if (error == NULL && name_list_has(*names, wire, wire_len))
        error = "named twice";
    if (error == NULL)
        return name_list_add(names, wire, wire_len) || failure_no_memory(failure);
    failure_set(failure, OUTCOME_USAGE, "%s '%s': %s", option,
                escape_into(shown, sizeof(shown), name, len, ESCAPE_LINE), error);
    return false;
}

char *
list_names(const char *option, const char *text, struct failure *failure)
{
    char *names = NULL;

    if (*text == '\0') {
        failure_set(failure, OUTCOME_USAGE, "%s: the list is empty", option);
        return NULL;
    }
    for (size_t count = 0;; count++) {
        size_t len = strcspn(text, ",");
        if (count == LIST_NAMES_MAX)
            failure_set(failure, OUTCOME_USAGE, "%s: too long: %d methods are the limit",
                        option, LIST_NAMES_MAX);
        if (count == LIST_NAMES_MAX || !add_name(&names, option, text, len, failure)) {
            free(names);
            return NULL;
        }
        if (text[len] == '\0')
            return names;
        text += len + 1;
    }
}

static void
hint_outcomes(struct failure *failure)
{
    char known[KNOWN_MAX] = "";
    size_t len = 0;

    for (int i = 0; i < OUTCOME_COUNT && len < sizeof(known); i++) {
        if (outcome_expectable((enum outcome)i))
            len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s",
                                    len == 0 ? "" : ", ", outcome_word((enum outcome)i));
    }
    failure_hint(failure, "outcomes: %s", known);
}

bool
list_outcomes(outcome_set *set, const char *option, const char *text, struct failure *failure)
{
    char shown[SHOWN_MAX];

    *set = 0;
    for (;;) {
        size_t len = strcspn(text, ",");
        enum outcome outcome = outcome_find(text, len);
        if (len == 0 || outcome == OUTCOME_COUNT || !outcome_expectable(outcome)) {
            escape_into(shown, sizeof(shown), text, len, ESCAPE_LINE);
            failure_set(failure, OUTCOME_USAGE, "%s '%s': %s", option, shown,
                        len == 0                   ? "an outcome is missing"
                        : outcome == OUTCOME_COUNT ? "no such outcome"
                                                   : "this outcome cannot be expected");
            hint_outcomes(failure);
            return false;
        }
        *set |= (outcome_set)1 << outcome;
        if (text[len] == '\0')
            return true;
        text += len + 1;
    }
}
