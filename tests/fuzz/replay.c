/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs every file of a corpus through a fuzzer's function, without libFuzzer: as NAME_replay,
 * those of tests/fuzz/corpus/NAME, or of the folder that is named. Speaks TAP: one test for the
 * corpus as a whole, and one for each case that was found (found-WHAT).
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "fuzz.h"

enum {
    FILE_MAX_SIZE = 1 << 20,
    FILE_LIMIT = 60 /* s: SIGALRM ends the program */
};

#pragma weak LLVMFuzzerInitialize

static int
choose(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool
is_found(const struct dirent *entry)
{
    return strncmp(entry->d_name, "found-", 6) == 0;
}

/* "tests/fuzz/NAME_replay" to the corpus of NAME, to be freed. */
static char *
corpus_of(const char *program)
{
    static const char suffix[] = "_replay";
    const char *top = getenv("abs_top_srcdir");
    const char *slash = strrchr(program, '/');
    const char *name = slash ? slash + 1 : program;
    size_t len = strlen(name);
    char *folder;

    if (!top || len <= strlen(suffix) || strcmp(name + len - strlen(suffix), suffix) != 0)
        return NULL;
    if (asprintf(&folder, "%s/tests/fuzz/corpus/%.*s", top, (int)(len - strlen(suffix)), name) <
        0)
        return NULL;
    return folder;
}

static void
bail_out(const char *what, const char *why)
{
    printf("Bail out! %s: %s\n", what, why);
    exit(1);
}

static void
run_file(const char *folder, const char *name)
{
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        bail_out(name, "out of memory");
    FILE *file = fopen(path, "rb");
    unsigned char *content = malloc(FILE_MAX_SIZE);
    if (!file || !content)
        bail_out(path, strerror(errno));
    size_t size = fread(content, 1, FILE_MAX_SIZE, file);
    if (ferror(file) || !feof(file))
        bail_out(path, "it cannot be read, or has 1 MiB or more");
    fclose(file);

    uint8_t *exact = fuzz_copy(content, size);
    free(content);
    printf("# %s\n", path); /* the last one that is named is the one that crashed */
    fflush(stdout);
    alarm(FILE_LIMIT);
    LLVMFuzzerTestOneInput(exact, size);
    alarm(0);
    free(exact);
    free(path);
}

int
main(int argc, char **argv)
{
    char *folder = argc > 1 ? strdup(argv[1]) : corpus_of(argv[0]);
    struct dirent **files = NULL;

    if (!folder)
        bail_out(argv[0], "abs_top_srcdir is not set, or it is no NAME_replay");
    int count = scandir(folder, &files, choose, alphasort);
    if (count <= 0)
        bail_out(folder, count < 0 ? strerror(errno) : "there is no file in it");
    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&argc, &argv);

    int test = 0;
    for (int i = 0; i < count; i++) {
        run_file(folder, files[i]->d_name);
        if (is_found(files[i]))
            printf("ok %d - %s\n", ++test, files[i]->d_name);
    }
    printf("ok %d - %d files\n", test + 1, count);
    printf("1..%d\n", test + 1);
    for (int i = 0; i < count; i++)
        free(files[i]);
    free(files);
    free(folder);
    return 0;
}
