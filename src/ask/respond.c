/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rules: which pattern matches a prompt. What their sources say is ask/source.c's, and what an
 * attempt takes from them respond_use.c's.
 */
#include <config.h>

#include "ask/respond_rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ask/pattern.h"
#include "util/escape.h"

static bool
out_of_memory(struct failure *failure)
{
    return failure_no_memory(failure);
}

static bool
malformed(struct failure *failure, const char *where, const char *why)
{
    failure_set(failure, OUTCOME_USAGE, "%s: %s", where, why);
    return false;
}

struct respond_rules *
respond_new(void)
{
    struct respond_rules *rules = calloc(1, sizeof *rules);
    if (rules != NULL) {
        /* A rule that works at a terminal must work from cron, where LC_ALL is C. */
        errno = 0;
        rules->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
        if (rules->locale == (locale_t)0 && errno == ENOMEM) {
            free(rules);
            return NULL;
        }
    }
    return rules;
}

bool
respond_reads(const struct respond_rules *rules, int fd)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (source_reads(&rules->rules[i].source, fd)) {
            return true;
        }
    }
    return false;
}

void
respond_free(struct respond_rules *rules)
{
    if (rules == NULL) {
        return;
    }
    for (size_t i = 0; i < rules->count; i++) {
        regfree(&rules->rules[i].pattern);
        source_free(&rules->rules[i].source);
    }
    if (rules->locale != (locale_t)0) {
        freelocale(rules->locale);
    }
    free(rules->rules);
    free(rules);
}

/* Patterns are compiled and run in the rules' locale. */
static locale_t
locale_enter(const struct respond_rules *rules)
{
    return rules->locale == (locale_t)0 ? (locale_t)0 : uselocale(rules->locale);
}

static void
locale_leave(locale_t before)
{
    if (before != (locale_t)0) {
        uselocale(before);
    }
}

static bool
pattern_compile(const struct respond_rules *rules, struct rule *rule, const char *argument,
                size_t len, const char *where, struct failure *failure)
{
    char *pattern = strndup(argument, len);
    if (pattern == NULL) {
        return out_of_memory(failure);
    }
    const char *unfit = pattern_unfit(pattern);
    if (unfit != NULL) {
        free(pattern);
        return malformed(failure, where, unfit);
    }
    locale_t before = locale_enter(rules);
    int error = regcomp(&rule->pattern, pattern, REG_EXTENDED | REG_NOSUB);
    locale_leave(before);
    free(pattern);
    if (error == REG_ESPACE) {
        return out_of_memory(failure);
    }
    if (error != 0) {
        char why[128];
        regerror(error, &rule->pattern, why, sizeof why);
        return malformed(failure, where, why);
    }
    return true;
}

/* Behind which '=' does the source begin? NULL: none. */
static const char *
source_in(const char *argument)
{
    const char *equals = strchr(argument, '=');
    while (equals != NULL && !source_known(equals + 1)) {
        equals = strchr(equals + 1, '=');
    }
    return equals == NULL ? NULL : equals + 1;
}

static bool
rule_parse(const struct respond_rules *rules, struct rule *rule, const char *argument,
           const char *where, struct failure *failure)
{
    const char *text = source_in(argument);
    if (text == NULL) {
        failure_set(failure, OUTCOME_USAGE, "%s: no source: PATTERN= and one of %s is meant",
                    where, source_list());
        return false;
    }
    const char *why;
    if (!source_init(&rule->source, text, &why)) {
        return why == NULL ? out_of_memory(failure) : malformed(failure, where, why);
    }
    if (!pattern_compile(rules, rule, argument, (size_t)(text - argument - 1), where,
                         failure)) {
        source_free(&rule->source);
        return false;
    }
    return true;
}

bool
respond_add_from(struct respond_rules *rules, const char *argument, const char *where,
                 struct failure *failure)
{
    struct rule *more = reallocarray(rules->rules, rules->count + 1, sizeof *more);
    if (more == NULL) {
        return out_of_memory(failure);
    }
    rules->rules = more;
    if (!rule_parse(rules, &more[rules->count], argument, where, failure)) {
        return false;
    }
    rules->count++;
    return true;
}

bool
respond_add(struct respond_rules *rules, const char *argument, struct failure *failure)
{
    char shown[256], where[sizeof shown + 4];
    /* where there is no source, what is behind the = may be a password: it is not repeated */
    bool repeat = source_in(argument) != NULL;

    escape_into(shown, sizeof shown, argument, strlen(argument), ESCAPE_LINE);
    snprintf(where, sizeof where, "-r%s%s", repeat ? " " : "", repeat ? shown : "");
    return respond_add_from(rules, argument, where, failure);
}

bool
respond_check(const struct respond_rules *rules, struct failure *failure)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (!source_check(&rules->rules[i].source, failure)) {
            return false;
        }
    }
    return true;
}

/* ---- matching ---- */

/* The prompt as regexec(3) takes it: no NUL, and well-formed in the locale in force. To be
 * freed. */
static char *
decode(const char *prompt, size_t len)
{
    static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
    char *text = reallocarray(NULL, len + 1, sizeof replacement - 1);
    if (text == NULL) {
        return NULL;
    }
    char *out = text;
    for (size_t at = 0; at < len;) {
        mbstate_t state = {0};
        wchar_t character;
        size_t n = mbrtowc(&character, prompt + at, len - at, &state);
        if (n == 0 || n > len - at) { /* a NUL; not UTF-8, or cut off */
            memcpy(out, replacement, sizeof replacement - 1);
            out += sizeof replacement - 1;
            at++;
        } else {
            memcpy(out, prompt + at, n);
            out += n;
            at += n;
        }
    }
    *out = '\0';
    return text;
}

/* glibc's regexec(3) says "no match" where memory is short: only errno tells. */
static int
match(const regex_t *pattern, const char *text)
{
    errno = 0;
    int result = regexec(pattern, text, 0, NULL, 0);

    return result == REG_NOMATCH && errno == ENOMEM ? REG_ESPACE : result;
}

bool
respond_find(const struct respond_rules *rules, const char *prompt, size_t len,
             const struct rule **found)
{
    *found = NULL;
    if (rules->count == 0 || len > RESPOND_PROMPT_MAX) {
        return true;
    }
    locale_t before = locale_enter(rules);
    char *text = decode(prompt, len);
    int result = text == NULL ? REG_ESPACE : REG_NOMATCH;
    for (size_t i = 0; i < rules->count && result == REG_NOMATCH; i++) {
        result = match(&rules->rules[i].pattern, text);
        if (result == 0) {
            *found = &rules->rules[i];
        }
    }
    locale_leave(before);
    free(text);
    return result == 0 || result == REG_NOMATCH;
}
