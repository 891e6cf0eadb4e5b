/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure: bytes to one printable line.
 */
#include <config.h>

#include "probe/proxy_words.h"

#include <string.h>

#include "util/escape.h"

void
proxy_words_take(struct proxy_words *words, const char *bytes, size_t len)
{
    const size_t size = sizeof words->kept;
    if (len > size) {
        bytes += len - size;
        len = size;
        words->len = 0;
        words->cut = true;
    }
    if (words->len + len > size) {
        size_t dropped = words->len + len - size;
        memmove(words->kept, words->kept + dropped, words->len - dropped);
        words->len -= dropped;
        words->cut = true;
    }
    memcpy(words->kept + words->len, bytes, len);
    words->len += len;
}

/* Of no use to anybody: ssh says it of any standard input that is no terminal. */
static bool
is_noise(const char *line, size_t len)
{
    static const char pseudo[] = "Pseudo-terminal will not be allocated";
    return len >= sizeof pseudo - 1 && memcmp(line, pseudo, sizeof pseudo - 1) == 0;
}

/* The line printable, without carriage returns and the blanks at its ends; empty: leave it out.
 */
static void
line_text(const char *line, size_t len, char *out, size_t size)
{
    char plain[sizeof((struct proxy_words *)NULL)->kept];
    size_t used = 0, from = 0;
    for (size_t i = 0; i < len; i++) {
        if (line[i] != '\r') {
            plain[used++] = line[i];
        }
    }
    while (used > 0 && (plain[used - 1] == ' ' || plain[used - 1] == '\t')) {
        used--;
    }
    while (from < used && (plain[from] == ' ' || plain[from] == '\t')) {
        from++;
    }
    out[0] = '\0';
    if (!is_noise(plain + from, used - from)) {
        escape_into(out, size, plain + from, used - from, ESCAPE_LINE);
    }
}

/* Where the line that ends at `end` begins. */
static size_t
line_start(const struct proxy_words *words, size_t end)
{
    while (end > 0 && words->kept[end - 1] != '\n') {
        end--;
    }
    return end;
}

/* Puts text before what stands at out[*at]. */
static void
prepend(char *out, size_t *at, const char *text)
{
    size_t len = strlen(text);
    *at -= len;
    memcpy(out + *at, text, len);
}

char *
proxy_words_text(const struct proxy_words *words, char *out, size_t size)
{
    static const char more[] = "...; ", between[] = "; ";
    char line[1024];
    size_t at = size - 1, end = words->len; /* `out` is filled from its end */
    bool any = false, all = false;
    out[at] = '\0';
    while (!all) {
        size_t start = line_start(words, end);
        bool whole = start > 0 || !words->cut;
        /* the last line may be longer than there is room for, and is cut then */
        line_text(words->kept + start, end - start, line,
                  any || size > sizeof line ? sizeof line : size);
        if (any && (!whole || strlen(line) + strlen(between) + strlen(more) > at)) {
            break;
        }
        if (line[0] != '\0') {
            prepend(out, &at, any ? between : "");
            prepend(out, &at, line);
            any = true;
        }
        all = start == 0;
        end = start - (all ? 0 : 1);
    }
    if (any && (!all || words->cut) && at >= strlen(more)) {
        prepend(out, &at, more);
    }
    memmove(out, out + at, size - at);
    return out;
}
