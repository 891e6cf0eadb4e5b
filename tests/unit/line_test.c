/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What holds for a line: its own options, then the command line's; and what is checked where.
 * Nothing is run: these functions stand for those of cli/sshconfig.c and gss/.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "auth/method.h"
#include "cli/sshconfig.h"
#include "feed_fixture.h"
#include "util/deadline.h"

static struct sshconfig_query asked; /* the last question */
static unsigned looked;              /* at Kerberos credentials */

bool
sshconfig_read(const struct sshconfig_query *query, struct sshconfig *config,
               struct failure *failure)
{
    asked = *query;
    *config = (struct sshconfig){.user = NULL};
    if (strcmp(query->host, "refused") == 0)
        failure_set(failure, OUTCOME_USAGE, "configuration: no");
    return !failure_is_set(failure);
}

void
sshconfig_free(struct sshconfig *config)
{
    (void)config;
}

const char *
sshconfig_option_error(const char *option)
{
    return strchr(option, '=') != NULL ? NULL : "no";
}

bool __wrap_gss_choice_check(const struct gss_choice *choice, struct failure *failure);

bool
__wrap_gss_choice_check(const struct gss_choice *choice, struct failure *failure)
{
    (void)choice;
    (void)failure;
    looked++;
    return true;
}

/* ---- what holds, as text ---- */

#define HASH "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh"

static char text[1024];

static void __attribute__((format(printf, 1, 2))) add(const char *format, ...)
{
    size_t len = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + len, sizeof(text) - len, format, arguments);
    va_end(arguments);
}

static void
add_text(const char *name, const char *value)
{
    if (value != NULL)
        add(" %s=%s", name, value);
}

static void
add_chains(const struct task *task)
{
    for (size_t i = 0; i < task->chain_count; i++) {
        add("%s", i > 0 ? ";" : " ");
        for (size_t k = 0; k < task->chains[i].count; k++)
            add("%s%s", k > 0 ? "," : "", task->chains[i].steps[k]->name);
    }
}

static void
add_settings(const struct settings *settings)
{
    for (size_t i = 0; i < settings->identity_count; i++) {
        const struct source *passphrase = settings->identities[i].passphrase;
        add(" i=%s%s%s", settings->identities[i].file, passphrase != NULL ? ":" : "",
            passphrase != NULL ? passphrase->text : "");
    }
    for (size_t i = 0; i < settings->fingerprint_count; i++)
        add(" fp=%s", settings->fingerprints[i] + strlen(HASH));
    add_text("kt", settings->gss.keytab);
    add_text("cc", settings->gss.ccache);
    add_text("gc", settings->gss.client);
    add_text("eo", settings->expect_offered);
    add_text("fo", settings->forbid_offered);
    add("%s%s%s", settings->batch ? " B" : "", settings->agent ? " agent" : "",
        settings->delegate ? " K" : "");
    if (settings->expected != 0)
        add(" e=%x", settings->expected);
    if (settings->timeout != 120 * DEADLINE_SECOND)
        add(" t=%d", (int)(settings->timeout / DEADLINE_SECOND));
    if (settings->max_refused != RESPOND_MAX_REFUSED)
        add(" max=%u", settings->max_refused);
    add("%s", settings->rules != feed_command.settings.rules ? " rules" : "");
    assert_true(settings->crowd);
}

static void
add_route(const struct route *route)
{
    add_text("J", route->jump);
    add_text("pc", route->proxy_command);
    add_text("b", route->bind);
    add_text("F", strcmp(route->config, "none") != 0 ? route->config : NULL);
    add_text("gh",
             strcmp(route->gssapi_host, route->hostname) != 0 ? route->gssapi_host : NULL);
    add("%s", route->family == AF_INET ? " 4" : route->family == AF_INET6 ? " 6" : "");
    for (size_t i = 0; i < route->known_hosts_count; i++)
        add_text("kh", route->known_hosts[i]);
    if (route->host_key != HOSTKEY_DEFAULT)
        add(" hk=%d", route->host_key);
    if (route->connect_timeout_named)
        add(" ct=%d", (int)(route->connect_timeout / DEADLINE_SECOND));
    for (size_t i = 0; i < asked.option_count; i++)
        add_text("o", asked.options[i]);
}

/* ---- rows ---- */

struct row {
    const char *args[9]; /* besides -f hosts */
    const char *line;
    const char *holds; /* or the failure, in parentheses */
};

static void
check(const struct row *row)
{
    const char *args[12] = {"-f", "hosts"};

    for (size_t i = 0; i < 9 && row->args[i] != NULL; i++)
        args[i + 2] = row->args[i];
    feed_write("hosts", row->line, strlen(row->line));
    assert_true(feed_begin(args));
    struct task *task = feed_take();
    const struct failure *failure = &task->result.failure;
    *text = '\0';
    if (!failure_is_set(failure) && !feed_prepare(task))
        failure = &feed_failure;
    if (failure_is_set(failure)) {
        add("(%s)", failure->message);
    } else {
        add("%s:%u", task->request.label, task->request.port);
        add_chains(task);
        add_settings(task->request.settings);
        add_route(&task->request.route);
        assert_int_equal(task->result.expected, task->request.settings->expected);
    }
    task->release(task);
    print_message("# %s -> %s\n", row->line, text);
    assert_string_equal(text, row->holds);
    assert_true(feed_at_end());
    feed_finish();
}

