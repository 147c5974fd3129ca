-- Service providers: where people have accounts that their agents may work with, and what agents
-- can do there. Both are catalogues, the same for everyone: a migration writes them, an operator
-- may correct them, for example to point an endpoint elsewhere or to switch a provider off.
--
-- What a provider does its own way is data and not code: configuration_metadata says how its
-- authorization request, its tokens, its keys and its requests differ from the plain case.

create type public.provider_type as enum ('oauth', 'api_key', 'smtp', 'internal');

create table public.service_providers (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  display_name text not null,
  provider_type public.provider_type not null,
  authorization_endpoint text,
  token_endpoint text,
  revocation_endpoint text,
  scopes_supported jsonb not null default '[]',
  configuration_metadata jsonb not null default '{}',
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint service_providers_name_key unique (name),
  constraint service_providers_name_check check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  constraint service_providers_display_name_check check (
    char_length(display_name) between 1 and 100
  ),
  constraint service_providers_oauth_has_endpoints_check check (
    (provider_type = 'oauth') = (authorization_endpoint is not null and token_endpoint is not null)
  ),
  -- Plain http is for this machine alone: the guard of outbound requests decides.
  constraint service_providers_endpoints_are_addresses_check check (
    concat_ws(' ', authorization_endpoint, token_endpoint, revocation_endpoint)
      ~ '^(https?://[^\s@]+( https?://[^\s@]+)*)?$'
  ),
  constraint service_providers_scopes_supported_check check (
    jsonb_typeof(scopes_supported) = 'array'
  ),
  constraint service_providers_configuration_metadata_check check (
    jsonb_typeof(configuration_metadata) = 'object'
  )
);

comment on table public.service_providers is
  'A service at which people have accounts that agents may work with. The same for everyone.';
comment on column public.service_providers.authorization_endpoint is
  'Where people give their consent; null unless provider_type is oauth.';
comment on column public.service_providers.revocation_endpoint is
  'Where consent is taken back; null where the provider has none.';
comment on column public.service_providers.scopes_supported is
  'What may be asked for: [{"scope", "description"}]. Empty where consent is not divided.';
comment on column public.service_providers.configuration_metadata is
  'All: api_base_url, headers (every request has them), auth_header ({name, prefix, from} or '
  '{scheme: "basic", username, from}: from is what of the credential goes there; an OAuth token '
  'is a bearer). '
  'oauth: client (its id and secret are OAUTH_<client>_CLIENT_ID and _CLIENT_SECRET), pkce, '
  'scope_separator, scope_parameter, default_scopes, unreported_scopes (granted without being '
  'named in the answer), scope_aliases, scope_prefix, implied_scopes (what one scope includes), '
  'extra_authorization_params, token_endpoint_auth_method, token_request_format, token_headers, '
  'token_response (paths in the answer where they are not the usual ones), tokens_expire, '
  'rotates_refresh_tokens, revocation ({method, auth, format, parameter, revokes, scope}), '
  'identity ({url, method, body, id_path, name_path, scopes}), bot. api_key and smtp: '
  'credential_schema (a JSON Schema), check ({method, path}: the request that tries a key), '
  'regions (region to api_base_url).';
comment on column public.service_providers.is_active is
  'Off: nobody connects or uses it, but may disconnect.';

create trigger _900_touch_updated_at
  before update on public.service_providers
  for each row
  execute function private.touch_updated_at();

select private.guard_configuration('public.service_providers', 'configuration_metadata');

alter table public.service_providers enable row level security;

create policy select_everyone on public.service_providers
  for select
  to authenticated
  using (true);

grant select on public.service_providers to authenticated;
grant select, update on public.service_providers to service_role;
-- Rows come with migrations: to code that does not know it, a provider is of no use.

