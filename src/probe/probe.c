/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One connection from the name to the verdict. The order of the stages is here, and the outcome
 * of a chain; how each stage is done is in the other rooms.
 */
#include <config.h>

#include "probe/probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/chain.h"
#include "probe/connect.h"
#include "probe/expect.h"
#include "probe/proxy.h"
#include "probe/resolve.h"
#include "probe/slots.h"
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
    struct proxy *proxy; /* NULL: none is between */
    struct session *session;
    struct slots_wait *wait;
    struct slots *slots;
    bool no_slot;
    /* moved by typing, as the deadline is, and by waiting for other targets' answers */
    int64_t started, stage_started;
};

/* Ended the stage in progress and began the next at `moment`, a clock_now(). */
static void
enter_at(struct probe *probe, enum stage stage, int64_t moment)
{
    struct verdict *verdict = probe->verdict;

    verdict->ms[verdict->stage] += (double)(moment - probe->stage_started) / 1e6;
    verdict->stage = stage;
    verdict->reached[stage] = true;
    probe->stage_started = moment;
}

static void
enter(struct probe *probe, enum stage stage)
{
    enter_at(probe, stage, clock_now());
}

/* What slots_take() said. INTERNAL is heard of where it was no EBUSY. */
static enum outcome
took(struct probe *probe, bool good)
{
    if (good)
        return OUTCOME_SUCCESS;
    probe->no_slot = errno == EBUSY;
    return failure_set(&probe->verdict->failure, OUTCOME_INTERNAL, "out of memory");
}

/* To an address of the host's. */
static enum outcome
connect_host(struct probe *probe, struct deadline deadline)
{
    const struct request *request = probe->request;
    struct verdict *verdict = probe->verdict;
    struct addrinfo *addresses = NULL, *local = NULL;

    enter(probe, STAGE_RESOLVE);
    enum outcome outcome =
        resolve_host(request, deadline, &addresses, &local, &verdict->failure);
    if (outcome == OUTCOME_SUCCESS)
        outcome = took(probe, slots_take(addresses, probe->wait, &probe->slots));
    if (outcome == OUTCOME_SUCCESS) {
        enter(probe, STAGE_CONNECT);
        outcome = connect_any(addresses, local, deadline, &probe->fd, verdict->address,
                              sizeof verdict->address, &verdict->failure);
    }
    if (outcome == OUTCOME_SUCCESS)
        slots_keep(probe->slots, probe->fd);
    if (addresses)
        freeaddrinfo(addresses);
    if (local)
        freeaddrinfo(local);
    return outcome;
}

/*
 * Connects: the request's own limit and that of connecting hold, the earlier counts. A proxy
 * that may ask a person has the former alone, unless the latter was asked for.
 */
static enum outcome
reach(struct probe *probe)
{
    const struct route *route = &probe->request->route;
    struct failure *failure = &probe->verdict->failure;
    struct deadline deadline = probe->deadline;
    bool proxy = proxy_needed(route);
    enum outcome outcome;

    if (!proxy || route->connect_timeout_named || !proxy_may_ask(probe->request))
        deadline = deadline_earlier(deadline, deadline_after(route->connect_timeout));
    if (proxy) {
        enter(probe, STAGE_PROXY);
        outcome = took(probe, slots_take_proxy(probe->request, probe->wait, &probe->slots));
        if (outcome == OUTCOME_SUCCESS)
            outcome = proxy_start(probe->request, deadline, &probe->proxy, &probe->fd, failure);
    } else {
        outcome = connect_host(probe, deadline);
    }
    /* a person who may be asked by a proxy is given the whole limit */
    if (outcome == OUTCOME_TIMEOUT && !deadline_passed(probe->deadline))
        failure_hint(failure, "--connect-timeout=SECONDS sets the limit, which is %g now",
                     (double)route->connect_timeout / DEADLINE_SECOND);
    return outcome;
}

/*
 * A connection that ended through its proxy's fault says nothing about the server: it was not
 * reached any more, whatever was going on.
 */
