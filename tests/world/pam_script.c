/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PAM module of the tests: plays a scripted dialogue for each account, so
 * that a real sshd asks whatever a test needs. For tests only: it knows the
 * passwords in clear text.
 *
 *     auth     required  pam_script.so dir=DIR events=FILE
 *
 * The script of an account is DIR/USER (authentication), DIR/USER.2 (again,
 * after one authentication in the same login succeeded), DIR/USER.account and
 * DIR/USER.passwd. DIR/DEFAULT serves accounts without one. A line is a verb
 * and up to two quoted strings with C escapes (\n \e \\ \" \xHH):
 *
 *     info "TEXT"             error "TEXT"
 *     show "PROMPT" "ANSWER"  hide "PROMPT" "ANSWER"    without ANSWER: any will do
 *     sleep "SECONDS"         result "WORD"             ends the script
 *
 * What happened goes to the events file, one line each, answers never:
 *
 *     prompt USER / answer USER LENGTH right|wrong / noanswer USER
 *     auth USER WORD / passwd USER / session USER none|PATH
 *
 * PATH is a copy of the credentials that the client delegated: sshd stores
 * them before it opens the PAM session, and no channel is needed for that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <security/pam_appl.h>
#include <security/pam_modules.h>

#define ROUND_VARIABLE "WORLD_PAM_ROUND"

static const struct {
    const char *word;
    int status;
} results[] = {
    {"success", PAM_SUCCESS},
    {"auth_err", PAM_AUTH_ERR},
    {"perm_denied", PAM_PERM_DENIED},
    {"acct_expired", PAM_ACCT_EXPIRED},
    {"new_authtok_reqd", PAM_NEW_AUTHTOK_REQD},
};

struct script {
    pam_handle_t *pamh;
    const char *user;
    const char *dir;
    const char *events;
};

/* -------------------------------------------------------------- events */

__attribute__((format(printf, 2, 3))) static void
event(const struct script *s, const char *format, ...)
{
    char line[1024];
    va_list ap;
    int n, fd;

    if (s->events == NULL)
        return;
    va_start(ap, format);
    n = vsnprintf(line, sizeof line - 1, format, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof line - 1)
        return;
    line[n++] = '\n';
    fd = open(s->events, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    /* One write a line: several logins append to the file at once. */
    if (write(fd, line, (size_t)n) != n)
        pam_putenv(s->pamh, "WORLD_EVENTS=incomplete");
    close(fd);
}

/* ------------------------------------------------------------- talking */

static int
talk(const struct script *s, int style, const char *text, char **answer)
{
    const void *item = NULL;
    const struct pam_conv *conv;
    struct pam_response *reply = NULL;
    const struct pam_message message = {.msg_style = style, .msg = text};
    const struct pam_message *messages = &message;
    int rc = pam_get_item(s->pamh, PAM_CONV, &item);

    if (rc != PAM_SUCCESS || item == NULL)
        return PAM_CONV_ERR;
    conv = item;
    rc = conv->conv(1, &messages, &reply, conv->appdata_ptr);
    if (rc == PAM_SUCCESS && answer != NULL) {
        if (reply == NULL || reply->resp == NULL)
            rc = PAM_CONV_ERR;
        else
            *answer = reply->resp;
    } else if (reply != NULL) {
        free(reply->resp);
    }
    free(reply);
    return rc;
}

static int
ask(const struct script *s, int style, const char *prompt, const char *wanted)
{
    char *answer = NULL;
    bool right;
    int rc;

    event(s, "prompt %s", s->user);
    rc = talk(s, style, prompt, &answer);
    if (rc != PAM_SUCCESS) {
        event(s, "noanswer %s", s->user);
        return rc;
    }
    right = wanted == NULL || strcmp(answer, wanted) == 0;
    event(s, "answer %s %zu %s", s->user, strlen(answer), right ? "right" : "wrong");
    explicit_bzero(answer, strlen(answer));
    free(answer);
    return right ? PAM_SUCCESS : PAM_AUTH_ERR;
}

/* ------------------------------------------------------------- scripts */

static int
hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c);

    return at == NULL ? -1 : (int)(at - digits);
}

/*
 * Decodes, in place, the quoted string that begins at or after *cursor and
 * moves *cursor behind it. NULL where there is none.
 */
static char *
quoted(char **cursor)
{
    char *in = strchr(*cursor, '"');
    char *out, *start;

    if (in == NULL)
        return NULL;
    start = out = ++in;
    while (*in != '\0' && *in != '"') {
        char c = *in++;

        if (c != '\\' || *in == '\0') {
            *out++ = c;
            continue;
        }
        c = *in++;
        if (c == 'n') {
            *out++ = '\n';
        } else if (c == 'e') {
            *out++ = '\033';
        } else if (c == 'x') {
            int high = hex_digit(in[0]);
            int low = high < 0 ? -1 : hex_digit(in[1]);

            if (low >= 0) {
                *out++ = (char)(high * 16 + low);
                in += 2;
            }
        } else {
            *out++ = c;
        }
    }
    *cursor = *in == '\0' ? in : in + 1;
    *out = '\0';
    return start;
}

static int
result_named(const char *word)
{
    for (size_t i = 0; word != NULL && i < sizeof results / sizeof *results; i++)
        if (strcmp(word, results[i].word) == 0)
            return results[i].status;
    return PAM_SYSTEM_ERR;
}

