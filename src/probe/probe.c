/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One connection from the name to the verdict. The order of the stages is here, and the outcome
 * of a chain; how each stage is done is in the other rooms.
 */
#include <config.h>

#include "probe/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/attempt.h"
#include "probe/connect.h"
#include "probe/expect.h"
#include "ssh2/session.h"
#include "util/wipe.h"

/* A probe at work. */
struct probe {
    const struct request *request;
    const struct chain *chain;
    struct verdict *verdict;
    packet_observer *observer;
    void *observer_context;
    struct deadline deadline; /* until there is a session, which has its own */
    int fd;
    struct session *session;
    int64_t stage_started; /* moved by typing, as the deadline is */
};

/* Ended the stage in progress and began the next at `moment`, a clock_now(). */
static void
enter_at(struct probe *probe, enum stage stage, int64_t moment)
{
    struct verdict *verdict = probe->verdict;

    verdict->ms[verdict->stage] += (double)(moment - probe->stage_started) / 1e6;
    verdict->stage = stage;
    probe->stage_started = moment;
}

static void
enter(struct probe *probe, enum stage stage)
{
    enter_at(probe, stage, clock_now());
}

/* Connects: the request's own limit and that of connecting hold, the earlier counts. */
static enum outcome
reach(struct probe *probe)
{
    const struct settings *settings = probe->request->settings;
    struct verdict *verdict = probe->verdict;
    struct deadline deadline =
        deadline_earlier(probe->deadline, deadline_after(settings->connect_timeout));
    struct addrinfo *addresses = NULL;
    enum outcome outcome =
        connect_resolve(probe->request, deadline, &addresses, &verdict->failure);

    if (outcome != OUTCOME_SUCCESS)
        return outcome;
    enter(probe, STAGE_CONNECT);
    outcome = connect_any(probe->request, addresses, deadline, &probe->fd, verdict->address,
                          sizeof verdict->address, &verdict->failure);
    freeaddrinfo(addresses);
    return outcome;
}

/* Says what session_wait() ended for, where nothing more telling is known. */
static enum outcome
explain(struct probe *probe, enum outcome outcome, const char *what)
{
    struct failure *failure = &probe->verdict->failure;

    if (outcome == OUTCOME_TIMEOUT)
        failure_set(failure, outcome, "%s: no answer from the server within the limit of %g s",
                    what, (double)probe->request->settings->timeout / DEADLINE_SECOND);
    else if (outcome == OUTCOME_INTERRUPTED)
        failure_set(failure, outcome, "%s: interrupted by a signal", what);
    return outcome;
}

/* As ssh asks for them, so that an unknown server shows the key whose fingerprint ssh shows
 * too. */
static const char *const algorithm_order[] = {
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-rsa",
};

/* The host key algorithms that libssh2 has of these, comma-separated, in this order. */
static void
supported_algorithms(LIBSSH2_SESSION *lib, char *joined, size_t size)
{
    const char **list = NULL;
    int count = libssh2_session_supported_algs(lib, LIBSSH2_METHOD_HOSTKEY, &list);
    size_t used = 0;

    *joined = '\0';
    for (size_t i = 0; i < sizeof algorithm_order / sizeof *algorithm_order; i++) {
        for (int j = 0; j < count; j++) {
            if (strcmp(list[j], algorithm_order[i]) == 0)
                used += (size_t)snprintf(joined + used, size - used, "%s%s", used ? "," : "",
                                         list[j]);
        }
    }
    if (list)
        libssh2_free(lib, list);
}

static enum outcome
exchange_keys(struct probe *probe)
{
    struct verdict *verdict = probe->verdict;
    struct session *session = probe->session;
    char supported[512]; /* holds all of algorithm_order */

    supported_algorithms(session->lib, supported, sizeof supported);
    char *algorithms = hostkey_preference(probe->request, supported);
    enum outcome outcome = session_exchange_keys(session, algorithms, &verdict->failure);
    free(algorithms);
    if (session_has_version(session)) {
        const char *version = libssh2_session_banner_get(session->lib);
        enter_at(probe, STAGE_KEX, session->version_at ? session->version_at : clock_now());
        if (!bytes_copy(&verdict->server_version, version, strlen(version)))
            return failure_set(&verdict->failure, OUTCOME_INTERNAL, "out of memory");
    }
    return explain(probe, outcome,
                   verdict->stage == STAGE_KEX ? "key exchange" : "version exchange");
}

