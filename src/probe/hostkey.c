/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The decision on a host key, in the order in which it is taken: revoked, pinned, known,
 * changed, unknown. What the files say comes from hostkey_known.c and hostkey_revoked.c; what
 * becomes of an unknown key is in hostkey_unknown.c. Nothing here speaks to the server.
 *
 * Where it differs from ssh(1) of OpenSSH 9.2: @revoked is refused in every mode (ssh goes on
 * with StrictHostKeyChecking=no) and under the plain host name too where the port is not 22;
 * `off` never writes; a key type that ssh does not know counts as a known one of another type;
 * a marker may end in a tab; names that fill 64 KiB are not read.
 */
#include <config.h>

#include "probe/hostkey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probe/hostkey_blob.h"
#include "probe/hostkey_decide.h"
#include "probe/hostkey_revoked.h"
#include "util/certificate.h"
#include "util/escape.h"

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

enum outcome
hostkey_accept_as(struct hostkey_decision *check, enum hostkey_status status)
{
    check->verdict->status = status;
    check->verdict->accepted = true;
    return OUTCOME_SUCCESS;
}

void
hostkey_set_place(struct hostkey_decision *check, const char *place)
{
    struct hostkey_verdict *verdict = check->verdict;
    escape_into(verdict->place, sizeof(verdict->place), place, strlen(place), ESCAPE_LINE);
}

static enum outcome
refuse_revoked(struct hostkey_decision *check, const char *how, const char *place)
{
    hostkey_set_place(check, place);
    check->verdict->status = HOSTKEY_REVOKED;
    failure_set(check->failure, OUTCOME_HOST_KEY, "the host key of %s %s %s: %s %s",
                check->printable, how, place, check->verdict->type,
                check->verdict->fingerprint);
    failure_hint(check->failure, "the key may have been stolen; no option makes it acceptable, "
                                 "the server needs another one");
    return OUTCOME_HOST_KEY;
}

