/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An unknown host key: what there is to say of it, whether it is taken, and where it is
 * written. The person's answer comes from hostkey_ask.c.
 */
#include <config.h>

#include "probe/hostkey_decide.h"

#include <errno.h>
#include <stdio.h>

#include "ask/prompt.h"
#include "ask/turn.h"
#include "probe/hostkey_ask.h"

/* What else there is to know of a host whose key is unknown; each note begins with `before`. */
static void
notes_on_unknown(const struct hostkey_decision *check, char *text, size_t size,
                 const char *before)
{
    const struct hostkey_known *known = &check->known;
    char place[HOSTKEY_PLACE], path[HOSTKEY_PATH];
    if (check->files.named && known->none_there)
        hostkey_text_add(text, size, "%sthere is no file %s", before,
                         hostkey_text_path(path, check->files.paths[0]));
    else if (check->files.named)
        hostkey_text_add(text, size, "%sit is not in %s", before,
                         hostkey_text_path(path, check->files.paths[0]));
    if (known->authority.path != NULL)
        hostkey_text_add(
            text, size,
            "%sonly @cert-authority names it (%s), and libssh2 cannot verify a host "
            "certificate",
            before, hostkey_text_line(place, &known->authority));
    if (known->unreadable != NULL)
        hostkey_text_add(text, size, "%s%s could not be read: %s", before,
                         hostkey_text_path(path, known->unreadable),
                         hostkey_text_error(known->error));
}

static enum outcome
refuse_unknown(struct hostkey_decision *check, const char *reason)
{
    const struct hostkey_verdict *verdict = check->verdict;
    char notes[800] = "", path[HOSTKEY_PATH], word[HOSTKEY_WORD];
    notes_on_unknown(check, notes, sizeof(notes), "; ");
    check->verdict->status = HOSTKEY_UNKNOWN;
    failure_set(check->failure, OUTCOME_HOST_KEY, "the host key of %s is not known: %s %s%s%s",
                check->printable, verdict->type, verdict->fingerprint, reason, notes);
    const char *file = check->files.written;
    failure_hint(check->failure,
                 "once you know that it is the server's: --fingerprint=%s, or "
                 "--host-key=accept-new %s%s",
                 verdict->fingerprint,
                 file != NULL ? "to add it to " : "with --known-hosts=FILE",
                 file != NULL ? hostkey_text_word(word, hostkey_text_path(path, file)) : "");
    return OUTCOME_HOST_KEY;
}

/*
 * Writes the key to the file. A key that was to be remembered and cannot be is not accepted
 * without a person's word: each run would take whatever it is shown, which is `off` by another
 * name. `asked`: a person did accept this very key, who then is only told.
 */
static enum outcome
remember(struct hostkey_decision *check, bool asked)
{
    char path[HOSTKEY_PATH] = "", text[HOSTKEY_PATH + 128];
    int rc = -ENOENT;
    if (check->files.written != NULL) {
        hostkey_text_path(path, check->files.written);
        rc = known_hosts_append(check->files.written, check->name.host, check->name.port,
                                check->blob, check->len, check->request->route.hash_known_hosts,
                                *check->deadline);
    }
    if (rc == 0) {
        hostkey_set_place(check, path);
        return hostkey_accept_as(check, HOSTKEY_NEW);
    }
    if (rc == -EINTR)
        return failure_set(check->failure, OUTCOME_INTERRUPTED,
                           "interrupted while the host key was written to %s", path);
    if (rc == -EEXIST || rc == -EKEYREVOKED) { /* another run came between the look and this */
        check->verdict->status = rc == -EEXIST ? HOSTKEY_MISMATCH : HOSTKEY_REVOKED;
        check->verdict->changed = rc == -EEXIST;
        hostkey_set_place(check, path);
        return failure_set(check->failure, OUTCOME_HOST_KEY,
                           "the host key of %s: another program has just written %s to %s",
                           check->printable,
                           rc == -EEXIST ? "another key for it" : "@revoked for it", path);
    }
    if (check->files.written != NULL)
        snprintf(text, sizeof(text), "it could not be written to %s: %s", path,
                 hostkey_text_error(-rc));
    else
        snprintf(text, sizeof(text), "it could not be written: %s",
                 check->request->route.known_hosts != NULL
                     ? "no file of the user's is named for it"
                     : "there is no home directory");
    check->verdict->status = HOSTKEY_UNKNOWN;
    if (asked) {
        prompt_say(text);
        return hostkey_accept_as(check, HOSTKEY_UNKNOWN);
    }
    failure_set(check->failure, OUTCOME_HOST_KEY,
                "the host key of %s is not known, and %s: %s %s", check->printable, text,
                check->verdict->type, check->verdict->fingerprint);
    failure_hint(check->failure,
                 "--known-hosts=FILE with a file that can be written, or --fingerprint=%s once "
                 "you know that the key is the server's",
                 check->verdict->fingerprint);
    return OUTCOME_HOST_KEY;
}

