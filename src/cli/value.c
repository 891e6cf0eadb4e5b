/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Single values of the command line, from text. By hand, since strtol() and strtod() take
 * blanks, signs, hexadecimal and the locale's decimal point. Nothing here knows which option it
 * serves.
 */
#include <config.h>

#include "cli/value.h"

#include <string.h>
#include <strings.h>

#include "util/deadline.h"

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool
value_count(const char *text, unsigned max, unsigned *count)
{
    uint64_t number = 0;

    for (; is_digit(*text) && number <= max; text++)
        number = number * 10 + (uint64_t)(*text - '0');
    if (*text != '\0' || number == 0 || number > max)
        return false;
    *count = (unsigned)number;
    return true;
}

bool
value_seconds(const char *text, int64_t *nanoseconds)
{
    int64_t seconds = 0, fraction = 0;
    int64_t place = DEADLINE_SECOND;

    if (!is_digit(*text))
        return false;
    for (; is_digit(*text); text++) {
        seconds = seconds * 10 + (*text - '0');
        if (seconds > VALUE_SECONDS_MAX)
            return false;
    }
    if (*text == '.') {
        if (!is_digit(*++text))
            return false;
        for (; is_digit(*text); text++) {
            place /= 10;
            fraction += place * (*text - '0');
        }
    }
    if (*text != '\0' || (seconds == VALUE_SECONDS_MAX && fraction > 0))
        return false;
    *nanoseconds = seconds * DEADLINE_SECOND + fraction;
    return *nanoseconds > 0;
}

bool
value_is_none(const char *text)
{
    return strcasecmp(text, "none") == 0;
}

int
value_choice(const char *words, const char *word)
{
    size_t len = strlen(word);

    for (int index = 0;; index++) {
        size_t span = strcspn(words, "|");
        if (span == len && memcmp(words, word, len) == 0)
            return index;
        if (words[span] == '\0')
            return -1;
        words += span + 1;
    }
}

/* "MD5:" and "c1:b1:30:...", as older programs show fingerprints. */
static bool
looks_like_md5(const char *text)
{
    return strncmp(text, "MD5:", 4) == 0 ||
           (strlen(text) == 47 && strspn(text, "0123456789abcdefABCDEF:") == 47);
}

const char *
value_fingerprint(const char *text)
{
    static const char prefix[] = "SHA256:";
    static const char base64[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    if (looks_like_md5(text))
        return "MD5 fingerprints can be forged and are not taken; "
               "'ssh-keygen -l -E sha256' shows the other one";
    if (strncmp(text, prefix, sizeof(prefix) - 1) != 0)
        return "a fingerprint begins with 'SHA256:', as ssh-keygen -l shows it";

    text += sizeof(prefix) - 1;
    size_t len = strspn(text, base64);
    if (len != 43 || (text[43] != '\0' && strcmp(text + 43, "=") != 0))
        return "behind 'SHA256:' come 43 characters of base64";

    /* 43 characters are 258 bits for 256: the last two are zero, or a character was mistyped.
     */
    if ((strchr(base64, text[42]) - base64) % 4 != 0)
        return "this is no SHA-256 hash: its last character cannot be the end of one";
    return NULL;
}