create table public.integration_capabilities (
  id uuid primary key default gen_random_uuid(),
  integration_id uuid not null references public.service_providers (id) on delete cascade,
  capability_key text not null,
  display_label text not null,
  display_order integer not null default 0,
  description text not null,
  effect text not null,
  input_schema jsonb not null,
  required_scopes jsonb not null default '[]',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint integration_capabilities_capability_key_key unique (capability_key),
  constraint integration_capabilities_capability_key_check check (
    capability_key ~ '^[a-z][a-z0-9_]{0,63}$'
  ),
  constraint integration_capabilities_display_label_check check (
    char_length(display_label) between 1 and 100
  ),
  constraint integration_capabilities_description_check check (
    char_length(description) between 1 and 1000
  ),
  constraint integration_capabilities_effect_check check (effect in ('read', 'write')),
  constraint integration_capabilities_input_schema_check check (
    input_schema ->> 'type' = 'object'
  ),
  constraint integration_capabilities_required_scopes_check check (
    jsonb_typeof(required_scopes) = 'array'
  )
);

comment on table public.integration_capabilities is
  'What agents can do with a connection: a tool, as language models are shown it.';
comment on column public.integration_capabilities.integration_id is 'The service provider.';
comment on column public.integration_capabilities.capability_key is
  'The name of the tool, as smtp_send_email.';
comment on column public.integration_capabilities.effect is
  'Whether calling it changes something at the provider: read or write.';
comment on column public.integration_capabilities.input_schema is
  'What the tool takes, as a JSON Schema.';
comment on column public.integration_capabilities.required_scopes is
  'The scopes, all of them, that a connection and a permission on it must have.';

create index integration_capabilities_integration_id_display_order_idx
  on public.integration_capabilities (integration_id, display_order);

create trigger _900_touch_updated_at
  before update on public.integration_capabilities
  for each row
  execute function private.touch_updated_at();

alter table public.integration_capabilities enable row level security;

create policy select_everyone on public.integration_capabilities
  for select
  to authenticated
  using (true);

grant select on public.integration_capabilities to authenticated, service_role;
-- No write: each is a program as well, and comes with it.

insert into public.service_providers
  (
    name, display_name, provider_type, authorization_endpoint, token_endpoint, revocation_endpoint,
    scopes_supported, configuration_metadata
  )