/* As ssh: to a host whose key has changed nobody types a secret. */
static enum outcome
refuse_typed_secrets(struct probe *probe)
{
    struct verdict *verdict = probe->verdict;

    for (size_t i = 0; verdict->hostkey.changed && i < probe->chain->count; i++) {
        const struct method *method = probe->chain->steps[i];
        if (method->answers_prompts)
            return failure_set(&verdict->failure, OUTCOME_HOST_KEY,
                               "the host key has changed%s%s: %s is not tried, even with "
                               "--host-key=off, as what is typed may be for somebody else",
                               *verdict->hostkey.address ? ", says " : "",
                               verdict->hostkey.address, method->name);
    }
    return OUTCOME_SUCCESS;
}

static enum outcome
check_host_key(struct probe *probe)
{
    struct verdict *verdict = probe->verdict;
    struct session *session = probe->session;
    int64_t deadline = session->deadline.at;
    size_t len = 0;
    int type;
    const char *blob = libssh2_session_hostkey(session->lib, &len, &type);

    enter(probe, STAGE_HOST_KEY);
    if (!blob)
        return failure_set(&verdict->failure, OUTCOME_INTERNAL, "libssh2 gave no host key");
    enum outcome outcome =
        hostkey_check(probe->request, (const unsigned char *)blob, len, session->fd,
                      &session->deadline, &verdict->hostkey, &verdict->failure);
    probe->stage_started += session->deadline.at - deadline;
    return outcome == OUTCOME_SUCCESS ? refuse_typed_secrets(probe) : outcome;
}

/* The last list that came on this connection; NULL: none. */
static const char *
last_list(const struct verdict *verdict)
{
    for (size_t i = verdict->step_count; i > 0; i--) {
        if (verdict->steps[i - 1].remaining)
            return verdict->steps[i - 1].remaining;
    }
    return verdict->listing.remaining;
}

/* One request of a method, into a step that is zeroed; its outcome. */
static enum outcome
take_step(struct probe *probe, struct step *step, const struct method *method)
{
    struct verdict *verdict = probe->verdict;
    struct attempt attempt = {.session = probe->session,
                              .request = probe->request,
                              .step = step,
                              .before = verdict->steps,
                              .before_count = verdict->step_count,
                              .offered = last_list(verdict)};

    step->method = method;
    int64_t deadline = probe->session->deadline.at;
    attempt_make(&attempt);
    probe->stage_started += probe->session->deadline.at - deadline;
    if (failure_is_set(&step->failure))
        verdict->failure = step->failure;
    if (!verdict->offered && step->remaining) {
        verdict->offered = strdup(step->remaining);
        if (!verdict->offered)
            return failure_set(&verdict->failure, OUTCOME_INTERNAL, "out of memory");
    }
    return step->outcome;
}

/* A step of the chain's. It counts as one of the verdict's once it was made. */
static enum outcome
take_next_step(struct probe *probe, const struct method *method)
{
    struct verdict *verdict = probe->verdict;
    enum outcome outcome = take_step(probe, &verdict->steps[verdict->step_count], method);

    verdict->step_count++;
    return outcome;
}

static enum outcome
list_methods(struct probe *probe)
{
    struct step *step = probe->verdict->steps;
    enum outcome outcome = take_next_step(probe, method_find("none", strlen("none")));

    if (outcome == OUTCOME_FAILURE || outcome == OUTCOME_PARTIAL_SUCCESS) {
        step->outcome = OUTCOME_LISTED;
        step->code = 0;
        step->code_name = NULL;
        step->library_code = 0;
        return OUTCOME_LISTED;
    }
    return outcome == OUTCOME_SUCCESS ? OUTCOME_TRIVIAL : outcome;
}

/* Is a list expected that the chain itself does not begin by asking for? */
static bool
wants_list(const struct probe *probe)
{
    const struct settings *settings = probe->request->settings;

    return (settings->expect_offered || settings->forbid_offered) &&
           probe->chain->steps[0]->id != USERAUTH_NONE;
}

/*
 * A `none` request beside the chain, for the list that an expectation or a method needs. It may
 * be accepted: then there is nothing left to try. SUCCESS: go on with the chain.
 */
static enum outcome
ask_for_list(struct probe *probe)
{
    struct verdict *verdict = probe->verdict;
    enum outcome outcome;

    verdict->listed = true;
    outcome = take_step(probe, &verdict->listing, method_find("none", strlen("none")));
    if (outcome == OUTCOME_SUCCESS)
        return OUTCOME_EARLY_SUCCESS;
    return outcome == OUTCOME_FAILURE || outcome == OUTCOME_PARTIAL_SUCCESS ? OUTCOME_SUCCESS
                                                                            : outcome;
}

