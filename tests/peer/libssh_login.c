/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libssh calls for each method, and what becomes of it. */
#include "libssh_login.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One write a line: connections have a process each. */
void
tell(const char *format, ...)
{
    char line[512];
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(line, sizeof line - 1, format, ap);
    va_end(ap);
    if (n < 0)
        return;
    if ((size_t)n >= sizeof line - 1)
        n = (int)sizeof line - 2;
    line[n++] = '\n';
    if (write(STDERR_FILENO, line, (size_t)n) != n)
        _exit(1);
}

/* --------------------------------------------------------------- verdicts */

static const char *
method_name(unsigned int method)
{
    switch (method) {
    case SSH_AUTH_METHOD_PASSWORD:
        return "password";
    case SSH_AUTH_METHOD_PUBLICKEY:
        return "publickey";
    case SSH_AUTH_METHOD_INTERACTIVE:
        return "keyboard-interactive";
    case SSH_AUTH_METHOD_GSSAPI_MIC:
        return "gssapi-with-mic";
    default:
        return "none";
    }
}

static unsigned int
offered(const struct login *login)
{
    return login->account == NULL ? (SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_PUBLICKEY)
                                  : login->account->steps[login->step];
}

/* Before each answer: who it is, and what the answer will list. */
static void
begin(ssh_session session, struct login *login, const char *what)
{
    tell("request %s %s", login->user, what);
    if (login->account == NULL)
        login->account = account_find(login->user);
    ssh_set_auth_methods(session, (int)offered(login));
    if (login->account != NULL && login->account->banner != NULL && !login->greeted) {
        ssh_string text = ssh_string_from_char(login->account->banner);
        login->greeted = true;
        if (text == NULL || ssh_send_issue_banner(session, text) != SSH_OK)
            tell("the banner could not be sent");
        ssh_string_free(text);
    }
}

/* What becomes of a request by that method, whose credential was right or not. */
static int
decide(ssh_session session, struct login *login, unsigned int method, bool right)
{
    if (login->account != NULL && right && (offered(login) & method) != 0) {
        login->step++;
        if (login->step == STEPS || login->account->steps[login->step] == 0) {
            tell("accepted %s %s entirely", login->user, method_name(method));
            return SSH_AUTH_SUCCESS;
        }
        ssh_set_auth_methods(session, (int)offered(login));
        tell("accepted %s %s partly", login->user, method_name(method));
        return SSH_AUTH_PARTIAL;
    }
    if (method != SSH_AUTH_METHOD_NONE && login->account != NULL &&
        ++login->refusals == login->account->refusals) {
        ssh_session_set_disconnect_message(session, "So many refusals \033[2Jare enough.");
        login->over = true;
        return SSH_AUTH_INFO; /* no answer */
    }
    return SSH_AUTH_DENIED;
}

static bool
is_right(const struct login *login, const char *given, const char *wanted, int number)
{
    bool right = strcmp(given, wanted != NULL ? wanted : login->accepted->password) == 0;

    tell("answer %d %zu %s", number, strlen(given), right ? "right" : "wrong");
    return right;
}

/* ------------------------------------------------------------ the methods */

static int
on_none(ssh_session session, struct login *login)
{
    begin(session, login, "none");
    if (login->account != NULL && login->account->steps[0] == 0) {
        tell("accepted %s none entirely", login->user);
        return SSH_AUTH_SUCCESS;
    }
    return decide(session, login, SSH_AUTH_METHOD_NONE, false);
}

static int
on_password(ssh_session session, struct login *login, const char *given)
{
    begin(session, login, "password");
    return decide(session, login, SSH_AUTH_METHOD_PASSWORD, is_right(login, given, NULL, 1));
}

/* SSH_AUTH_INFO: the key would do. */
static int
on_key(ssh_session session, struct login *login, ssh_key key, enum ssh_publickey_state_e state)
{
    bool known = false;

    begin(session, login,
          state == SSH_PUBLICKEY_STATE_NONE    ? "publickey-query"
          : state == SSH_PUBLICKEY_STATE_VALID ? "publickey-signed"
                                               : "publickey-bad");
    for (int i = 0; i < login->accepted->n_keys && !known; i++)
        known = ssh_key_cmp(key, login->accepted->keys[i], SSH_KEY_CMP_PUBLIC) == 0;
    if (state == SSH_PUBLICKEY_STATE_NONE && known &&
        (offered(login) & SSH_AUTH_METHOD_PUBLICKEY) != 0)
        return SSH_AUTH_INFO;
    return decide(session, login, SSH_AUTH_METHOD_PUBLICKEY,
                  known && state == SSH_PUBLICKEY_STATE_VALID);
}

