/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One key, offered through libssh2. Its result says little; what was sent, and what came back,
 * is in the seam's record.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "ask/prompt.h"
#include "ask/turn.h"
#include "auth/answer.h"
#include "auth/publickey.h"
#include "util/name_list.h"
#include "util/certificate.h"
#include "util/signals.h"

const struct public_key *
candidate_key(const struct candidate *candidate)
{
    if (candidate->agent_key)
        return &candidate->agent_key->key;
    return candidate->file.certificate.blob ? &candidate->file.certificate
                                            : &candidate->file.key;
}

static bool
is_rsa(const char *type)
{
    return strcmp(type, "ssh-rsa") == 0 || strncmp(type, "ssh-rsa-cert-", 13) == 0;
}

static bool
only_asked_about(const struct candidate *candidate)
{
    return !candidate->agent_key && !candidate->file.is_private;
}

static void
describe_key(struct key_try *key, const struct public_key *half)
{
    if (!half->blob)
        return;
    snprintf(key->type, sizeof key->type, "%s", half->type);
    public_key_fingerprint(key->fingerprint, half->blob, half->len);
}

static struct key_try *
describe(struct step *step, const struct candidate *candidate)
{
    struct key_try *key = &step->keys[step->key_count++];

    key->outcome = KEY_UNDECIDED;
    key->agent = candidate->agent_key;
    key->file = candidate->identity ? candidate->identity->file : NULL;
    if (candidate->agent_key)
        bytes_copy(&key->comment, candidate->agent_key->comment.data,
                   candidate->agent_key->comment.len);
    describe_key(key, candidate_key(candidate));
    return key;
}

/* What was sent counts: of PEM the public half was not known, and what an encrypted file says
 * of it is not proved before it is decrypted. */
static void
describe_sent(struct key_try *key, const struct packet *packet)
{
    struct public_key half = {NULL, 0, ""};

    if (packet->key_blob.data &&
        public_key_copy(&half, (const unsigned char *)packet->key_blob.data,
                        packet->key_blob.len))
        describe_key(key, &half);
    public_key_free(&half);
}

static enum offer
unusable(struct key_try *key, enum offer offer, const char *why)
{
    key->outcome = OUTCOME_CREDENTIAL;
    snprintf(key->reason, sizeof key->reason, "%s", why);
    return offer;
}

/* Passphrases ------------------------------------------------------------------------------ */

/* A prompt in its turn. */
struct asking {
    struct prompt prompt;
    struct secret *passphrase;
    struct failure *failure;
    enum outcome outcome;
};

static void
ask_in_turn(void *context)
{
    struct asking *asking = context;

    asking->outcome = prompt_read(&asking->prompt, asking->passphrase, asking->failure);
}

static enum outcome
no_passphrase(const struct attempt *attempt, const char *file, struct failure *failure)
{
    failure_set(failure, OUTCOME_CREDENTIAL, "%s: it is encrypted, and %s", file,
                attempt->request->settings->batch
                    ? "with --batch no passphrase is asked for"
                    : "there is no terminal to ask for the passphrase on");
    failure_hint(failure, "--passphrase=SOURCE behind this -i gives it");
    return failure->outcome;
}

static enum outcome
ask_passphrase(struct attempt *attempt, const struct identity *identity,
               struct secret *passphrase, struct failure *failure)
{
    struct session *session = attempt->session;
    const char *label = attempt->request->label;
    bool crowd = attempt->request->settings->crowd;
    char file[256], text[600];

    escape_into(file, sizeof file, identity->file, strlen(identity->file), ESCAPE_LINE);
    if (!answer_person_present(attempt))
        return no_passphrase(attempt, file, failure);
    snprintf(text, sizeof text, "%s%s%sEnter passphrase for key '%s': ", crowd ? "(" : "",
             crowd ? label : "", crowd ? ") " : "", file);
    struct asking asking = {
        .prompt = {.text = text, .server_fd = session->fd, .deadline = &session->deadline},
        .passphrase = passphrase,
        .failure = failure,
        .outcome = OUTCOME_INTERNAL};
    enum outcome outcome =
        turn_take(ask_in_turn, &asking, session->fd, &session->deadline, failure);
    return outcome == OUTCOME_SUCCESS ? asking.outcome : outcome;
}