/* A chain stops at the first step that is not partial success; a success may come too early. */
static enum outcome
walk_chain(struct probe *probe)
{
    const struct chain *chain = probe->chain;
    enum outcome outcome = OUTCOME_INTERNAL;

    for (size_t i = 0; i < chain->count; i++) {
        bool list = (i == 0 && wants_list(probe)) ||
                    (chain->steps[i]->needs_list && !last_list(probe->verdict));
        if (list && (outcome = ask_for_list(probe)) != OUTCOME_SUCCESS)
            return outcome;
        outcome = take_next_step(probe, chain->steps[i]);
        if (outcome == OUTCOME_SUCCESS && i + 1 < chain->count)
            return OUTCOME_EARLY_SUCCESS;
        if (outcome != OUTCOME_PARTIAL_SUCCESS)
            break;
    }
    return outcome;
}

static enum outcome
authenticate(struct probe *probe)
{
    struct verdict *verdict = probe->verdict;
    enum outcome outcome = session_request_userauth(probe->session, &verdict->failure);

    if (outcome != OUTCOME_SUCCESS)
        return explain(probe, outcome, "service request");
    verdict->steps = calloc(probe->chain->count + 1, sizeof *verdict->steps);
    if (!verdict->steps)
        return failure_set(&verdict->failure, OUTCOME_INTERNAL, "out of memory");
    outcome = probe->chain->count ? walk_chain(probe) : list_methods(probe);
    verdict->trivial = (outcome == OUTCOME_SUCCESS || outcome == OUTCOME_EARLY_SUCCESS ||
                        outcome == OUTCOME_TRIVIAL) &&
                       !probe->session->packet.credential_sent;
    if (verdict->trivial && probe->request->settings->no_trivial_auth)
        return OUTCOME_TRIVIAL;
    return outcome;
}

/* Everything on the socket. */
static enum outcome
converse(struct probe *probe)
{
    enum outcome outcome;

    enter(probe, STAGE_BANNER);
    probe->session = session_open(probe->fd, probe->deadline);
    if (!probe->session)
        return failure_set(&probe->verdict->failure, OUTCOME_INTERNAL, "out of memory");
    probe->session->packet.observer = probe->observer;
    probe->session->packet.observer_context = probe->observer_context;
    outcome = exchange_keys(probe);
    if (outcome == OUTCOME_SUCCESS)
        outcome = check_host_key(probe);
    if (outcome == OUTCOME_SUCCESS) {
        enter(probe, STAGE_AUTH);
        outcome = authenticate(probe);
    }
    return outcome;
}

/* The banners outlive the session. */
static void
keep_banners(struct probe *probe)
{
    struct verdict *verdict = probe->verdict;
    struct packet *packet = &probe->session->packet;

    verdict->banners_dropped = packet->banners_dropped;
    verdict->banners = calloc(packet->banner_count + 1, sizeof *verdict->banners);
    if (!verdict->banners)
        return;
    memcpy(verdict->banners, packet->banners, packet->banner_count * sizeof *packet->banners);
    verdict->banner_count = packet->banner_count;
    packet->banner_count = 0;
}

void
probe_run(const struct request *request, const struct chain *chain, packet_observer *observer,
          void *observer_context, struct verdict *verdict)
{
    struct probe probe = {.request = request,
                          .chain = chain,
                          .verdict = verdict,
                          .observer = observer,
                          .observer_context = observer_context,
                          .deadline = deadline_after(request->settings->timeout),
                          .fd = -1,
                          .stage_started = clock_now()};

    memset(verdict, 0, sizeof *verdict);
    verdict->request = request;
    verdict->chain = chain;
    verdict->outcome = reach(&probe);
    if (verdict->outcome == OUTCOME_SUCCESS)
        verdict->outcome = converse(&probe);
    enter(&probe, verdict->stage);
    if (probe.session)
        keep_banners(&probe);
    session_close(probe.session);
    if (probe.fd >= 0)
        close(probe.fd);
    wipe_stack();
    expect_judge(verdict);
}

bool
probe_setup(struct failure *failure)
{
    /* libcrypto 3 that could not set itself up crashes when it is used */
    if (libssh2_init(0) == 0 && !wipe_memory_was_short())
        return true;
    failure_set(failure, OUTCOME_INTERNAL, "libssh2 could not be initialised");
    return false;
}

void
probe_teardown(void)
{
    libssh2_exit();
}
