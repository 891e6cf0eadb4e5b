/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure: bytes in, words out. They are written one behind the other, each with a NUL, which is
 * never longer than the line.
 */
#include <config.h>

#include "cli/words.h"

#include <stdlib.h>
#include <string.h>

struct split {
    const char *at, *end;
    char *out;
    const char *why;
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Behind a ' up to the next one. */
static bool
take_single(struct split *split)
{
    const char *quote = memchr(split->at, '\'', (size_t)(split->end - split->at));

    if (quote == NULL) {
        split->why = "a ' in it has no end";
        return false;
    }
    size_t len = (size_t)(quote - split->at);
    memcpy(split->out, split->at, len);
    split->out += len;
    split->at = quote + 1;
    return true;
}

/* Behind a " up to the next one that has no backslash before it. */
static bool
take_double(struct split *split)
{
    while (split->at < split->end && *split->at != '"') {
        if (*split->at == '\\' && split->at + 1 < split->end &&
            memchr("$`\"\\", split->at[1], 4) != NULL)
            split->at++;
        *split->out++ = *split->at++;
    }
    if (split->at == split->end) {
        split->why = "a \" in it has no end";
        return false;
    }
    split->at++;
    return true;
}

/* One word, which begins here. */
static bool
take_word(struct split *split)
{
    bool good = true;

    while (good && split->at < split->end && !is_blank(*split->at)) {
        char c = *split->at++;
        if (c == '\'') {
            good = take_single(split);
        } else if (c == '"') {
            good = take_double(split);
        } else if (c != '\\') {
            *split->out++ = c;
        } else if (split->at < split->end) {
            *split->out++ = *split->at++;
        } else {
            split->why = "nothing stands behind the backslash at its end";
            good = false;
        }
    }
    *split->out++ = '\0';
    return good;
}

/* Returns how many they are; `why` is set where it is none of it. */
static size_t
take_words(struct split *split)
{
    size_t count = 0;

    for (;;) {
        while (split->at < split->end && is_blank(*split->at))
            split->at++;
        if (split->at == split->end || *split->at == '#')
            return count;
        count++;
        if (!take_word(split))
            return count;
    }
}

static bool
make_list(struct words *words)
{
    char *word = words->text;

    words->list = calloc(words->count + 1, sizeof(*words->list));
    for (size_t i = 0; words->list != NULL && i < words->count; i++) {
        words->list[i] = word;
        word += strlen(word) + 1;
    }
    return words->list != NULL;
}

bool
words_split(struct words *words, const char *line, size_t len, const char **why)
{
    *words = (struct words){.text = NULL};
    *why = NULL;
    if (memchr(line, '\0', len) != NULL) {
        *why = "there is a NUL byte in it";
        return false;
    }
    words->text = malloc(len + 1);
    if (words->text == NULL)
        return false;
    struct split split = {.at = line, .end = line + len, .out = words->text};
    words->count = take_words(&split);
    *why = split.why;
    if (split.why == NULL && make_list(words))
        return true;
    words_free(words);
    return false;
}

void
words_free(struct words *words)
{
    free(words->list);
    free(words->text);
    *words = (struct words){.text = NULL};
}