static void
test_single(void **state)
{
    static const struct row rows[] = {
        {{"-l", "u", "-p", "7"}, "h", "u@h:7 "},
        {{"-l", "u", "-p", "7"}, "-l v -p 8 h", "v@h:8 "},
        {{"-l", "u", "-p", "7"}, "h:9 -l v", "v@h:9 "},
        {{"-l", "u", "-t5", "-4"}, "h -t 6 -6", "u@h:22  t=6 6"},
        {{"-l", "u", "--connect-timeout=5"}, "h", "u@h:22  ct=5"},
        {{"-l", "u", "--connect-timeout=5"}, "h --connect-timeout=6", "u@h:22  ct=6"},
        {{"-l", "u", "-e", "failure"}, "-e success h", "u@h:22  e=1"},
        {{"-l", "u", "-F", "a"}, "-F b h", "u@h:22  F=b"},
        {{"-l", "u", "--host-key=off"}, "--host-key=strict h", "u@h:22  hk=1"},
        {{"-l", "u", "--known-hosts=a"}, "h", "u@h:22  kh=a"},
        {{"-l", "u", "--known-hosts=a"}, "--known-hosts b h", "u@h:22  kh=b"},
        {{"-l", "u", "-m", "none", "--gssapi-host=a"}, "--gssapi-host=b h", "u@h:22 none gh=b"},
        {{"-l", "u", "--max-refused=5"}, "--max-refused=6 h", "u@h:22  max=6"},
        {{"-l", "u", "-B", "-m", "none"}, "-K h", "u@h:22 none B K"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&rows[i]);
}

/* All of one kind goes, and nothing else. */
static void
test_repeatable(void **state)
{
    static const struct row rows[] = {
        {{"-l", "u", "-m", "none", "-m", "kbdint"}, "h", "u@h:22 none;keyboard-interactive"},
        {{"-l", "u", "-m", "none", "-m", "kbdint"},
         "-m password h -m 'none none'",
         "u@h:22 password;none;none"},
        {{"-l", "u", "-m", "publickey", "-i", "key", "-i", "key", "--passphrase=ask:"},
         "h",
         "u@h:22 publickey i=key i=key:ask:"},
        {{"-l", "u", "-m", "publickey", "-i", "key", "-i", "key", "--passphrase=ask:"},
         "-i ./key h",
         "u@h:22 publickey i=./key"},
        {{"-l", "u", "-m", "publickey", "-i", "key"},
         "--passphrase=ask: h",
         "(--passphrase: it belongs to the -i before it, and there is none)"},
        {{"-l", "u", "-m", "kbdint", "-r", "x=ask:"}, "h", "u@h:22 keyboard-interactive"},
        {{"-l", "u", "-m", "kbdint", "-r", "x=ask:"}, "h -B", "u@h:22 keyboard-interactive B"},
        {{"-l", "u", "-m", "kbdint", "-r", "x=ask:"},
         "h -r y=ask:",
         "u@h:22 keyboard-interactive rules"},
        {{"-l", "u", "-m", "kbdint", "-r", "x=ask:"},
         "--max-refused=1 --respond-file=rules h",
         "u@h:22 keyboard-interactive max=1 rules"},
        {{"-l", "u", "-m", "kbdint", "-r", "x=ask:"},
         "-r y=file:/nonexistent h",
         "(file:/nonexistent: No such file or directory)"},
        {{"-l", "u", "--fingerprint=" HASH "8", "--fingerprint=" HASH "4"},
         "h",
         "u@h:22  fp=8 fp=4"},
        {{"-l", "u", "--fingerprint=" HASH "8"}, "h --fingerprint=" HASH "0", "u@h:22  fp=0"},
        {{"-l", "u", "-o", "A=1", "-o", "B=2"}, "h", "u@h:22  o=A=1 o=B=2"},
        {{"-l", "u", "-o", "A=1", "-o", "B=2"}, "h -o C=3", "u@h:22  o=C=3"},
        {{"-l", "u", "--forbid-offered=a", "--expect-offered=b"},
         "--forbid-offered=c --forbid-offered=d h",
         "u@h:22  eo=b fo=c,d"},
        {{"-l", "u", "--forbid-offered=a", "--expect-offered=b"},
         "--expect-offered=c h",
         "u@h:22  eo=c fo=a"},
        {{"-l", "u", "--forbid-offered=a"},
         "--expect-offered=a h",
         "(--forbid-offered 'a': --expect-offered expects it)"},
        {{"-l", "u"},
         "--expect-offered=a --expect-offered=b h",
         "(--expect-offered: given twice, but the server's first list is only one)"},
    };

    (void)state;
    feed_write("rules", "x=ask:\n", 7);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&rows[i]);
}