/* Plays one line; *done is set where the script ends with it. */
static int
play_line(const struct script *s, char *line, bool *done)
{
    char *cursor = line + strcspn(line, " \t\n");
    size_t verb = (size_t)(cursor - line);
    const char *first = quoted(&cursor);
    const char *second = quoted(&cursor);

    if (verb == 0 || line[0] == '#')
        return PAM_SUCCESS;
    line[verb] = '\0';
    if (first == NULL)
        return PAM_SYSTEM_ERR;
    if (strcmp(line, "info") == 0)
        return talk(s, PAM_TEXT_INFO, first, NULL);
    if (strcmp(line, "error") == 0)
        return talk(s, PAM_ERROR_MSG, first, NULL);
    if (strcmp(line, "show") == 0)
        return ask(s, PAM_PROMPT_ECHO_ON, first, second);
    if (strcmp(line, "hide") == 0)
        return ask(s, PAM_PROMPT_ECHO_OFF, first, second);
    if (strcmp(line, "sleep") == 0) {
        struct timespec left = {.tv_sec = (time_t)strtoul(first, NULL, 10)};

        while (nanosleep(&left, &left) < 0 && errno == EINTR)
            ;
        return PAM_SUCCESS;
    }
    if (strcmp(line, "result") == 0) {
        *done = true;
        return result_named(first);
    }
    return PAM_SYSTEM_ERR;
}

static FILE *
script_open(const struct script *s, const char *suffix)
{
    char path[1024];
    int n;

    if (strchr(s->user, '/') != NULL)
        return NULL;
    n = snprintf(path, sizeof path, "%s/%s%s", s->dir, s->user, suffix);
    return n < 0 || (size_t)n >= sizeof path ? NULL : fopen(path, "re");
}

static int
play(const struct script *s, FILE *file)
{
    char *line = NULL;
    size_t size = 0;
    bool done = false;
    int rc = PAM_SUCCESS;

    while (!done && rc == PAM_SUCCESS && getline(&line, &size, file) >= 0)
        rc = play_line(s, line, &done);
    if (line != NULL)
        explicit_bzero(line, size);
    free(line);
    fclose(file);
    return rc;
}

/* Fills *s from the handle and the module's arguments. */
static int
script_init(struct script *s, pam_handle_t *pamh, int argc, const char **argv)
{
    *s = (struct script){.pamh = pamh};
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "dir=", 4) == 0)
            s->dir = argv[i] + 4;
        else if (strncmp(argv[i], "events=", 7) == 0)
            s->events = argv[i] + 7;
    }
    if (s->dir == NULL)
        return PAM_SYSTEM_ERR;
    return pam_get_user(pamh, &s->user, NULL);
}

/* ------------------------------------------- what libpam calls */

int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct script s;
    FILE *file = NULL;
    int rc = script_init(&s, pamh, argc, argv);

    (void)flags;
    if (rc != PAM_SUCCESS)
        return rc;
    /* sshd plays each dialogue in a process of its own: only PAM's environment comes back from
     * it. */
    if (pam_getenv(pamh, ROUND_VARIABLE) != NULL)
        file = script_open(&s, ".2");
    if (file == NULL)
        file = script_open(&s, "");
    if (file == NULL) {
        const char *user = s.user;

        s.user = "DEFAULT";
        file = script_open(&s, "");
        s.user = user;
    }
    rc = file == NULL ? PAM_USER_UNKNOWN : play(&s, file);
    if (rc == PAM_SUCCESS)
        pam_putenv(pamh, ROUND_VARIABLE "=1");
    event(&s, "auth %s %s", s.user, rc == PAM_SUCCESS ? "success" : "failure");
    return rc;
}

int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_SUCCESS;
}

int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct script s;
    FILE *file;
    int rc = script_init(&s, pamh, argc, argv);

    (void)flags;
    if (rc != PAM_SUCCESS)
        return rc;
    file = script_open(&s, ".account");
    return file == NULL ? PAM_SUCCESS : play(&s, file);
}

int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct script s;
    FILE *file;
    int rc = script_init(&s, pamh, argc, argv);

    if (rc != PAM_SUCCESS || (flags & PAM_PRELIM_CHECK) != 0)
        return rc;
    file = script_open(&s, ".passwd");
    rc = file == NULL ? PAM_PERM_DENIED : play(&s, file);
    if (rc == PAM_SUCCESS)
        event(&s, "passwd %s", s.user);
    return rc;
}

/* Moves the delegated ccache beside the events file, out of /tmp. */
static bool
keep_ccache(const struct script *s, const char *from, char *to, size_t to_size)
{
    char buffer[4096];
    ssize_t n = -1;
    int in, out;
    int length = snprintf(to, to_size, "%s.%s.%ld", s->events, s->user, (long)getpid());

    if (length < 0 || (size_t)length >= to_size)
        return false;
    in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return false;
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out >= 0) {
        while ((n = read(in, buffer, sizeof buffer)) > 0)
            if (write(out, buffer, (size_t)n) != n)
                break;
        close(out);
    }
    close(in);
    unlink(from);
    return n == 0;
}

int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct script s;
    char copy[1024];
    const char *ccache;
    int rc = script_init(&s, pamh, argc, argv);

    (void)flags;
    if (rc != PAM_SUCCESS || s.events == NULL)
        return rc;
    ccache = pam_getenv(pamh, "KRB5CCNAME");
    if (ccache != NULL && strncmp(ccache, "FILE:", 5) == 0)
        ccache += 5;
    if (ccache == NULL || !keep_ccache(&s, ccache, copy, sizeof copy))
        event(&s, "session %s none", s.user);
    else
        event(&s, "session %s %s", s.user, copy);
    return PAM_SUCCESS;
}

int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_SUCCESS;
}
