/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The decision on a host key, in the order in which it is taken: revoked, pinned, known,
 * changed, unknown. What the files say comes from hostkey_known.c, the person's answer from
 * hostkey_ask.c. Nothing here speaks to the server.
 *
 * Where it differs from ssh(1) of OpenSSH 9.2: @revoked is refused in every mode (ssh goes on
 * with StrictHostKeyChecking=no) and under the plain host name too where the port is not 22;
 * `off` never writes; a key type that ssh does not know counts as a known one of another type.
 */
#include <config.h>

#include "probe/hostkey.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ask/prompt.h"
#include "probe/hostkey_ask.h"
#include "probe/hostkey_text.h"
#include "util/certificate.h"
#include "util/escape.h"

struct check {
    const struct request *request;
    const unsigned char *blob;
    size_t len;
    int server_fd;
    struct deadline *deadline;
    struct hostkey_verdict *verdict;
    struct failure *failure;
    struct hostkey_files files;
    struct hostkey_known known;
    char name[HOSTKEY_PATH]; /* the host as the files name it, printable */
};

const char *
hostkey_status_word(enum hostkey_status status)
{
    static const char *const word[] = {
        [HOSTKEY_NOT_SEEN] = NULL,
        [HOSTKEY_KNOWN] = "known",
        [HOSTKEY_NEW] = "new",
        [HOSTKEY_UNKNOWN] = "unknown",
        [HOSTKEY_MISMATCH] = "mismatch",
        [HOSTKEY_REVOKED] = "revoked",
        [HOSTKEY_PINNED] = "pinned",
        [HOSTKEY_UNPINNED] = "mismatch",
        [HOSTKEY_UNCHECKED] = "unchecked",
    };
    return word[status];
}

static enum outcome
accept_as(struct check *check, enum hostkey_status status)
{
    check->verdict->status = status;
    check->verdict->accepted = true;
    return OUTCOME_SUCCESS;
}

static void
set_place(struct check *check, const char *place)
{
    struct hostkey_verdict *verdict = check->verdict;
    escape_into(verdict->address, sizeof(verdict->address), place, strlen(place), ESCAPE_LINE);
}

static enum outcome
refuse_revoked(struct check *check)
{
    char place[HOSTKEY_PLACE];
    hostkey_text_line(place, &check->known.revoked);
    set_place(check, place);
    check->verdict->status = HOSTKEY_REVOKED;
    failure_set(check->failure, OUTCOME_HOST_KEY,
                "the host key of %s is marked @revoked in %s: %s %s", check->name, place,
                check->verdict->type, check->verdict->fingerprint);
    failure_hint(check->failure, "the key may have been stolen; no option makes it acceptable, "
                                 "the server needs another one");
    return OUTCOME_HOST_KEY;
}

static enum outcome
check_pinned(struct check *check)
{
    const struct settings *settings = check->request->settings;
    for (size_t i = 0; i < settings->fingerprint_count; i++)
        if (strcmp(settings->fingerprints[i], check->verdict->fingerprint) == 0)
            return accept_as(check, HOSTKEY_PINNED);
    check->verdict->status = HOSTKEY_UNPINNED;
    failure_set(check->failure, OUTCOME_HOST_KEY,
                "the host key of %s is none that --fingerprint names: the server showed %s %s",
                check->name, check->verdict->type, check->verdict->fingerprint);
    failure_hint(check->failure,
                 "a server has a key of each type, each with its own fingerprint: "
                 "--fingerprint may be repeated");
    return OUTCOME_HOST_KEY;
}

/*
 * The files have the host, with other keys. As with ssh, it makes no difference whether one of
 * them is of this type: the known types were asked for first, so a server that shows another
 * one has lost them, and somebody in between who has no key of a known type would show just
 * that. Accepting it as new, or asking as for a new one, would be the way around the check.
 */
