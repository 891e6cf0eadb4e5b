/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What ssh -G prints, which may be anything where a configuration says so. Whether a file or an
 * account is there is told by its name here, and not by this machine.
 */
#include <config.h>

#include <sys/socket.h>

#include "cli/sshconfig.h"
#include "cli/target.h"
#include "fuzz.h"
#include "util/home.h"

int __wrap_access(const char *path, int mode);
const char *__wrap_home_directory(char out[PATH_MAX]);
const char *__wrap_home_of_account(char out[PATH_MAX]);
const char *__wrap_home_of_user(char out[PATH_MAX], const char *name);

int
__wrap_access(const char *path, int mode)
{
    (void)mode;
    return strlen(path) % 3 == 0 ? 0 : -1;
}

const char *
__wrap_home_directory(char out[PATH_MAX])
{
    return strcpy(out, "/h");
}

const char *
__wrap_home_of_account(char out[PATH_MAX])
{
    return strcpy(out, "/a");
}

const char *
__wrap_home_of_user(char out[PATH_MAX], const char *name)
{
    return name[0] == 'u' ? strcpy(out, "/u") : NULL;
}

static bool
is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
require_files(const struct sshconfig *config)
{
    REQUIRE((config->known_hosts == NULL) == (config->known_hosts_count == 0));
    for (size_t i = 0; i < config->known_hosts_count; i++)
        REQUIRE(config->known_hosts[i] != NULL && config->known_hosts[i][0] != '~');
    if (config->known_hosts_written != NULL)
        REQUIRE(is_same(config->known_hosts_written, config->known_hosts[0]));
}

static void
require_good(const struct sshconfig *config)
{
    REQUIRE(config->user == NULL || target_user_error(config->user) == NULL);
    REQUIRE(config->hostname == NULL || target_host_error(config->hostname) == NULL);
    REQUIRE(config->bind == NULL || target_host_error(config->bind) == NULL);
    REQUIRE(config->gssapi_host == NULL || target_host_error(config->gssapi_host) == NULL);
    REQUIRE(config->family == AF_UNSPEC || config->family == AF_INET ||
            config->family == AF_INET6);
    REQUIRE(config->connect_timeout >= 0);
    REQUIRE(config->host_key != HOSTKEY_OFF && config->host_key != HOSTKEY_ASK);
    REQUIRE(!config->known_hosts_command || config->host_key != HOSTKEY_ACCEPT_NEW);
    REQUIRE(config->note == NULL);
    require_files(config);
}

static void
require_same(const struct sshconfig *a, const struct sshconfig *b)
{
    REQUIRE(is_same(a->user, b->user) && is_same(a->hostname, b->hostname));
    REQUIRE(is_same(a->jump, b->jump) && is_same(a->proxy_command, b->proxy_command));
    REQUIRE(a->port == b->port && a->host_key == b->host_key);
    REQUIRE(a->known_hosts_count == b->known_hosts_count);
}

/* A line of it as the argument of -o, too. */
static void
try_option(const char *option)
{
    const char *key, *why = sshconfig_option_error(option);
    size_t len = 0;

    if (why != NULL) {
        REQUIRE(fuzz_is_line(why));
        return;
    }
    sshconfig_option_used(option, &key, &len);
    REQUIRE(key >= option && len > 0 && key + len <= option + strlen(option));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct failure failure = FAILURE_INIT, why = FAILURE_INIT;
    struct sshconfig config, again;
    char *text = fuzz_string(data, size), *copy = fuzz_string(data, size);

    char *line = fuzz_string(data, strcspn(text, "\n"));
    try_option(line);
    free(line);
    bool good = sshconfig_parse(text, &config, &failure);
    REQUIRE(good == !failure_is_set(&failure));
    REQUIRE(good == sshconfig_parse(copy, &again, &why));
    REQUIRE(strcmp(failure.message, why.message) == 0);
    if (good) {
        require_good(&config);
        require_same(&config, &again);
        sshconfig_free(&config);
        sshconfig_free(&again);
    } else {
        REQUIRE(failure.outcome == OUTCOME_USAGE && fuzz_is_line(failure.message));
    }
    free(text);
    free(copy);
    return 0;
}
