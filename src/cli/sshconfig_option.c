/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keys of -o: which ones another option of this program stands for, and which ones matter
 * here. Whether ssh knows a key, and takes its value, is ssh's to say.
 */
#include <config.h>

#include "cli/sshconfig.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t\r"

static const char letters[] = "0123456789"
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static const char methods[] = "methods are named by -m, and each is tried once";
static const char tokens[] = "keys in hardware are used through an agent, by --agent";

/* Credentials and methods. Older names of a key follow it. */
static const struct refused {
    const char *key, *why;
} refused[] = {
    {"IdentityFile", "keys are named by -i"},
    {"CertificateFile", "keys are named by -i, and FILE-cert.pub beside a FILE is used"},
    {"IdentityAgent", "an agent is named by SSH_AUTH_SOCK, and used by --agent"},
    {"IdentitiesOnly", "no keys are used but those of -i and --agent"},
    {"PKCS11Provider", tokens},
    {"SmartcardDevice", tokens},
    {"SecurityKeyProvider", tokens},
    {"AddKeysToAgent", "keys are named by -i, and never added to an agent"},
    {"PreferredAuthentications", methods},
    {"PasswordAuthentication", methods},
    {"PubkeyAuthentication", methods},
    {"DSAAuthentication", methods},
    {"KbdInteractiveAuthentication", methods},
    {"ChallengeResponseAuthentication", methods},
    {"SKeyAuthentication", methods},
    {"TISAuthentication", methods},
    {"KbdInteractiveDevices", "methods are named by -m, without submethods"},
    {"GSSAPIAuthentication", methods},
    {"GSSAPIDelegateCredentials", "credentials are delegated by -K"},
    {"GSSAPIKeyExchange", "GSSAPI is used by -m gssapi-with-mic, and not for key exchange"},
    {"GSSAPIClientIdentity", "the principal is named by --gssapi-client"},
    {"HostbasedAuthentication", methods},
    {"NumberOfPasswordPrompts", methods},
    {"BatchMode", "prompts are turned off by -B"},
};

/* Read from ssh's answer, or part of how ssh finds it. All others are of no use. */
static const char *const used[] = {
    "AddressFamily",
    "BindAddress",
    "CanonicalDomains",
    "CanonicalizeFallbackLocal",
    "CanonicalizeHostname",
    "CanonicalizeMaxDots",
    "CanonicalizePermittedCNAMEs",
    "ConnectTimeout",
    "GlobalKnownHostsFile",
    "GSSAPIServerIdentity",
    "HashKnownHosts",
    "HostKeyAlias",
    "HostName",
    "IgnoreUnknown",
    "KnownHostsCommand",
    "Port",
    "ProxyCommand",
    "ProxyJump",
    "ProxyUseFdpass",
    "RevokedHostKeys",
    "SessionType", /* Match sessiontype */
    "StrictHostKeyChecking",
    "Tag", /* Match tagged */
    "User",
    "UserKnownHostsFile",
};

static bool
same(const char *name, const char *key, size_t len)
{
    return strlen(name) == len && strncasecmp(name, key, len) == 0;
}

const char *
sshconfig_option_error(const char *option)
{
    const char *key = option + strspn(option, BLANKS);
    size_t len = strspn(key, letters);
    const char *behind = key + len;
    if (len == 0)
        return "it does not begin with a KEY of ssh_config(5)";
    if (strchr(option, '\n') != NULL)
        return "there is a line break in it";
    if (*behind == '\0' || strchr(BLANKS "=", *behind) == NULL ||
        behind[strspn(behind, BLANKS "=")] == '\0')
        return "it has to be KEY=VALUE";
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (same(refused[i].key, key, len))
            return refused[i].why;
    return NULL;
}

bool
sshconfig_option_used(const char *option, const char **key, size_t *len)
{
    *key = option + strspn(option, BLANKS);
    *len = strspn(*key, letters);
    for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++)
        if (same(used[i], *key, *len))
            return true;
    return false;
}