static enum outcome
check_pinned(struct hostkey_decision *check)
{
    const struct settings *settings = check->request->settings;
    for (size_t i = 0; i < settings->fingerprint_count; i++)
        if (strcmp(settings->fingerprints[i], check->verdict->fingerprint) == 0)
            return hostkey_accept_as(check, HOSTKEY_PINNED);
    check->verdict->status = HOSTKEY_UNPINNED;
    failure_set(check->failure, OUTCOME_HOST_KEY,
                "the host key of %s is none that --fingerprint names: the server showed %s %s",
                check->printable, check->verdict->type, check->verdict->fingerprint);
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
check_changed(struct hostkey_decision *check)
{
    bool same_type = check->known.same_type.path != NULL;
    const struct hostkey_line *line =
        same_type ? &check->known.same_type : &check->known.other_type;
    const struct hostkey_verdict *verdict = check->verdict;
    char place[HOSTKEY_PLACE], path[HOSTKEY_PATH], file_word[HOSTKEY_WORD],
        name_word[HOSTKEY_WORD];
    hostkey_text_line(place, line);
    hostkey_set_place(check, place);
    check->verdict->changed = true;
    if (check->request->route.host_key == HOSTKEY_OFF)
        return hostkey_accept_as(check, HOSTKEY_MISMATCH);
    check->verdict->status = HOSTKEY_MISMATCH;
    failure_set(check->failure, OUTCOME_HOST_KEY,
                "the host key of %s %s: %s has %s %s, the server showed %s %s",
                check->printable,
                same_type ? "has changed" : "is of another type than the known one", place,
                line->type, line->fingerprint, verdict->type, verdict->fingerprint);
    hostkey_text_word(file_word, hostkey_text_path(path, line->path));
    hostkey_text_word(name_word, check->printable);
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

/* Type and fingerprint into the verdict. What is no plain key is refused here; `*canonical`, to
 * be freed, is what is looked for from here on. */
static enum outcome
describe(struct hostkey_decision *check, unsigned char **canonical)
{
    struct hostkey_verdict *verdict = check->verdict;
    bool plain = known_hosts_blob_type(verdict->type, check->blob, check->len);
    bool certificate = certificate_plain_length(verdict->type, strlen(verdict->type)) > 0;
    int rc = -EBADMSG;
    if (plain && !certificate)
        rc = hostkey_blob_canonical(check->blob, check->len, canonical, &check->len);
    if (rc == -ENOMEM)
        return failure_set(check->failure, OUTCOME_INTERNAL, "out of memory");
    if (rc == 0)
        check->blob = *canonical;
    if (!hostkey_fingerprint(verdict->fingerprint, check->blob, check->len))
        return failure_set(check->failure, OUTCOME_INTERNAL, "libcrypto has no SHA-256");
    if (certificate)
        return failure_set(check->failure, OUTCOME_KEX_FAILURE,
                           "the server showed a host certificate (%s), and libssh2 cannot "
                           "verify one",
                           verdict->type);
    if (rc != 0)
        return failure_set(check->failure, OUTCOME_PROTOCOL_ERROR,
                           "the server showed a malformed host key");
    return OUTCOME_SUCCESS;
}

static enum outcome
name_host(struct hostkey_decision *check)
{
    if (!hostkey_name_init(&check->name, check->request))
        return failure_set(check->failure, OUTCOME_HOST_KEY,
                           "no known hosts file can have the name of this host");
    escape_into(check->printable, sizeof(check->printable), check->name.text,
                strlen(check->name.text), ESCAPE_LINE);
    return OUTCOME_SUCCESS;
}

/* RevokedHostKeys. As with ssh no key is accepted where the list cannot be read: it may have
 * it.
 */
static enum outcome
consult_revoked(struct hostkey_decision *check)
{
    const char *list = check->request->route.revoked_host_keys;
    struct hostkey_line line = {.path = list};
    char place[HOSTKEY_PLACE];
    if (list == NULL)
        return OUTCOME_SUCCESS;
    int rc = hostkey_revoked_look(list, check->blob, check->len, &line.line);
    if (rc == 0)
        return OUTCOME_SUCCESS;
    if (line.line > 0)
        hostkey_text_line(place, &line);
    else
        hostkey_text_path(place, list);
    if (rc > 0)
        return refuse_revoked(check, "is revoked by", place);
    failure_set(check->failure, OUTCOME_HOST_KEY,
                "the host key of %s may be a revoked one, which cannot be told: %s: %s",
                check->printable, place,
                rc != -EBADMSG  ? hostkey_text_error(-rc)
                : line.line > 0 ? "that line is no public key"
                                : "this KRL is damaged, or of a kind unknown here");
    failure_hint(check->failure, "the file is RevokedHostKeys of ssh's configuration; while it "
                                 "cannot be read no host key is accepted, as by ssh");
    return OUTCOME_HOST_KEY;
}

static enum outcome
consult_files(struct hostkey_decision *check)
{
    struct hostkey_known *known = &check->known;
    char path[HOSTKEY_PATH];
    int rc = hostkey_known_read(known, &check->files, &check->name, check->blob, check->len);
    if (rc == -EINTR)
        return failure_set(check->failure, OUTCOME_INTERRUPTED,
                           "interrupted while known hosts files were read");
    if (rc != 0)
        return failure_set(check->failure, OUTCOME_INTERNAL, "out of memory");
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
    return OUTCOME_SUCCESS;
}

static enum outcome
decide(struct hostkey_decision *check)
{
    const struct hostkey_known *known = &check->known;
    char place[HOSTKEY_PLACE];
    if (known->revoked.path != NULL)
        return refuse_revoked(check, "is marked @revoked in",
                              hostkey_text_line(place, &known->revoked));
    if (check->request->settings->fingerprint_count > 0)
        return check_pinned(check);
    if (known->match.path != NULL) {
        hostkey_set_place(check, hostkey_text_line(place, &known->match));
        return hostkey_accept_as(check, HOSTKEY_KNOWN);
    }
    if (known->same_type.path != NULL || known->other_type.path != NULL)
        return check_changed(check);
    return hostkey_check_unknown(check);
}

/* On a key that has been described. */
static enum outcome
judge(struct hostkey_decision *check)
{
    check->verdict->status = HOSTKEY_UNKNOWN;
    enum outcome outcome = name_host(check);
    if (outcome == OUTCOME_SUCCESS)
        outcome = consult_revoked(check);
    if (outcome != OUTCOME_SUCCESS)
        return outcome;
    if (!hostkey_files_init(&check->files, &check->request->route))
        return failure_set(check->failure, OUTCOME_INTERNAL, "out of memory");
    outcome = consult_files(check);
    if (outcome == OUTCOME_SUCCESS)
        outcome = decide(check);
    hostkey_files_free(&check->files);
    return outcome;
}

enum outcome
hostkey_check(const struct request *request, const unsigned char *blob, size_t len,
              int server_fd, struct deadline *deadline, struct hostkey_verdict *verdict,
              struct failure *failure)
{
    struct hostkey_decision check = {.request = request,
                                     .blob = blob,
                                     .len = len,
                                     .server_fd = server_fd,
                                     .deadline = deadline,
                                     .verdict = verdict,
                                     .failure = failure};
    unsigned char *canonical = NULL;
    *verdict = (struct hostkey_verdict){.status = HOSTKEY_NOT_SEEN};
    enum outcome outcome = describe(&check, &canonical);
    if (outcome == OUTCOME_SUCCESS)
        outcome = judge(&check);
    free(canonical);
    return outcome;
}
