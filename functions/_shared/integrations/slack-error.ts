import { ProviderError, type ProviderErrorCode } from "./provider-error.ts";

type Said = { error: string; needed?: string | undefined };

const kinds: [ProviderErrorCode, RegExp][] = [
  ["provider_unauthorized", /^(not_authed|invalid_auth|account_inactive|token_(revoked|expired))$/],
  ["provider_rate_limited", /^(rate_?limited|message_limit_exceeded)$/],
  ["provider_not_found", /_not_found$/],
  ["provider_unavailable", /^(internal_error|fatal_error|service_unavailable|request_timeout)$/],
  [
    "provider_forbidden",
    /^(missing_scope|no_permission|access_denied|not_allowed_token_type|not_in_channel|is_archived|ekm_access_denied|team_access_not_granted|org_login_required|restricted_action.*|channel_type_not_supported)$/,
  ],
];

const hints: Record<string, string> = {
  not_in_channel: "Ask somebody to invite the connected account into the channel.",
  channel_not_found: "Check the id with slack_list_channels.",
  thread_not_found: "Check thread_ts with slack_read_messages.",
  is_archived: "The channel is archived: choose another.",
  msg_too_long: "Post several shorter messages.",
};

const hintsByKind: Partial<Record<ProviderErrorCode, string>> = {
  provider_unauthorized: "Ask the connection's owner to connect Slack again.",
  provider_rate_limited: "Try again in a minute.",
  provider_unavailable: "Try again later; a write may have happened all the same.",
  provider_forbidden: "The connected account may not do this; ask its owner.",
};

/** An `ok: false` of Slack as an error, by the error words of its documentation. */
export function slackError({ error, needed }: Said): ProviderError {
  const code = kinds.find(([, words]) => words.test(error))?.[0] ?? "provider_invalid_input";
  const scope =
    error === "missing_scope" && needed
      ? `The connection lacks a scope (${needed}): ask its owner to connect Slack again with it.`
      : undefined;
  return new ProviderError(code, `Slack refuses this: "${error}".`, {
    providerStatus: 200,
    hint: scope ?? hints[error] ?? hintsByKind[code] ?? "Correct the input.",
    ...(code === "provider_rate_limited" ? { retryAfterSeconds: 60 } : {}),
  });
}
