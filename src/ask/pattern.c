/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One pass over an expression: how large it becomes, and how deep it goes.
 */
#include <config.h>

#include "ask/pattern.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

struct measure {
    size_t total[PATTERN_MAX_DEPTH + 1]; /* of the whole, and of each group that is open */
    size_t depth;
    size_t last; /* what a repetition would repeat */
};

static void
add(struct measure *measure, size_t size)
{
    measure->total[measure->depth] += size;
    measure->last = size;
}

static void
repeat(struct measure *measure, size_t times)
{
    if (times > 1) {
        measure->total[measure->depth] += measure->last * (times - 1);
        measure->last *= times;
    }
}

/* The end of the bracket expression that begins at `at`, or of the string. */
static const char *
bracket_end(const char *at)
{
    at += at[1] == '^' ? 2 : 1;
    if (*at == ']') {
        at++;
    }
    while (*at != '\0' && *at != ']') {
        const char *close = NULL;
        if (at[0] == '[' && at[1] != '\0' && strchr(".:=", at[1]) != NULL) {
            const char end[] = {at[1], ']', '\0'};
            close = strstr(at + 2, end);
        }
        at = close != NULL ? close + 2 : at + 1;
    }
    return at;
}

/*
 * The end of the interval that begins at `at`, and in `times` its larger number; one that is
 * more than regcomp(3) takes (RE_DUP_MAX) is as good as any. `at` where it is a plain brace.
 */
static const char *
interval_end(const char *at, size_t *times)
{
    const char *next = at + 1;
    size_t number = 0;

    *times = 0;
    for (; isdigit((unsigned char)*next) || *next == ','; next++) {
        number = *next == ',' ? 0 : number * 10 + (size_t)(*next - '0');
        if (number > 65536) {
            number = 65536;
        }
        if (number > *times) {
            *times = number;
        }
    }
    return *next == '}' ? next : at;
}

const char *
pattern_unfit(const char *pattern)
{
    struct measure measure = {.depth = 0};
    size_t group, times;

    for (const char *at = pattern; *at != '\0'; at++) {
        switch (*at) {
        case '\\':
            /* glibc takes \1 as a back reference, although extended expressions have none:
             * matching one against a prompt that a server chose can take for ever */
            if (at[1] >= '1' && at[1] <= '9') {
                return "POSIX extended regular expressions have no back references";
            }
            at += at[1] != '\0';
            add(&measure, 1);
            break;
        case '[':
            at = bracket_end(at);
            add(&measure, 1);
            break;
        case '(':
            if (measure.depth == PATTERN_MAX_DEPTH) {
                return "more than 100 parentheses within each other";
            }
            measure.total[++measure.depth] = 0;
            measure.last = 0;
            break;
        case ')':
            if (measure.depth > 0) {
                group = measure.total[measure.depth--];
                add(&measure, group + 1);
            }
            break;
        case '+':
            repeat(&measure, 2);
            break;
        case '*':
        case '?':
            break;
        case '{':
            at = interval_end(at, &times);
            repeat(&measure, times);
            break;
        default:
            add(&measure, 1);
        }
        if (measure.total[measure.depth] > PATTERN_MAX_SIZE) {
            return "it is larger than 2000 characters, with what it repeats";
        }
        if (*at == '\0') { /* in the middle of a bracket expression */
            break;
        }
    }
    return NULL;
}
