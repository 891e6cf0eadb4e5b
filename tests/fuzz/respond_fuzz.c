/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rules of -r, and files of them: a line of the input is an argument of -r, then all of it is a
 * file, then what is behind a NUL is the server's prompt. A refused rule leaves nothing, a file
 * is its lines, and no source's value is in a message.
 */
#include <config.h>

#include "ask/respond_rules.h"
#include "ask/variable.h"
#include "fuzz_file.h"

enum {
    PATTERN_MAX = 40,
    PROMPT_MAX = 60
}; /* regcomp(3) and regexec(3) are not what is tried */

static void
require_failed(const struct failure *failure)
{
    REQUIRE(failure->outcome == OUTCOME_USAGE && failure_is_set(failure));
    REQUIRE(fuzz_is_line(failure->message));
}

/* Of a rule without a source nothing is repeated: what is behind its = may be a password. */
static void
require_untold(const struct failure *failure, const char *argument)
{
    char expected[256];

    for (const char *c = strchr(argument, '='); c != NULL; c = strchr(c + 1, '='))
        if (source_known(c + 1))
            return;
    snprintf(expected, sizeof(expected), "-r: no source: PATTERN= and one of %s is meant",
             source_list());
    REQUIRE(strcmp(failure->message, expected) == 0);
}

/* What repeats can take regcomp(3) a second. list_line_fuzz.c tries that, too. */
static bool
is_cheap(const char *text)
{
    return strpbrk(text, "{\\*+") == NULL || strlen(text) < PATTERN_MAX / 2;
}

static bool
try_rule(struct respond_rules *rules, const char *argument)
{
    struct failure failure = FAILURE_INIT;
    size_t before = rules->count;
    bool good = respond_add(rules, argument, &failure);

    REQUIRE(good == !failure_is_set(&failure));
    REQUIRE(rules->count == before + good);
    if (!good) {
        require_failed(&failure);
        require_untold(&failure, argument);
        return false;
    }
    const struct source *source = &rules->rules[before].source;
    size_t len = strlen(argument), source_len = strlen(source->text);
    REQUIRE(source_known(source->text) && len > source_len);
    REQUIRE(strcmp(argument + len - source_len, source->text) == 0);
    REQUIRE(argument[len - source_len - 1] == '=');
    REQUIRE(source->value >= source->text && source->value <= source->text + source_len);
    if (source->fd >= 0)
        REQUIRE(respond_reads(rules, source->fd));
    return true;
}

static void
try_prompt(const struct respond_rules *rules, const uint8_t *prompt, size_t len)
{
    const struct rule *found = NULL, *again = NULL;
    char *exact = fuzz_copy(prompt, len);

    REQUIRE(respond_find(rules, exact, len, &found));
    REQUIRE(respond_find(rules, exact, len, &again) && found == again);
    REQUIRE(found == NULL || (found >= rules->rules && found < rules->rules + rules->count));
    free(exact);
}

/* Line by line, as the file is read. True where all that are rules are good. */
static bool
try_lines(struct respond_rules *rules, const uint8_t *text, size_t len)
{
    const uint8_t *end = text + len;
    bool good = true;

    while (text < end && good) {
        const uint8_t *newline = memchr(text, '\n', (size_t)(end - text));
        size_t line_len = (size_t)((newline ? newline : end) - text);
        if (line_len > 0 && text[line_len - 1] == '\r')
            line_len--;
        char *line = fuzz_string(text, line_len);
        char *argument = line + strspn(line, " \t");
        if (*argument != '\0' && *argument != '#')
            good = try_rule(rules, argument);
        free(line);
        text = newline ? newline + 1 : end;
    }
    return good;
}

static void
require_same(const struct respond_rules *rules, const struct respond_rules *of_file)
{
    REQUIRE(rules->count == of_file->count);
    for (size_t i = 0; i < rules->count; i++)
        REQUIRE(strcmp(rules->rules[i].source.text, of_file->rules[i].source.text) == 0);
}

static void
require_no_file(struct respond_rules *rules, const char *path)
{
    struct failure failure = FAILURE_INIT;

    REQUIRE(!respond_add_file(rules, path, &failure) && rules->count == 0);
    require_failed(&failure);
}

/* What is no file of rules, whatever is in it. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct fuzz_file file = {.fd = -1};
    struct respond_rules *rules = respond_new();

    (void)argc, (void)argv;
    REQUIRE(rules);
    require_no_file(rules, "/");
    require_no_file(rules, "/nonexistent");
    fuzz_file_fill(&file, "", 0);
    REQUIRE(ftruncate(file.fd, (1 << 20) + 1) == 0);
    require_no_file(rules, file.path);
    close(file.fd);
    respond_free(rules);
    return 0;
}

/* The whole of it as a file is as good as its lines are. */
static void
try_file(const struct respond_rules *rules, bool good, const uint8_t *data, size_t len,
         size_t size)
{
    static struct fuzz_file file;
    struct failure failure = FAILURE_INIT;
    struct respond_rules *of_file = respond_new();

    REQUIRE(of_file);
    fuzz_file_fill(&file, data, len);
    REQUIRE(respond_add_file(of_file, file.path, &failure) == good);
    REQUIRE(good == !failure_is_set(&failure));
    if (!good)
        require_failed(&failure);
    require_same(rules, of_file);
    if (good && len + 1 == size) { /* a NUL in a line is an error */
        fuzz_file_fill(&file, data, size);
        REQUIRE(!respond_add_file(of_file, file.path, &failure));
        require_failed(&failure);
    }
    respond_free(of_file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size > 0 ? memchr(data, '\0', size) : NULL;
    size_t len = nul ? (size_t)(nul - data) : size;
    size_t prompt_len = nul ? size - len - 1 : 0;
    struct failure failure = FAILURE_INIT;
    char *text = fuzz_string(data, len);

    if (!is_cheap(text) || prompt_len > PROMPT_MAX) {
        free(text);
        return 0;
    }
    struct respond_rules *rules = respond_new();
    REQUIRE(rules);
    bool good = try_lines(rules, data, len);
    try_prompt(rules, nul ? nul + 1 : data, prompt_len);
    if (respond_check(rules, &failure))
        REQUIRE(!failure_is_set(&failure));
    else
        REQUIRE(failure.outcome == OUTCOME_CREDENTIAL && fuzz_is_line(failure.message));
    if (size % 4 == 0) /* its buffer is large */
        try_file(rules, good, data, len, size);
    respond_free(rules);
    variable_forget_all();
    free(text);
    return 0;
}