static enum outcome
check_changed(struct check *check)
{
    bool same_type = check->known.same_type.path != NULL;
    const struct hostkey_line *line =
        same_type ? &check->known.same_type : &check->known.other_type;
    const struct hostkey_verdict *verdict = check->verdict;
    char place[HOSTKEY_PLACE], path[HOSTKEY_PATH], file_word[HOSTKEY_WORD],
        name_word[HOSTKEY_WORD];
    hostkey_text_line(place, line);
    set_place(check, place);
    check->verdict->changed = true;
    if (check->request->route.host_key == HOSTKEY_OFF)
        return accept_as(check, HOSTKEY_MISMATCH);
    check->verdict->status = HOSTKEY_MISMATCH;
    failure_set(check->failure, OUTCOME_HOST_KEY,
                "the host key of %s %s: %s has %s %s, the server showed %s %s", check->name,
                same_type ? "has changed" : "is of another type than the known one", place,
                line->type, line->fingerprint, verdict->type, verdict->fingerprint);
    hostkey_text_word(file_word, hostkey_text_path(path, line->path));
    hostkey_text_word(name_word, check->name);
    if (same_type)
        failure_hint(check->failure,
                     "somebody may be in between; if the server really has a new key: "
                     "ssh-keygen -f %s -R %s",
                     file_word, name_word);
    else
        failure_hint(check->failure,
                     "once you know that it is the server's: --fingerprint=%s, or "
                     "ssh-keygen -f %s -R %s%s",
                     verdict->fingerprint, file_word, name_word,
                     strcmp(line->type, "ssh-rsa") != 0
                         ? ""
                         : " (libssh2 before 1.11 cannot ask today's servers for an RSA key)");
    return OUTCOME_HOST_KEY;
}

/* What else there is to know of a host whose key is unknown; each note begins with `before`. */
static void
notes_on_unknown(const struct check *check, char *text, size_t size, const char *before)
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
refuse_unknown(struct check *check, const char *reason)
{
    const struct hostkey_verdict *verdict = check->verdict;
    char notes[800] = "", path[HOSTKEY_PATH], word[HOSTKEY_WORD];
    notes_on_unknown(check, notes, sizeof(notes), "; ");
    check->verdict->status = HOSTKEY_UNKNOWN;
    failure_set(check->failure, OUTCOME_HOST_KEY, "the host key of %s is not known: %s %s%s%s",
                check->name, verdict->type, verdict->fingerprint, reason, notes);
    const char *file = check->files.written != NULL ? check->files.written : "FILE";
    failure_hint(check->failure,
                 "once you know that it is the server's: --fingerprint=%s, or "
                 "--host-key=accept-new to add it to %s",
                 verdict->fingerprint, hostkey_text_word(word, hostkey_text_path(path, file)));
    return OUTCOME_HOST_KEY;
}

/*
 * Writes the key to the file. A key that was to be remembered and cannot be is not accepted
 * without a person's word: each run would take whatever it is shown, which is `off` by another
 * name. `asked`: a person did accept this very key, who then is only told.
 */
static enum outcome
remember(struct check *check, bool asked)
{
    char path[HOSTKEY_PATH] = "", text[HOSTKEY_PATH + 128];
    int rc = -ENOENT;
    if (check->files.written != NULL) {
        hostkey_text_path(path, check->files.written);
        rc = known_hosts_append(check->files.written, check->known.host, check->request->port,
                                check->blob, check->len);
    }
    if (rc == 0) {
        set_place(check, path);
        return accept_as(check, HOSTKEY_NEW);
    }
    if (rc == -EEXIST || rc == -EKEYREVOKED) { /* another run came between the look and this */
        check->verdict->status = rc == -EEXIST ? HOSTKEY_MISMATCH : HOSTKEY_REVOKED;
        check->verdict->changed = rc == -EEXIST;
        set_place(check, path);
        return failure_set(check->failure, OUTCOME_HOST_KEY,
                           "the host key of %s: another program has just written %s to %s",
                           check->name,
                           rc == -EEXIST ? "another key for it" : "@revoked for it", path);
    }
    if (check->files.written != NULL)
        snprintf(text, sizeof(text), "it could not be written to %s: %s", path,
                 hostkey_text_error(-rc));
    else
        snprintf(text, sizeof(text), "it could not be written: there is no home directory");
    check->verdict->status = HOSTKEY_UNKNOWN;
    if (asked) {
        prompt_say(text);
        return accept_as(check, HOSTKEY_UNKNOWN);
    }
    failure_set(check->failure, OUTCOME_HOST_KEY,
                "the host key of %s is not known, and %s: %s %s", check->name, text,
                check->verdict->type, check->verdict->fingerprint);
    failure_hint(check->failure,
                 "--known-hosts=FILE with a file that can be written, or --fingerprint=%s once "
                 "you know that the key is the server's",
                 check->verdict->fingerprint);
    return OUTCOME_HOST_KEY;
}