static int
on_gssapi(ssh_session session, const char *user, const char *principal, void *data)
{
    struct login *login = data;

    snprintf(login->user, sizeof login->user, "%s", user);
    begin(session, login, "gssapi-with-mic");
    tell("principal %s", principal);
    tell("delegated %s", ssh_gssapi_get_creds(session) != NULL ? "yes" : "no");
    return decide(session, login, SSH_AUTH_METHOD_GSSAPI_MIC,
                  strcmp(principal, login->accepted->principal) == 0);
}

/* ------------------------------------------------------ keyboard-interactive */

/* Sends the round's INFO_REQUEST; fails where the dialogue is over. */
static bool
ask(ssh_message message, const struct login *login)
{
    const struct round *round = account_dialogue(login->account, login->step) + login->round;
    const char *texts[PROMPTS];
    char echo[PROMPTS];
    unsigned int n = 0;

    if (login->round == ROUNDS || round->name == NULL)
        return false;
    for (; n < PROMPTS && round->prompts[n].text != NULL; n++) {
        texts[n] = round->prompts[n].text;
        echo[n] = round->prompts[n].echo;
    }
    ssh_message_auth_interactive_request(message, round->name, round->instruction, n, texts,
                                         echo);
    return true;
}

/* Whether the answers to the round are right, and as many as there were prompts. */
static bool
answers_right(ssh_session session, const struct login *login)
{
    const struct round *round = account_dialogue(login->account, login->step) + login->round;
    int n = ssh_userauth_kbdint_getnanswers(session), wanted = 0;
    bool right = true;

    while (wanted < PROMPTS && round->prompts[wanted].text != NULL)
        wanted++;
    for (int i = 0; i < n && i < wanted; i++)
        if (!is_right(login, ssh_userauth_kbdint_getanswer(session, (unsigned int)i),
                      round->prompts[i].answer, i + 1))
            right = false;
    return right && n == wanted;
}

/* SSH_AUTH_INFO: asked, and to be answered. A response, unlike a request, names no user. */
static int
on_dialogue(ssh_session session, ssh_message message, struct login *login)
{
    if (!ssh_message_auth_kbdint_is_response(message)) {
        begin(session, login, "keyboard-interactive");
        login->round = 0;
        login->right = (offered(login) & SSH_AUTH_METHOD_INTERACTIVE) != 0;
    } else {
        login->right = answers_right(session, login);
        login->round++;
    }
    if (login->right && ask(message, login))
        return SSH_AUTH_INFO;
    return decide(session, login, SSH_AUTH_METHOD_INTERACTIVE, login->right);
}

static int
on_request(ssh_session session, ssh_message message, struct login *login)
{
    const char *user = ssh_message_auth_user(message);

    if (user != NULL)
        snprintf(login->user, sizeof login->user, "%s", user);
    switch (ssh_message_subtype(message)) {
    case SSH_AUTH_METHOD_NONE:
        return on_none(session, login);
    case SSH_AUTH_METHOD_PASSWORD:
        return on_password(session, login, ssh_message_auth_password(message));
    case SSH_AUTH_METHOD_PUBLICKEY:
        return on_key(session, login, ssh_message_auth_pubkey(message),
                      ssh_message_auth_publickey_state(message));
    case SSH_AUTH_METHOD_INTERACTIVE:
        return on_dialogue(session, message, login);
    default:
        begin(session, login, "unknown");
        return SSH_AUTH_DENIED;
    }
}

/* 1: libssh gives its default answer, which refuses. */
static int
on_message(ssh_session session, ssh_message message, void *data)
{
    if (ssh_message_type(message) == SSH_REQUEST_SERVICE)
        return 1; /* but not this */
    if (ssh_message_type(message) != SSH_REQUEST_AUTH) {
        tell("message %d %d", ssh_message_type(message), ssh_message_subtype(message));
        return 1;
    }
    const struct login *login = data;
    switch (on_request(session, message, data)) {
    case SSH_AUTH_SUCCESS:
        ssh_message_auth_reply_success(message, 0);
        return 0;
    case SSH_AUTH_PARTIAL:
        ssh_message_auth_reply_success(message, 1);
        return 0;
    case SSH_AUTH_INFO:
        if (ssh_message_subtype(message) == SSH_AUTH_METHOD_PUBLICKEY && !login->over)
            ssh_message_auth_reply_pk_ok_simple(message);
        return 0;
    default:
        return 1;
    }
}

bool
login_serve(ssh_session session, struct login *login)
{
    /* libssh itself has the dialogue of gssapi-with-mic, and calls at its end. */
    login->calls.userdata = login;
    login->calls.auth_gssapi_mic_function = on_gssapi;
    ssh_callbacks_init(&login->calls);
    if (ssh_set_server_callbacks(session, &login->calls) != SSH_OK)
        return false;
    ssh_set_message_callback(session, on_message, login);
    return true;
}