static enum outcome
find_passphrase(struct attempt *attempt, const struct identity *identity,
                struct secret *passphrase, struct failure *failure)
{
    if (!identity->passphrase || source_asks(identity->passphrase))
        return ask_passphrase(attempt, identity, passphrase, failure);
    if (!source_read(identity->passphrase, "", attempt->session->deadline, passphrase, failure))
        return failure->outcome;
    if (memchr(passphrase->text, '\0', passphrase->len)) {
        char shown[256];
        return failure_set(failure, OUTCOME_CREDENTIAL, "%s: the passphrase holds a NUL",
                           escape_into(shown, sizeof shown, identity->passphrase->text,
                                       strlen(identity->passphrase->text), ESCAPE_LINE));
    }
    return OUTCOME_SUCCESS;
}

/* libssh2's calls -------------------------------------------------------------------------- */

static LIBSSH2_USERAUTH_PUBLICKEY_SIGN_FUNC(sign_nothing)
{
    (void)session;
    (void)sig;
    (void)sig_len;
    (void)data;
    (void)data_len;
    (void)abstract;
    return -1;
}

static int
call_once(struct attempt *attempt, struct agent *agent, const struct candidate *candidate,
          const struct secret *passphrase)
{
    LIBSSH2_SESSION *lib = attempt->session->lib;
    const struct keyfile *file = &candidate->file;
    const char *user = attempt->request->user;
    void *unused = NULL;

    if (candidate->agent_key)
        return libssh2_agent_userauth(agent->lib, user, candidate->agent_key->handle);
    if (!file->is_private)
        return libssh2_userauth_publickey(lib, user, file->key.blob, file->key.len,
                                          sign_nothing, &unused);
    return libssh2_userauth_publickey_frommemory(
        lib, user, strlen(user), file->certificate_text,
        file->certificate_text ? strlen(file->certificate_text) : 0, file->text.text,
        file->text.len, passphrase->text ? passphrase->text : "");
}

static int
call(struct attempt *attempt, struct agent *agent, const struct candidate *candidate)
{
    struct secret passphrase = {NULL, 0, 0};
    struct failure *failure = &attempt->step->failure;
    int rc = 0;

    if (!candidate->agent_key && candidate->file.encrypted) {
        if (!secret_init(&passphrase))
            failure_set(failure, OUTCOME_INTERNAL, "out of memory");
        else
            find_passphrase(attempt, candidate->identity, &passphrase, failure);
    }
    while (!failure_is_set(failure)) {
        memory_lend(&attempt->session->memory);
        rc = call_once(attempt, agent, candidate, &passphrase);
        memory_lend(NULL);
        if (rc != LIBSSH2_ERROR_EAGAIN)
            break;
        attempt_wait(attempt);
    }
    secret_free(&passphrase);
    return rc;
}

/* What came of it -------------------------------------------------------------------------- */

static const char sha1_only[] =
    "RSA needs rsa-sha2-256 or rsa-sha2-512, which this libssh2 " LIBSSH2_VERSION
    " lacks; the server refused it with ssh-rsa (SHA-1)";

/* Why nothing was sent, or no signature. */
static const char *
local_reason(const struct attempt *attempt, const struct candidate *candidate, int rc)
{
    if (rc == LIBSSH2_ERROR_METHOD_NONE || rc == LIBSSH2_ERROR_METHOD_NOT_SUPPORTED)
        return "libssh2 and the server have no signature algorithm for this key in common";
    if (candidate->agent_key) {
        const char *error = agent_error(attempt->session);
        return error ? error : "the agent did not sign with it";
    }
    if (candidate->file.encrypted)
        return "it cannot be decrypted: the passphrase is wrong, or the file damaged";
    return "libssh2 cannot read it: the file is damaged, or its kind not supported";
}

static enum offer
judge_refusal(const struct attempt *attempt, struct key_try *key)
{
    key->outcome = OUTCOME_FAILURE;
    if (is_rsa(key->type) && !session_has_rsa_sha2(attempt->session))
        return unusable(key, OFFER_NEXT, sha1_only);
    return OFFER_NEXT;
}

static bool
connection_is_over(const struct session *session)
{
    return session->eof || session->error || session->disconnect.seen ||
           session->packet.transport_error || session_memory_was_short(session) ||
           failure_is_set(&session->packet.failure);
}