values
  -- Google gives a refresh token only for access_type=offline, and only with consent anew. Taking
  -- back one token takes back all that the account gave to the client.
  (
    'gmail', 'Gmail', 'oauth',
    'https://accounts.google.com/o/oauth2/v2/auth',
    'https://oauth2.googleapis.com/token',
    'https://oauth2.googleapis.com/revoke',
    '[
      {"scope": "openid", "description": "Know who you are at Google."},
      {"scope": "email", "description": "See your address."},
      {
        "scope": "https://www.googleapis.com/auth/gmail.send",
        "description": "Send mail in your name."
      },
      {
        "scope": "https://www.googleapis.com/auth/gmail.readonly",
        "description": "Read and search your mail."
      },
      {
        "scope": "https://www.googleapis.com/auth/gmail.modify",
        "description": "Read, write and send your mail, all but delete it for good."
      }
    ]',
    '{
      "api_base_url": "https://gmail.googleapis.com",
      "client": "GOOGLE",
      "pkce": true,
      "scope_separator": " ",
      "default_scopes": [
        "openid", "email",
        "https://www.googleapis.com/auth/gmail.send",
        "https://www.googleapis.com/auth/gmail.readonly"
      ],
      "scope_aliases": {"email": "https://www.googleapis.com/auth/userinfo.email"},
      "implied_scopes": {
        "https://www.googleapis.com/auth/gmail.modify": [
          "https://www.googleapis.com/auth/gmail.send",
          "https://www.googleapis.com/auth/gmail.readonly"
        ]
      },
      "extra_authorization_params": {"access_type": "offline", "prompt": "consent"},
      "token_endpoint_auth_method": "client_secret_post",
      "tokens_expire": true,
      "revocation": {"revokes": "refresh_token", "scope": "account"},
      "identity": {
        "url": "https://openidconnect.googleapis.com/v1/userinfo",
        "id_path": "sub",
        "name_path": "email",
        "scopes": ["openid", "email"]
      }
    }'
  ),
  (
    'google-drive', 'Google Drive', 'oauth',
    'https://accounts.google.com/o/oauth2/v2/auth',
    'https://oauth2.googleapis.com/token',
    'https://oauth2.googleapis.com/revoke',
    '[
      {"scope": "openid", "description": "Know who you are at Google."},
      {"scope": "email", "description": "See your address."},
      {
        "scope": "https://www.googleapis.com/auth/drive.readonly",
        "description": "See and read all your files."
      },
      {
        "scope": "https://www.googleapis.com/auth/drive.metadata.readonly",
        "description": "See the names of your files, not what is in them."
      },
      {
        "scope": "https://www.googleapis.com/auth/drive.file",
        "description": "See and change the files that are opened with this app."
      }
    ]',
    '{
      "api_base_url": "https://www.googleapis.com/drive/v3",
      "client": "GOOGLE",
      "pkce": true,
      "scope_separator": " ",
      "default_scopes": ["openid", "email", "https://www.googleapis.com/auth/drive.readonly"],
      "scope_aliases": {"email": "https://www.googleapis.com/auth/userinfo.email"},
      "implied_scopes": {
        "https://www.googleapis.com/auth/drive.readonly": [
          "https://www.googleapis.com/auth/drive.metadata.readonly"
        ]
      },
      "extra_authorization_params": {"access_type": "offline", "prompt": "consent"},
      "token_endpoint_auth_method": "client_secret_post",
      "tokens_expire": true,
      "revocation": {"revokes": "refresh_token", "scope": "account"},
      "identity": {
        "url": "https://openidconnect.googleapis.com/v1/userinfo",
        "id_path": "sub",
        "name_path": "email",
        "scopes": ["openid", "email"]
      }
    }'
  ),
  (
    'google-calendar', 'Google Calendar', 'oauth',
    'https://accounts.google.com/o/oauth2/v2/auth',
    'https://oauth2.googleapis.com/token',
    'https://oauth2.googleapis.com/revoke',
    '[
      {"scope": "openid", "description": "Know who you are at Google."},
      {"scope": "email", "description": "See your address."},
      {
        "scope": "https://www.googleapis.com/auth/calendar.events",
        "description": "See and change the events of your calendars."
      },
      {
        "scope": "https://www.googleapis.com/auth/calendar.events.readonly",
        "description": "See the events of your calendars."
      },
      {
        "scope": "https://www.googleapis.com/auth/calendar.readonly",
        "description": "See your calendars and their events."
      }
    ]',
    '{
      "api_base_url": "https://www.googleapis.com/calendar/v3",
      "client": "GOOGLE",
      "pkce": true,
      "scope_separator": " ",
      "default_scopes": ["openid", "email", "https://www.googleapis.com/auth/calendar.events"],
      "scope_aliases": {"email": "https://www.googleapis.com/auth/userinfo.email"},
      "implied_scopes": {
        "https://www.googleapis.com/auth/calendar.events": [
          "https://www.googleapis.com/auth/calendar.events.readonly"
        ],
        "https://www.googleapis.com/auth/calendar.readonly": [
          "https://www.googleapis.com/auth/calendar.events.readonly"
        ]
      },
      "extra_authorization_params": {"access_type": "offline", "prompt": "consent"},
      "token_endpoint_auth_method": "client_secret_post",
      "tokens_expire": true,
      "revocation": {"revokes": "refresh_token", "scope": "account"},
      "identity": {
        "url": "https://openidconnect.googleapis.com/v1/userinfo",
        "id_path": "sub",
        "name_path": "email",
        "scopes": ["openid", "email"]
      }
    }'
  ),
  -- Microsoft gives a refresh token for offline_access, which its answer does not name among the
  -- scopes, and may name those of Graph with its address in front. It has no endpoint at which an
  -- app takes back a token.
  (
    'microsoft-outlook', 'Outlook', 'oauth',
    'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    null,
    '[
      {"scope": "offline_access", "description": "Keep the access you gave it."},
      {"scope": "User.Read", "description": "Know who you are at Microsoft."},
      {"scope": "Mail.Send", "description": "Send mail in your name."},
      {"scope": "Mail.Read", "description": "Read and search your mail."},
      {"scope": "Mail.ReadWrite", "description": "Read, write and delete your mail."}
    ]',
    '{
      "api_base_url": "https://graph.microsoft.com/v1.0",
      "client": "MICROSOFT",
      "pkce": true,
      "scope_separator": " ",
      "default_scopes": ["offline_access", "User.Read", "Mail.Send", "Mail.Read"],
      "unreported_scopes": ["offline_access"],
      "scope_prefix": "https://graph.microsoft.com/",
      "implied_scopes": {"Mail.ReadWrite": ["Mail.Read"]},
      "extra_authorization_params": {"response_mode": "query", "prompt": "select_account"},
      "token_endpoint_auth_method": "client_secret_post",
      "tokens_expire": true,
      "rotates_refresh_tokens": true,
      "identity": {
        "url": "https://graph.microsoft.com/v1.0/me",
        "id_path": "id",
        "name_path": "userPrincipalName",
        "scopes": ["User.Read"]
      }
    }'
  ),
  (
    'microsoft-onedrive', 'OneDrive', 'oauth',
    'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    null,
    '[
      {"scope": "offline_access", "description": "Keep the access you gave it."},
      {"scope": "User.Read", "description": "Know who you are at Microsoft."},
      {"scope": "Files.Read", "description": "See and read your files."},
      {"scope": "Files.Read.All", "description": "See and read all files you can reach."},
      {"scope": "Files.ReadWrite", "description": "See, change and delete your files."}
    ]',
    '{
      "api_base_url": "https://graph.microsoft.com/v1.0",
      "client": "MICROSOFT",
      "pkce": true,
      "scope_separator": " ",
      "default_scopes": ["offline_access", "User.Read", "Files.Read"],
      "unreported_scopes": ["offline_access"],
      "scope_prefix": "https://graph.microsoft.com/",
      "implied_scopes": {
        "Files.ReadWrite": ["Files.Read"],
        "Files.Read.All": ["Files.Read"]
      },
      "extra_authorization_params": {"response_mode": "query", "prompt": "select_account"},
      "token_endpoint_auth_method": "client_secret_post",
      "tokens_expire": true,
      "rotates_refresh_tokens": true,
      "identity": {
        "url": "https://graph.microsoft.com/v1.0/me",
        "id_path": "id",
        "name_path": "userPrincipalName",
        "scopes": ["User.Read"]
      }
    }'
  ),
  -- Slack separates scopes by commas and keeps those of the bot (scope) apart from those of the
  -- person (user_scope). We ask for the bot's: its token is access_token, the person's would be in
  -- authed_user. Errors come with status 200 and "ok": false. Tokens stay until they are revoked,
  -- unless an app chose rotation, which then shows in the answer. An app that chose PKCE is a
  -- public one there, without a secret.
  (
    'slack', 'Slack', 'oauth',
    'https://slack.com/oauth/v2/authorize',
    'https://slack.com/api/oauth.v2.access',
    'https://slack.com/api/auth.revoke',
    '[
      {"scope": "channels:read", "description": "See public channels."},
      {"scope": "channels:history", "description": "Read public channels the app is in."},
      {"scope": "channels:join", "description": "Join public channels."},
      {"scope": "groups:read", "description": "See private channels the app is in."},
      {"scope": "groups:history", "description": "Read private channels the app is in."},
      {"scope": "chat:write", "description": "Post messages as the app."},
      {"scope": "chat:write.public", "description": "Post in public channels it has not joined."},
      {"scope": "users:read", "description": "See the people of the workspace."}
    ]',
    '{
      "api_base_url": "https://slack.com/api",
      "client": "SLACK",
      "pkce": false,
      "scope_separator": ",",
      "scope_parameter": "scope",
      "default_scopes": ["channels:read", "channels:history", "chat:write"],
      "token_endpoint_auth_method": "client_secret_basic",
      "token_response": {"ok_path": "ok", "error_path": "error", "scope_path": "scope"},
      "tokens_expire": false,
      "revocation": {"method": "post", "auth": "bearer", "revokes": "access_token"},
      "identity": {
        "url": "https://slack.com/api/auth.test",
        "method": "post",
        "id_path": "team_id",
        "name_path": "team",
        "scopes": []
      }
    }'
  ),
  -- An OAuth app's tokens do not expire. Answers are form-encoded unless JSON is asked for, errors
  -- come with status 200, and granted scopes are separated by commas. Consent is taken back with
  -- the app's own credentials.
  (
    'github', 'GitHub', 'oauth',
    'https://github.com/login/oauth/authorize',
    'https://github.com/login/oauth/access_token',
    'https://api.github.com/applications/{client_id}/grant',
    '[
      {"scope": "read:user", "description": "Know who you are at GitHub."},
      {"scope": "user:email", "description": "See your addresses."},
      {"scope": "public_repo", "description": "Read and write your public repositories."},
      {"scope": "repo", "description": "Read and write your repositories, private ones too."},
      {"scope": "read:org", "description": "See your organizations and teams."}
    ]',
    '{
      "api_base_url": "https://api.github.com",
      "headers": {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": "Ensemble"
      },
      "client": "GITHUB",
      "pkce": true,
      "scope_separator": " ",
      "default_scopes": ["read:user", "repo"],
      "implied_scopes": {"repo": ["public_repo"]},
      "token_endpoint_auth_method": "client_secret_post",
      "token_headers": {"Accept": "application/json"},
      "tokens_expire": false,
      "revocation": {
        "method": "delete",
        "auth": "client",
        "format": "json",
        "parameter": "access_token",
        "revokes": "access_token",
        "scope": "account"
      },
      "identity": {
        "url": "https://api.github.com/user",
        "id_path": "id",
        "name_path": "login",
        "scopes": []
      }
    }'
  ),
  -- Notion has no scopes: people choose pages. Its token endpoint takes JSON with the client's
  -- credentials as basic authorization.
  (
    'notion', 'Notion', 'oauth',
    'https://api.notion.com/v1/oauth/authorize',
    'https://api.notion.com/v1/oauth/token',
    'https://api.notion.com/v1/oauth/revoke',
    '[]',
    '{
      "api_base_url": "https://api.notion.com/v1",
      "headers": {"Notion-Version": "2022-06-28"},
      "client": "NOTION",
      "pkce": false,
      "default_scopes": [],
      "extra_authorization_params": {"owner": "user"},
      "token_endpoint_auth_method": "client_secret_basic",
      "token_request_format": "json",
      "token_headers": {"Notion-Version": "2022-06-28"},
      "tokens_expire": false,
      "rotates_refresh_tokens": true,
      "revocation": {
        "method": "post",
        "auth": "client",
        "format": "json",
        "parameter": "token",
        "revokes": "access_token"
      },
      "identity": {
        "url": "https://api.notion.com/v1/users/me",
        "id_path": "id",
        "name_path": "bot.workspace_name",
        "scopes": []
      }
    }'
  ),
  -- Linear separates scopes by commas; actor says in whose name issues are written. Who it is, only
  -- GraphQL tells.
  (
    'linear', 'Linear', 'oauth',
    'https://linear.app/oauth/authorize',
    'https://api.linear.app/oauth/token',
    'https://api.linear.app/oauth/revoke',
    '[
      {"scope": "read", "description": "See what you see."},
      {"scope": "write", "description": "Change what you may change."},
      {"scope": "issues:create", "description": "Create issues with their attachments."},
      {"scope": "comments:create", "description": "Comment on issues."}
    ]',
    '{
      "api_base_url": "https://api.linear.app",
      "client": "LINEAR",
      "pkce": true,
      "scope_separator": ",",
      "default_scopes": ["read", "issues:create"],
      "implied_scopes": {"write": ["issues:create", "comments:create"]},
      "extra_authorization_params": {"actor": "user", "prompt": "consent"},
      "token_endpoint_auth_method": "client_secret_post",
      "tokens_expire": true,
      "rotates_refresh_tokens": true,
      "revocation": {"revokes": "access_token"},
      "identity": {
        "url": "https://api.linear.app/graphql",
        "method": "post",
        "body": {"query": "{ viewer { id name email } }"},
        "id_path": "data.viewer.id",
        "name_path": "data.viewer.email",
        "scopes": ["read"]
      }
    }'
  ),
  -- At Discord a person's token cannot read or write messages: the app's bot does, with the bot's
  -- own token, in the guild to which the person added it. The answer names that guild.
  (
    'discord', 'Discord', 'oauth',
    'https://discord.com/oauth2/authorize',
    'https://discord.com/api/oauth2/token',
    'https://discord.com/api/oauth2/token/revoke',
    '[
      {"scope": "identify", "description": "Know who you are at Discord."},
      {"scope": "guilds", "description": "See the servers you are in."},
      {"scope": "bot", "description": "Add the bot to a server of yours."}
    ]',
    '{
      "api_base_url": "https://discord.com/api/v10",
      "headers": {"User-Agent": "DiscordBot (https://ensemble.example, 1)"},
      "client": "DISCORD",
      "pkce": true,
      "scope_separator": " ",
      "default_scopes": ["identify", "guilds", "bot"],
      "extra_authorization_params": {"permissions": "68608", "prompt": "consent"},
      "token_endpoint_auth_method": "client_secret_basic",
      "token_response": {"metadata": {"guild_id": "guild.id", "guild_name": "guild.name"}},
      "tokens_expire": true,
      "rotates_refresh_tokens": true,
      "revocation": {"revokes": "access_token"},
      "bot": {
        "variable": "OAUTH_DISCORD_BOT_TOKEN",
        "auth_header": {"name": "Authorization", "prefix": "Bot ", "from": "bot_token"},
        "bound_to": "guild_id"
      },
      "identity": {
        "url": "https://discord.com/api/v10/users/@me",
        "id_path": "id",
        "name_path": "username",
        "scopes": ["identify"]
      }
    }'
  ),
  (
    'openai', 'OpenAI', 'api_key', null, null, null, '[]',
    '{
      "api_base_url": "https://api.openai.com/v1",
      "auth_header": {"name": "Authorization", "prefix": "Bearer ", "from": "api_key"},
      "credential_schema": {
        "type": "object",
        "properties": {"api_key": {"type": "string", "minLength": 1, "maxLength": 500}},
        "required": ["api_key"],
        "additionalProperties": false
      },
      "check": {"method": "get", "path": "/models"}
    }'
  ),
  (
    'anthropic', 'Anthropic', 'api_key', null, null, null, '[]',
    '{
      "api_base_url": "https://api.anthropic.com/v1",
      "headers": {"anthropic-version": "2023-06-01"},
      "auth_header": {"name": "x-api-key", "from": "api_key"},
      "credential_schema": {
        "type": "object",
        "properties": {"api_key": {"type": "string", "minLength": 1, "maxLength": 500}},
        "required": ["api_key"],
        "additionalProperties": false
      },
      "check": {"method": "get", "path": "/models"}
    }'
  ),
  -- The list of a key's own scopes is what every key of SendGrid may read.
  (
    'sendgrid', 'SendGrid', 'api_key', null, null, null, '[]',
    '{
      "api_base_url": "https://api.sendgrid.com/v3",
      "regions": {
        "global": "https://api.sendgrid.com/v3",
        "eu": "https://api.eu.sendgrid.com/v3"
      },
      "auth_header": {"name": "Authorization", "prefix": "Bearer ", "from": "api_key"},
      "credential_schema": {
        "type": "object",
        "properties": {
          "api_key": {"type": "string", "minLength": 1, "maxLength": 500},
          "from_email": {"type": "string", "format": "email", "maxLength": 320},
          "from_name": {"type": "string", "maxLength": 200},
          "region": {"type": "string", "enum": ["global", "eu"]}
        },
        "required": ["api_key", "from_email"],
        "additionalProperties": false
      },
      "check": {"method": "get", "path": "/scopes"}
    }'
  ),
  -- A key of Mailgun is the password of a user called api.
  (
    'mailgun', 'Mailgun', 'api_key', null, null, null, '[]',
    '{
      "api_base_url": "https://api.mailgun.net",
      "regions": {"us": "https://api.mailgun.net", "eu": "https://api.eu.mailgun.net"},
      "auth_header": {"scheme": "basic", "username": "api", "from": "api_key"},
      "credential_schema": {
        "type": "object",
        "properties": {
          "api_key": {"type": "string", "minLength": 1, "maxLength": 500},
          "domain": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$"},
          "from_email": {"type": "string", "format": "email", "maxLength": 320},
          "from_name": {"type": "string", "maxLength": 200},
          "region": {"type": "string", "enum": ["us", "eu"]}
        },
        "required": ["api_key", "domain", "from_email"],
        "additionalProperties": false
      },
      "check": {"method": "get", "path": "/v4/domains/{domain}"}
    }'
  ),
  (
    'pinecone', 'Pinecone', 'api_key', null, null, null, '[]',
    '{
      "api_base_url": "https://api.pinecone.io",
      "headers": {"X-Pinecone-API-Version": "2025-01"},
      "auth_header": {"name": "Api-Key", "from": "api_key"},
      "credential_schema": {
        "type": "object",
        "properties": {"api_key": {"type": "string", "minLength": 1, "maxLength": 500}},
        "required": ["api_key"],
        "additionalProperties": false
      },
      "check": {"method": "get", "path": "/indexes"}
    }'
  ),
  (
    'zep', 'Zep', 'api_key', null, null, null, '[]',
    '{
      "api_base_url": "https://api.getzep.com/api/v2",
      "auth_header": {"name": "Authorization", "prefix": "Api-Key ", "from": "api_key"},
      "credential_schema": {
        "type": "object",
        "properties": {"api_key": {"type": "string", "minLength": 1, "maxLength": 500}},
        "required": ["api_key"],
        "additionalProperties": false
      },
      "check": {"method": "get", "path": "/users-ordered?pageNumber=1&pageSize=1"}
    }'
  ),
  (
    'digitalocean', 'DigitalOcean', 'api_key', null, null, null, '[]',
    '{
      "api_base_url": "https://api.digitalocean.com/v2",
      "auth_header": {"name": "Authorization", "prefix": "Bearer ", "from": "api_key"},
      "credential_schema": {
        "type": "object",
        "properties": {"api_key": {"type": "string", "minLength": 1, "maxLength": 500}},
        "required": ["api_key"],
        "additionalProperties": false
      },
      "check": {"method": "get", "path": "/account"}
    }'
  ),
  (
    'smtp', 'SMTP', 'smtp', null, null, null, '[]',
    '{
      "credential_schema": {
        "type": "object",
        "properties": {
          "host": {"type": "string", "pattern": "^[A-Za-z0-9.:-]{1,253}$"},
          "port": {"type": "integer", "minimum": 1, "maximum": 65535},
          "security": {"type": "string", "enum": ["tls", "starttls"]},
          "username": {"type": "string", "maxLength": 320},
          "password": {"type": "string", "maxLength": 4000},
          "from_email": {"type": "string", "format": "email", "maxLength": 320},
          "from_name": {"type": "string", "maxLength": 200}
        },
        "required": ["host", "port", "security", "from_email"],
        "additionalProperties": false
      }
    }'
  );