static enum outcome
ask_now(struct hostkey_decision *check)
{
    struct hostkey_verdict *verdict = check->verdict;
    char text[2048] = "";
    enum hostkey_answer answer;
    hostkey_text_add(
        text, sizeof(text),
        "The host key of %s is not known.\n    type         %s\n    fingerprint  %s\n",
        check->printable, verdict->type, verdict->fingerprint);
    if (check->files.written != NULL && !check->files.named) {
        char path[HOSTKEY_PATH];
        hostkey_text_add(text, sizeof(text), "    not in       %s",
                         hostkey_text_path(path, check->files.written));
    }
    notes_on_unknown(check, text, sizeof(text), "\n    note: ");
    const struct hostkey_question question = {.text = text,
                                              .fingerprint = verdict->fingerprint,
                                              .server_fd = check->server_fd,
                                              .deadline = check->deadline};
    enum outcome outcome = hostkey_ask(&question, &answer, check->failure);
    if (outcome != OUTCOME_SUCCESS)
        return outcome;
    if (answer == HOSTKEY_ANSWER_SAVE)
        return remember(check, true);
    if (answer == HOSTKEY_ANSWER_ONCE)
        return hostkey_accept_as(check, HOSTKEY_UNKNOWN);
    return failure_set(check->failure, OUTCOME_HOST_KEY,
                       "the host key of %s is not known, and was not accepted: %s %s",
                       check->printable, verdict->type, verdict->fingerprint);
}

/* The question, and what became of the answer, in one turn. */
struct asking {
    struct hostkey_decision *check;
    enum outcome outcome;
};

/* While this one waited for its turn, the same key may have been saved for another user. */
static bool
known_meanwhile(struct hostkey_decision *check)
{
    struct hostkey_known known;
    char place[HOSTKEY_PLACE];
    if (!check->request->settings->crowd ||
        hostkey_known_read(&known, &check->files, &check->name, check->blob, check->len) != 0 ||
        known.revoked.path != NULL || known.match.path == NULL)
        return false;
    hostkey_set_place(check, hostkey_text_line(place, &known.match));
    return true;
}

static void
ask_in_turn(void *context)
{
    struct asking *asking = context;
    asking->outcome = known_meanwhile(asking->check)
                          ? hostkey_accept_as(asking->check, HOSTKEY_KNOWN)
                          : ask_now(asking->check);
}

static enum outcome
ask_person(struct hostkey_decision *check)
{
    struct asking asking = {check, OUTCOME_INTERNAL};
    check->verdict->status = HOSTKEY_UNKNOWN;
    enum outcome outcome =
        turn_take(ask_in_turn, &asking, check->server_fd, check->deadline, check->failure);
    return outcome == OUTCOME_SUCCESS ? asking.outcome : outcome;
}

enum outcome
hostkey_check_unknown(struct hostkey_decision *check)
{
    const struct settings *settings = check->request->settings;
    switch (check->request->route.host_key) {
    case HOSTKEY_OFF:
        return hostkey_accept_as(check, HOSTKEY_UNCHECKED);
    case HOSTKEY_ACCEPT_NEW:
        return remember(check, false);
    case HOSTKEY_STRICT:
        return refuse_unknown(check, "");
    case HOSTKEY_ASK:
    case HOSTKEY_DEFAULT:
        break;
    }
    if (!settings->batch && prompt_possible())
        return ask_person(check);
    if (check->request->route.host_key == HOSTKEY_DEFAULT)
        return refuse_unknown(check, "");
    return refuse_unknown(check, settings->batch ? "; --batch forbids to ask"
                                                 : "; there is no terminal to ask at");
}
