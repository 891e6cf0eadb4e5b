/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Run while building: no config.h, and nothing else of the program, may be used here.
 */
#include "template.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What stands at `text`, filled where it is a place. Returns its length there. */
static size_t
put_part(const char *text, const struct template_place *places, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(places[i].word);
        if (strncmp(text, places[i].word, len) == 0) {
            places[i].put();
            return len;
        }
    }
    putchar(*text);
    return 1;
}

int
template_copy(const char *path, const struct template_place *places, size_t count)
{
    char line[1024];
    FILE *source = fopen(path, "r");

    if (source == NULL) {
        perror(path);
        return 1;
    }
    while (fgets(line, sizeof(line), source) != NULL) {
        for (const char *text = line; *text != '\0';)
            text += put_part(text, places, count);
    }
    bool failed = ferror(source) != 0;
    failed = fclose(source) != 0 || failed;
    if (fflush(stdout) != 0 || ferror(stdout) != 0 || failed) {
        perror("fragments");
        return 1;
    }
    return 0;
}