static enum outcome
ask_person(struct check *check)
{
    struct hostkey_verdict *verdict = check->verdict;
    char text[2048] = "";
    enum hostkey_answer answer;
    hostkey_text_add(
        text, sizeof(text),
        "The host key of %s is not known.\n    type         %s\n    fingerprint  %s\n",
        check->name, verdict->type, verdict->fingerprint);
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
    verdict->status = HOSTKEY_UNKNOWN;
    enum outcome outcome = hostkey_ask(&question, &answer, check->failure);
    if (outcome != OUTCOME_SUCCESS)
        return outcome;
    if (answer == HOSTKEY_ANSWER_SAVE)
        return remember(check, true);
    if (answer == HOSTKEY_ANSWER_ONCE)
        return accept_as(check, HOSTKEY_UNKNOWN);
    return failure_set(check->failure, OUTCOME_HOST_KEY,
                       "the host key of %s is not known, and was not accepted: %s %s",
                       check->name, verdict->type, verdict->fingerprint);
}

static enum outcome
check_unknown(struct check *check)
{
    const struct settings *settings = check->request->settings;
    switch (check->request->route.host_key) {
    case HOSTKEY_OFF:
        return accept_as(check, HOSTKEY_UNCHECKED);
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

/* Type and fingerprint into the verdict. What is no plain key is refused here. */
static enum outcome
describe(struct check *check)
{
    struct hostkey_verdict *verdict = check->verdict;
    if (!hostkey_fingerprint(verdict->fingerprint, check->blob, check->len))
        return failure_set(check->failure, OUTCOME_INTERNAL, "libcrypto has no SHA-256");
    bool plain = known_hosts_blob_type(verdict->type, check->blob, check->len);
    if (certificate_plain_length(verdict->type, strlen(verdict->type)) > 0)
        return failure_set(check->failure, OUTCOME_KEX_FAILURE,
                           "the server showed a host certificate (%s), and libssh2 cannot "
                           "verify one",
                           verdict->type);
    if (!plain)
        return failure_set(check->failure, OUTCOME_PROTOCOL_ERROR,
                           "the server showed a malformed host key");
    return OUTCOME_SUCCESS;
}

static enum outcome
consult_files(struct check *check)
{
    const struct request *request = check->request;
    struct hostkey_known *known = &check->known;
    char name[KNOWN_HOSTS_NAME_SIZE], path[HOSTKEY_PATH];
    int rc = hostkey_known_read(known, &check->files, request->route.hostname, request->port,
                                check->blob, check->len);
    if (rc == -ENOMEM)
        return failure_set(check->failure, OUTCOME_INTERNAL, "out of memory");
    if (rc != 0)
        return failure_set(check->failure, OUTCOME_HOST_KEY,
                           "no known hosts file can have the name of this host");
    if (check->files.named && known->unreadable != NULL) {
        failure_set(check->failure, OUTCOME_CREDENTIAL, "--known-hosts=%s: %s",
                    hostkey_text_path(path, known->unreadable),
                    hostkey_text_error(known->error));
        if (known->error == ESPIPE)
            failure_hint(check->failure,
                         "each connection reads the file anew, and a pipe can be "
                         "read only once: put the lines into a file");
        return OUTCOME_CREDENTIAL;
    }
    known_hosts_name(name, known->host, request->port);
    escape_into(check->name, sizeof(check->name), name, strlen(name), ESCAPE_LINE);
    return OUTCOME_SUCCESS;
}

static enum outcome
decide(struct check *check)
{
    const struct hostkey_known *known = &check->known;
    if (known->revoked.path != NULL)
        return refuse_revoked(check);
    if (check->request->settings->fingerprint_count > 0)
        return check_pinned(check);
    if (known->match.path != NULL) {
        char place[HOSTKEY_PLACE];
        set_place(check, hostkey_text_line(place, &known->match));
        return accept_as(check, HOSTKEY_KNOWN);
    }
    if (known->same_type.path != NULL || known->other_type.path != NULL)
        return check_changed(check);
    return check_unknown(check);
}

enum outcome
hostkey_check(const struct request *request, const unsigned char *blob, size_t len,
              int server_fd, struct deadline *deadline, struct hostkey_verdict *verdict,
              struct failure *failure)
{
    struct check check = {.request = request,
                          .blob = blob,
                          .len = len,
                          .server_fd = server_fd,
                          .deadline = deadline,
                          .verdict = verdict,
                          .failure = failure};
    *verdict = (struct hostkey_verdict){.status = HOSTKEY_NOT_SEEN};
    enum outcome outcome = describe(&check);
    if (outcome != OUTCOME_SUCCESS)
        return outcome;
    verdict->status = HOSTKEY_UNKNOWN;
    if (!hostkey_files_init(&check.files, &request->route))
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    outcome = consult_files(&check);
    if (outcome == OUTCOME_SUCCESS)
        outcome = decide(&check);
    hostkey_files_free(&check.files);
    return outcome;
}
