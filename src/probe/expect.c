/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Expectations, and the words for those that were not met.
 */
#include <config.h>

#include "probe/expect.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/escape.h"
#include "util/name_list.h"

/* Of a server's list in a text: what is longer is cut. Two lists and two differences fit. */
#define LIST_SHOWN  112
#define NAMES_SHOWN 80

/* Names joined by commas, with a remark each, cut to fit; as they came, not printable. */
struct names {
    char text[512];
    size_t len;
    size_t count;
};

static void
names_add(struct names *names, const char *name, size_t len, const char *remark)
{
    const char *parts[] = {names->count > 0 ? "," : "", name, remark};
    const size_t sizes[] = {strlen(parts[0]), len, strlen(remark)};

    for (size_t i = 0; i < 3; i++) {
        size_t room = sizeof names->text - names->len;
        size_t size = sizes[i] < room ? sizes[i] : room;
        memcpy(names->text + names->len, parts[i], size);
        names->len += size;
    }
    names->count++;
}

static char *
names_show(char *out, size_t size, const struct names *names)
{
    return escape_into(out, size, names->text, names->len, ESCAPE_LINE);
}

__attribute__((format(printf, 2, 3))) static void
add_unmet(struct verdict *verdict, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(verdict->unmet[verdict->unmet_count], sizeof verdict->unmet[0], format,
              arguments);
    va_end(arguments);
    verdict->unmet_count++;
}

static void
judge_outcome(struct verdict *verdict)
{
    outcome_set expected = verdict->request->settings->expected;
    char words[VERDICT_UNMET_SIZE] = "";
    size_t len = 0;

    if (expected == 0 || outcome_exit(verdict->outcome, expected) == 0)
        return;
    for (int i = 0; i < OUTCOME_COUNT && len < sizeof words; i++) {
        if (expected >> i & 1)
            len += (size_t)snprintf(words + len, sizeof words - len, "%s%s",
                                    len > 0 ? " or " : "", outcome_word((enum outcome)i));
    }
    add_unmet(verdict, "expected outcome %s, got %s", words, outcome_word(verdict->outcome));
}

/* Why there is no list to judge. */
static const char *
why_no_list(const struct verdict *verdict)
{
    switch (verdict->outcome) {
    case OUTCOME_SUCCESS:
    case OUTCOME_EARLY_SUCCESS:
    case OUTCOME_TRIVIAL:
        return "no list came: the server accepted none";
    default:
        return "no list came";
    }
}

/* The names of `list` that `other` lacks. */
static struct names
difference(const char *list, const char *other)
{
    struct names names = {.len = 0};
    const char *name;
    size_t len;

    while ((name = name_list_next(&list, &len)) != NULL) {
        if (!name_list_has(other, name, len))
            names_add(&names, name, len, "");
    }
    return names;
}

/* "a,b are missing", with what goes before it; nothing where there are no names. */
static void
describe(char *out, size_t size, const char *before, const struct names *names,
         const char *after)
{
    char shown[NAMES_SHOWN];

    *out = '\0';
    if (names->count > 0)
        snprintf(out, size, "%s%s %s %s", before, names_show(shown, sizeof shown, names),
                 names->count == 1 ? "is" : "are", after);
}

static void
judge_expected(struct verdict *verdict)
{
    const char *expected = verdict->request->settings->expect_offered;
    const char *offered = verdict->offered;
    char wanted[LIST_SHOWN], got[LIST_SHOWN], extra_text[128], missing_text[128];

    if (!expected)
        return;
    escape_into(wanted, sizeof wanted, expected, strlen(expected), ESCAPE_LINE);
    if (!offered) {
        add_unmet(verdict, "expected the methods %s to be offered, and no others; %s", wanted,
                  why_no_list(verdict));
        return;
    }
    struct names extra = difference(offered, expected), missing = difference(expected, offered);
    if (extra.count == 0 && missing.count == 0)
        return;
    escape_into(got, sizeof got, *offered ? offered : "none at all",
                strlen(*offered ? offered : "none at all"), ESCAPE_LINE);
    describe(extra_text, sizeof extra_text, ": ", &extra, "not expected");
    describe(missing_text, sizeof missing_text, extra.count ? ", " : ": ", &missing, "missing");
    add_unmet(verdict, "expected the methods %s to be offered, and no others; got %s%s%s",
              wanted, got, extra_text, missing_text);
}

/* The first step after which the method was in the list; NULL: none. */
static const struct step *
find_offered(const struct verdict *verdict, const char *name, size_t len)
{
    if (verdict->listed && name_list_has(verdict->listing.remaining, name, len))
        return &verdict->listing;
    for (size_t i = 0; i < verdict->step_count; i++) {
        const struct step *step = &verdict->steps[i];
        if (name_list_has(step->remaining, name, len) ||
            name_list_has(step->earlier, name, len))
            return step;
    }
    return NULL;
}

static void
judge_forbidden(struct verdict *verdict)
{
    const char *rest = verdict->request->settings->forbid_offered, *name;
    struct names found = {.len = 0};
    char shown[3 * LIST_SHOWN], remark[64] = "";
    size_t len;

    if (!rest)
        return;
    if (!verdict->offered) {
        escape_into(shown, sizeof shown, rest, strlen(rest), ESCAPE_LINE);
        add_unmet(verdict, "%s must not be offered, and whether it is, is not known; %s", shown,
                  why_no_list(verdict));
        return;
    }
    while ((name = name_list_next(&rest, &len)) != NULL) {
        const struct step *step = find_offered(verdict, name, len);
        if (!step && !name_list_has(verdict->offered, name, len))
            continue;
        *remark = '\0';
        if (step && step->method->id != USERAUTH_NONE)
            snprintf(remark, sizeof remark, " (after %s)", step->method->name);
        names_add(&found, name, len, remark);
    }
    if (found.count > 0)
        add_unmet(verdict, "%s %s offered, and must not be",
                  names_show(shown, sizeof shown, &found), found.count == 1 ? "is" : "are");
}

static void
judge_delegation(struct verdict *verdict)
{
    if (!verdict->request->settings->require_delegation)
        return;
    for (size_t i = 0; i < verdict->step_count; i++) {
        const struct step *step = &verdict->steps[i];
        bool accepted =
            step->outcome == OUTCOME_SUCCESS || step->outcome == OUTCOME_PARTIAL_SUCCESS;
        if (step->method->id != USERAUTH_GSSAPI || !accepted)
            continue;
        if (!step->has_gss || !step->gss.delegated) {
            add_unmet(verdict, "delegation was required, and not granted");
            return;
        }
    }
}

void
expect_judge(struct verdict *verdict)
{
    verdict->unmet_count = 0;
    judge_outcome(verdict);
    bool as_expected = verdict->unmet_count == 0;
    judge_expected(verdict);
    judge_forbidden(verdict);
    judge_delegation(verdict);
    verdict->met = verdict->unmet_count == 0;
    if (verdict->met || !as_expected)
        verdict->exit_status =
            outcome_exit(verdict->outcome, verdict->request->settings->expected);
    else
        verdict->exit_status = outcome_status(
            outcome_answered(verdict->outcome) ? OUTCOME_UNEXPECTED : verdict->outcome);
}
