/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded into the program by the tests: names from the file RESOLVER_TABLE, one a line:
 *     NAME DELAY_MS ADDRESS...
 * getaddrinfo(3) answers with the addresses in this order after the delay, or not at all where
 * that is "never". Instead of addresses there may be EAI_AGAIN, EAI_FAIL or EAI_NONAME. What is
 * not in the table, and numeric addresses, are the C library's business.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static void
delay(const char *text)
{
    long ms = strtol(text, NULL, 10);

    while (strcmp(text, "never") == 0)
        pause();
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&left, NULL);
}

static int
error_of(const char *word)
{
    return strcmp(word, "EAI_AGAIN") == 0    ? EAI_AGAIN
           : strcmp(word, "EAI_FAIL") == 0   ? EAI_FAIL
           : strcmp(word, "EAI_NONAME") == 0 ? EAI_NONAME
                                             : 0;
}

/*
 * The C library makes a list of each numeric address; they are chained. glibc frees them one by
 * one. Those of another family than asked for are left out.
 */
static int
answer(char *words, const char *service, const struct addrinfo *hints, lookup *real,
       struct addrinfo **result)
{
    struct addrinfo numeric = hints ? *hints : (struct addrinfo){.ai_family = AF_UNSPEC};
    struct addrinfo **end = result;
    const char *word;

    *result = NULL;
    numeric.ai_flags |= AI_NUMERICHOST;
    while ((word = strsep(&words, " \n"))) {
        int error = error_of(word);
        if (*word && !error)
            error = real(word, service, &numeric, end);
        if (error && error != EAI_ADDRFAMILY)
            return error;
        while (*end)
            end = &(*end)->ai_next;
    }
    return *result ? 0 : EAI_ADDRFAMILY;
}

/* The rest of the name's line, behind the name; false: there is none. */
static int
find(const char *name, char *line, size_t size, char **rest)
{
    const char *path = getenv("RESOLVER_TABLE");
    FILE *table = path ? fopen(path, "re") : NULL;
    int found = 0;

    while (table && !found && fgets(line, (int)size, table)) {
        *rest = line;
        found = strcasecmp(strsep(rest, " \n"), name) == 0 && *rest;
    }
    if (table)
        fclose(table);
    return found;
}

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
            struct addrinfo **result)
{
    lookup *real = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    char line[4096], *rest;

    if (!name || (hints && hints->ai_flags & AI_NUMERICHOST) ||
        !find(name, line, sizeof line, &rest))
        return real(name, service, hints, result);
    delay(strsep(&rest, " \n"));
    return answer(rest, service, hints, real, result);
}