/* libssh2 gave up on our side: nothing was sent, or a query and no signature. */
static enum offer
judge_local(struct attempt *attempt, const struct candidate *candidate, struct key_try *key,
            int rc)
{
    if (key->acceptable && only_asked_about(candidate)) {
        attempt->key_acceptable = true;
        key->outcome = OUTCOME_KEY_ACCEPTABLE;
        return OFFER_END;
    }
    /* Behind an unusable one the agent may have others, unless the fault is the agent's own.
     * After METHOD_NONE libssh2 1.11.1 says it of every key that follows. */
    bool go_on =
        !key->file && !attempt->session->agent_error && rc != LIBSSH2_ERROR_METHOD_NONE;
    return unusable(key, go_on ? OFFER_NEXT : OFFER_END, local_reason(attempt, candidate, rc));
}

static enum offer
judge(struct attempt *attempt, const struct candidate *candidate, struct key_try *key, int rc)
{
    const struct packet_reply *reply = &attempt->session->packet.reply;

    key->acceptable = reply->dialogue;
    key->is_signed = reply->signature;
    if (failure_is_set(&attempt->step->failure)) {
        key->outcome = attempt->step->failure.outcome;
        return OFFER_BROKEN;
    }
    if (failure_is_set(&attempt->session->packet.failure))
        return OFFER_BROKEN;
    if (reply->success || reply->partial) {
        key->outcome = reply->success ? OUTCOME_SUCCESS : OUTCOME_PARTIAL_SUCCESS;
        return OFFER_END;
    }
    if (reply->failure)
        return judge_refusal(attempt, key);
    if (connection_is_over(attempt->session) || reply->signature)
        return OFFER_BROKEN;
    if (signals_caught()) {
        failure_set(&attempt->step->failure, OUTCOME_INTERRUPTED,
                    "publickey: interrupted by a signal");
        return OFFER_BROKEN;
    }
    return judge_local(attempt, candidate, key, rc);
}

/* An agent signs by itself; of a certificate, libssh2 needs to know the certified key's type.
 */
static bool
can_sign(const struct attempt *attempt, const struct candidate *candidate)
{
    char type[sizeof candidate_key(candidate)->type];

    snprintf(type, sizeof type, "%s", candidate_key(candidate)->type);
    size_t plain = certificate_plain_length(type, strlen(type));
    if (candidate->agent_key && plain > 0)
        type[plain] = '\0';
    return session_can_sign(attempt->session, type);
}

/* No signature can be made for it: nothing needs to be sent to know that. */
static const char *
type_problem(const struct attempt *attempt, const struct candidate *candidate)
{
    const struct public_key *half = candidate_key(candidate);

    if (!half->blob || only_asked_about(candidate) || can_sign(attempt, candidate))
        return NULL;
    return public_key_is_certificate(half)
               ? "this libssh2 " LIBSSH2_VERSION " cannot sign for this type of certificate "
                 "with a key from a file; with --agent the agent does"
               : "this libssh2 " LIBSSH2_VERSION " cannot sign with this type of key";
}

/* Each key that is refused brings a list, and the record keeps one: what must not be offered
 * may be in any. */
static bool
keep_list(struct attempt *attempt)
{
    const char *list = attempt->session->packet.reply.methods;

    if (!list || !*list || name_list_add(&attempt->step->earlier, list, strlen(list)))
        return true;
    return failure_no_memory(&attempt->step->failure);
}

enum offer
publickey_offer(struct attempt *attempt, struct agent *agent, const struct candidate *candidate,
                int *rc)
{
    struct packet *packet = &attempt->session->packet;
    struct key_try *key = describe(attempt->step, candidate);
    const char *problem = type_problem(attempt, candidate);

    if (problem)
        return unusable(key, key->file ? OFFER_END : OFFER_NEXT, problem);
    if (candidate->agent_key && !key->comment.data)
        failure_no_memory(&attempt->step->failure);
    if (failure_is_set(&attempt->step->failure) || !keep_list(attempt))
        return OFFER_BROKEN;
    packet_begin(packet);
    attempt->session->agent_error = 0;
    *rc = call(attempt, agent, candidate);
    attempt->session->memory.capped &= !attempt->session->agent_error;
    describe_sent(key, packet);
    return judge(attempt, candidate, key, *rc);
}