/* Different words for one thing. */
static void
test_groups(void **state)
{
    static const struct row rows[] = {
        {{"-l", "u", "-J", "j"}, "h", "u@h:22  J=j"},
        {{"-l", "u", "-J", "j"}, "-J k h", "u@h:22  J=k"},
        {{"-l", "u", "-J", "j"}, "--proxy-command=nc h", "u@h:22  pc=nc"},
        {{"-l", "u", "-J", "j"}, "-b 127.0.0.1 h", "u@h:22  b=127.0.0.1"},
        {{"-l", "u", "-b", "127.0.0.1"}, "-J k h", "u@h:22  J=k"},
        {{"-l", "u", "--proxy-command=nc"}, "-J none h", "u@h:22 "},
        {{"-l", "u", "-J", "j"}, "-b 127.0.0.1 -J k h", "(--bind: not together with --jump)"},
#ifdef HAVE_GSSAPI
        {{"-l", "u", "-m", "gssapi", "--keytab=a"}, "h", "u@h:22 gssapi-with-mic kt=a"},
        {{"-l", "u", "-m", "gssapi", "--keytab=a"},
         "--ccache b h",
         "u@h:22 gssapi-with-mic cc=b"},
        {{"-l", "u", "-m", "gssapi", "--ccache=a", "--gssapi-client=c"},
         "--keytab b h",
         "u@h:22 gssapi-with-mic kt=b gc=c"},
        {{"-l", "u", "-m", "gssapi", "--ccache=a"},
         "--keytab b --ccache c h",
         "(--keytab: not together with --ccache)"},
#endif
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&rows[i]);
}

static void
test_checks(void **state)
{
#define ONLY_LISTED "of no use without --methods, since only the methods are then listed"
    static const struct row rows[] = {
        /* what is inherited matters where the methods are, too */
        {{"-l", "u", "-i", "key"}, "h", "(--identity: " ONLY_LISTED ")"},
        {{"-l", "u", "-i", "key"}, "-B h", "(--identity: " ONLY_LISTED ")"},
        {{"-l", "u", "-r", "x=ask:"}, "h", "(--respond: " ONLY_LISTED ")"},
        {{"-l", "u", "-i", "key"}, "-m publickey h", "u@h:22 publickey i=key"},
        {{"-l", "u", "-i", "key", "-m", "publickey"}, "-m password h", "u@h:22 password i=key"},
        {{"-l", "u", "--require-delegation", "-m", "none"},
         "h",
         "(--require-delegation: of no use without gssapi-with-mic in --methods)"},
        /* what is the line's own always does */
        {{"-l", "u"}, "-i key h", "(--identity: " ONLY_LISTED ")"},
        {{"-l", "u", "-m", "password"},
         "-i key h",
         "(--identity: of no use without publickey in --methods)"},
        {{"-l", "u", "-i", "key", "-m", "publickey"},
         "-m password -i key h",
         "(--identity: of no use without publickey in --methods)"},
        /* the methods need a key wherever they were named */
        {{"-l", "u", "-m", "publickey"},
         "h",
         "(publickey: no key is named: -i FILE or --agent)"},
        {{"-l", "u"}, "-m publickey h", "(publickey: no key is named: -i FILE or --agent)"},
        {{"-l", "u", "-m", "publickey"}, "-i key h", "u@h:22 publickey i=key"},
        /* in the thread that runs it */
        {{"-l", "u", "-m", "publickey"},
         "-i nothing h",
         "(nothing: No such file or directory)"},
        {{"-l", "u"}, "refused", "(configuration: no)"},
        {{"-l", "u", "-m", "none"},
         "-m publickey --agent h",
         "(--agent: SSH_AUTH_SOCK does not name an agent's socket)"},
    };

    (void)state;
    unsetenv("SSH_AUTH_SOCK");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&rows[i]);
}

#ifdef HAVE_GSSAPI
/* Credentials of the command line are looked at once, those of a line for that line. */
static void
test_looked(void **state)
{
    static const char list[] = "h\n-B h\n--ccache=c h\n";

    (void)state;
    feed_write("hosts", list, sizeof(list) - 1);
    looked = 0;
    assert_true(FEED_BEGIN("-f", "hosts", "-l", "u", "-m", "gssapi", "--keytab=a"));
    for (size_t i = 0; i < 3; i++) {
        struct task *task = feed_take();
        assert_int_equal(looked, 1);
        assert_true(feed_prepare(task));
        task->release(task);
    }
    assert_int_equal(looked, 2);
    feed_finish();
}
#endif

static int
enter(void **state)
{
    static const char key[] =
        "ssh-ed25519 "
        "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f test\n";

    if (feed_enter(state) != 0)
        return -1;
    feed_write("key", key, sizeof(key) - 1);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single), cmocka_unit_test(test_repeatable),
        cmocka_unit_test(test_groups), cmocka_unit_test(test_checks),
#ifdef HAVE_GSSAPI
        cmocka_unit_test(test_looked),
#endif
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, enter, feed_leave);
}
