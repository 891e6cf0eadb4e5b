/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The json format: one step, and what its method has to tell. Answers are never part of it.
 */
#include <config.h>

#include "report/json.h"

static json_t *
make_prompt(struct json_page *page, const struct kbdint_prompt *prompt)
{
    json_t *object = json_object();

    json_put(page, object, "text", json_bytes(&prompt->text));
    json_put(page, object, "echo", json_boolean(prompt->echo));
    json_put_text(page, object, "source", prompt->source);
    return object;
}

static json_t *
make_round(struct json_page *page, const struct kbdint_round *round)
{
    json_t *object = json_object();
    json_t *prompts = json_array();

    for (size_t i = 0; i < round->prompt_count; i++)
        json_add(page, prompts, make_prompt(page, &round->prompts[i]));
    json_put(page, object, "name", json_bytes(&round->name));
    json_put(page, object, "instruction", json_bytes(&round->instruction));
    json_put(page, object, "prompts", prompts);
    return object;
}

static json_t *
make_rounds(struct json_page *page, const struct step *step)
{
    json_t *rounds = json_array();

    for (size_t i = 0; i < step->round_count; i++)
        json_add(page, rounds, make_round(page, &step->rounds[i]));
    return rounds;
}

static json_t *
make_key(struct json_page *page, const struct key_try *key)
{
    json_t *object = json_object();

    json_put_text(page, object, "file", key->file);
    json_put_text(page, object, "type", key->type);
    json_put_text(page, object, "fingerprint", key->fingerprint);
    json_put(page, object, "agent", json_boolean(key->agent));
    if (key->comment.data)
        json_put(page, object, "comment", json_bytes(&key->comment));
    json_put(page, object, "query", json_boolean(key->acceptable));
    json_put(page, object, "signed", json_boolean(key->is_signed));
    json_put(page, object, "outcome", json_text(outcome_word(key->outcome)));
    json_put_text(page, object, "reason", key->reason);
    return object;
}

static json_t *
make_keys(struct json_page *page, const struct step *step)
{
    json_t *keys = json_array();

    for (size_t i = 0; i < step->key_count; i++)
        json_add(page, keys, make_key(page, &step->keys[i]));
    return keys;
}

/* SSH_MSG_USERAUTH_GSSAPI_ERROR; minor codes are negative wherever Kerberos shows them. */
static json_t *
make_server_error(struct json_page *page, const struct gss_record *gss)
{
    json_t *object = json_object();

    json_put(page, object, "major", json_integer(gss->server_major));
    json_put(page, object, "minor", json_integer((int32_t)gss->server_minor));
    json_put(page, object, "text", json_bytes(&gss->server_text));
    return object;
}

static json_t *
make_gss(struct json_page *page, const struct gss_record *gss)
{
    json_t *object = json_object();
    json_t *texts = json_array();

    for (size_t i = 0; i < gss->text_count; i++)
        json_add(page, texts, json_text(gss->texts[i]));
    json_put_text(page, object, "client", gss->client);
    json_put_text(page, object, "target", gss->target);
    json_put_text(page, object, "mechanism", gss->mechanism);
    json_put(page, object, "delegation_requested", json_boolean(gss->delegation_requested));
    if (gss->complete)
        json_put(page, object, "delegated", json_boolean(gss->delegated));
    if (gss->has_lifetime)
        json_put(page, object, "expires_in", json_integer(gss->lifetime));
    json_put(page, object, "major", json_integer(gss->major));
    json_put(page, object, "minor", json_integer((int32_t)gss->minor));
    json_put(page, object, "texts", texts);
    json_put(page, object, "error_token", json_boolean(gss->server_errtok));
    if (gss->server_error)
        json_put(page, object, "server_error", make_server_error(page, gss));
    return object;
}

static void
put_codes(struct json_page *page, json_t *object, const struct step *step)
{
    if (step->has_code) {
        json_put(page, object, "code", json_integer(step->code));
        json_put_text(page, object, "code_name", step->code_name);
        json_put(page, object, "library_code", json_integer(step->library_code));
    }
    json_put_text(page, object, "message", step->library_message);
}

json_t *
json_step(struct json_page *page, const struct step *step)
{
    json_t *object = json_object();

    json_put(page, object, "method", json_text(step->method->name));
    json_put(page, object, "outcome", json_text(outcome_word(step->outcome)));
    put_codes(page, object, step);
    if (step->remaining)
        json_put(page, object, "remaining", json_names(page, step->remaining));
    json_put(page, object, "ms", json_ms(step->ms));
    if (step->has_gss)
        json_put(page, object, "gssapi", make_gss(page, &step->gss));
    if (step->round_count)
        json_put(page, object, "rounds", make_rounds(page, step));
    if (step->key_count)
        json_put(page, object, "keys", make_keys(page, step));
    json_put_text(page, object, "source", step->source);
    if (step->change_text.data)
        json_put(page, object, "change_text", json_bytes(&step->change_text));
    return object;
}