static void
blame_proxy(struct probe *probe)
{
    struct verdict *verdict = probe->verdict;
    struct step *step =
        verdict->step_count ? &verdict->steps[verdict->step_count - 1] : &verdict->listing;

    if (verdict->outcome != OUTCOME_DISCONNECTED || !probe->proxy ||
        !proxy_failed(probe->proxy, &verdict->failure))
        return;
    if (step->outcome == verdict->outcome) {
        step->outcome = verdict->failure.outcome;
        step->failure = verdict->failure;
    }
    verdict->outcome = verdict->failure.outcome;
    verdict->stage = STAGE_PROXY; /* whose time was counted: this came of what it did later */
}

/* Ends what is between here and the server. */
static void
hang_up(struct probe *probe)
{
    bool server_said_so = probe->session && probe->session->disconnect.seen;

    session_close(probe->session);
    if (probe->fd >= 0)
        close(probe->fd);
    if (!server_said_so)
        blame_proxy(probe);
    proxy_stop(probe->proxy);
    slots_give(probe->slots);
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
                               *verdict->hostkey.place ? ", says " : "", verdict->hostkey.place,
                               method->name);
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
    probe->started += session->deadline.at - deadline;
    return outcome == OUTCOME_SUCCESS ? refuse_typed_secrets(probe) : outcome;
}

static enum outcome
authenticate(struct probe *probe)
{
    struct session *session = probe->session;
    struct verdict *verdict = probe->verdict;
    enum outcome outcome = session_request_userauth(session, &verdict->failure);

    if (outcome != OUTCOME_SUCCESS)
        return explain(probe, outcome, "service request");
    int64_t deadline = session->deadline.at;
    outcome = chain_walk(session, probe->request, probe->chain, verdict);
    int64_t apart = session->deadline.at - deadline + session->waited;
    probe->stage_started += apart;
    probe->started += apart;
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

/* So does the reason that the server gave for its end. */
static void
keep_disconnect(struct probe *probe)
{
    const struct session_disconnect *disconnect = &probe->session->disconnect;
    struct verdict_disconnect *kept = &probe->verdict->disconnect;

    if (!disconnect->seen)
        return;
    kept->seen = true;
    kept->code = disconnect->reason;
    bytes_copy(&kept->text, disconnect->text, disconnect->text_len);
}

bool
probe_run(const struct request *request, const struct chain *chain, packet_observer *observer,
          void *observer_context, struct slots_wait *wait, struct verdict *verdict)
{
    struct probe probe = {.request = request,
                          .chain = chain,
                          .verdict = verdict,
                          .observer = observer,
                          .observer_context = observer_context,
                          .wait = wait,
                          .deadline = deadline_after(request->settings->timeout),
                          .fd = -1,
                          .started = clock_now(),
                          .stage_started = clock_now()};

    memset(verdict, 0, sizeof *verdict);
    verdict->request = request;
    verdict->chain = chain;
    verdict->outcome = reach(&probe);
    if (probe.no_slot) {
        verdict_free(verdict);
        return false;
    }
    if (verdict->outcome == OUTCOME_SUCCESS)
        verdict->outcome = converse(&probe);
    enter(&probe, verdict->stage);
    verdict->total_ms = clock_ms_since(probe.started);
    if (probe.session) {
        keep_banners(&probe);
        keep_disconnect(&probe);
    }
    hang_up(&probe);
    wipe_stack();
    expect_judge(verdict);
    return true;
}

bool
probe_setup(struct failure *failure)
{
    bool good = libssh2_init(0) == 0;

    /* libcrypto 3 that could not set itself up crashes when it is used */
    if (wipe_memory_shortages() > 0)
        return failure_no_memory(failure);
    if (good)
        return true;
    failure_set(failure, OUTCOME_INTERNAL, "libssh2 could not be initialised");
    return false;
}

void
probe_teardown(void)
{
    libssh2_exit();
}
