-- What agents can do at places of work: read and post messages, keep issues and pages, ask models,
-- look into stores and at machines. Each row is one program's face: its input schema is generated
-- from the program's own, and a test holds the two together.
--
-- Scopes are the narrowest with which the provider's documentation lets the call pass. GitHub has
-- none for issues alone: repo is the least that reaches private repositories. Slack's are for
-- public channels; what may be read beyond them stays unread. What is generated costs its owner
-- money, so it counts as a write, which a permission to read does not include.

insert into public.integration_capabilities
  (
    integration_id, capability_key, display_label, display_order, effect, required_scopes,
    description, input_schema
  )
select
  service_providers.id, seeds.capability_key, seeds.display_label, seeds.display_order,
  seeds.effect, seeds.required_scopes::jsonb, seeds.description, seeds.input_schema::jsonb
from (
  values
    (
      'slack', 'slack_list_channels', 'List channels', 10, 'read',
      '["channels:read"]',
      'Lists the public channels of a Slack workspace, with ids and topics.',
      '{
        "type": "object",
        "properties": {
          "limit": {
            "default": 100,
            "description": "Most channels in one answer.",
            "type": "integer",
            "minimum": 1,
            "maximum": 200
          },
          "cursor": {
            "description": "next_cursor, to read on.",
            "type": "string",
            "minLength": 1,
            "maxLength": 1000
          }
        },
        "additionalProperties": false
      }'
    ),
    (
      'slack', 'slack_read_messages', 'Read messages', 20, 'read',
      '["channels:history", "channels:read"]',
      'Reads messages of a public Slack channel that the app is in, or one thread of it.',
      '{
        "type": "object",
        "properties": {
          "channel_id": {
            "type": "string",
            "pattern": "^[CDG][A-Z0-9]{2,20}$",
            "description": "The channel''s id, such as C0123456789: slack_list_channels."
          },
          "thread_ts": {
            "description": "ts of a message, to read its thread.",
            "type": "string",
            "pattern": "^\\d{1,12}\\.\\d{6}$"
          },
          "limit": {
            "default": 20,
            "description": "Most messages in one answer.",
            "type": "integer",
            "minimum": 1,
            "maximum": 100
          },
          "oldest": {
            "description": "Only after this ts (seconds since 1970).",
            "type": "string",
            "pattern": "^\\d{1,12}\\.\\d{6}$"
          },
          "latest": {
            "description": "Only before this ts (seconds since 1970).",
            "type": "string",
            "pattern": "^\\d{1,12}\\.\\d{6}$"
          },
          "cursor": {
            "description": "next_cursor, to read on.",
            "type": "string",
            "minLength": 1,
            "maxLength": 1000
          }
        },
        "required": ["channel_id"],
        "additionalProperties": false
      }'
    ),
    (
      'slack', 'slack_post_message', 'Post a message', 30, 'write',
      '["chat:write"]',
      'Posts a message in a Slack channel that the app is in, or replies in a thread.',
      '{
        "type": "object",
        "properties": {
          "channel_id": {
            "type": "string",
            "pattern": "^[CDG][A-Z0-9]{2,20}$",
            "description": "The channel''s id, such as C0123456789: slack_list_channels."
          },
          "text": {
            "type": "string",
            "minLength": 1,
            "maxLength": 40000,
            "description": "In Slack''s mrkdwn (*bold*, _italic_). Mentions stay plain text."
          },
          "thread_ts": {
            "description": "ts of a message, to reply in its thread.",
            "type": "string",
            "pattern": "^\\d{1,12}\\.\\d{6}$"
          }
        },
        "required": ["channel_id", "text"],
        "additionalProperties": false
      }'
    ),
    (
      'discord', 'discord_read_messages', 'Read messages', 10, 'read',
      '["bot"]',
      'Reads messages of a Discord channel that the bot can see.',
      '{
        "type": "object",
        "properties": {
          "channel_id": {
            "type": "string",
            "pattern": "^\\d{17,20}$",
            "description": "The channel''s id, 17 to 20 digits."
          },
          "limit": {
            "default": 20,
            "description": "Most messages, newest first.",
            "type": "integer",
            "minimum": 1,
            "maximum": 100
          },
          "before": {
            "description": "next_before, to read on.",
            "type": "string",
            "pattern": "^\\d{17,20}$"
          }
        },
        "required": ["channel_id"],
        "additionalProperties": false
      }'
    ),
    (
      'discord', 'discord_post_message', 'Post a message', 20, 'write',
      '["bot"]',
      'Posts a message in a Discord channel as the bot. It notifies nobody.',
      '{
        "type": "object",
        "properties": {
          "channel_id": {
            "type": "string",
            "pattern": "^\\d{17,20}$",
            "description": "The channel''s id, 17 to 20 digits."
          },
          "text": {
            "type": "string",
            "minLength": 1,
            "maxLength": 2000,
            "description": "In Discord''s Markdown. Mentions are shown but notify nobody."
          },
          "reply_to": {
            "description": "Id of a message in the channel to reply to.",
            "type": "string",
            "pattern": "^\\d{17,20}$"
          }
        },
        "required": ["channel_id", "text"],
        "additionalProperties": false
      }'
    ),
    (
      'github', 'github_list_issues', 'List issues', 10, 'read',
      '["repo"]',
      'Lists issues of a GitHub repository, newest first, without pull requests.',
      '{
        "type": "object",
        "properties": {
          "repository": {
            "type": "string",
            "pattern": "^[A-Za-z0-9][A-Za-z0-9-]{0,38}\\/(?!\\.{1,2}$)[A-Za-z0-9._-]{1,100}$",
            "description": "The repository as owner/name."
          },
          "state": { "default": "open", "type": "string", "enum": ["open", "closed", "all"] },
          "labels": {
            "description": "All of these.",
            "maxItems": 10,
            "type": "array",
            "items": { "type": "string", "minLength": 1, "maxLength": 50 }
          },
          "assignee": {
            "description": "A login, * for anybody, none for nobody.",
            "type": "string",
            "maxLength": 39
          },
          "since": {
            "format": "date-time",
            "description": "Only issues updated at or after this time.",
            "type": "string"
          },
          "limit": {
            "default": 30,
            "description": "Most issues in one answer.",
            "type": "integer",
            "minimum": 1,
            "maximum": 100
          },
          "page": {
            "default": 1,
            "description": "next_page, to read on.",
            "type": "integer",
            "minimum": 1,
            "maximum": 1000
          }
        },
        "required": ["repository"],
        "additionalProperties": false
      }'
    ),
    (
      'github', 'github_create_issue', 'Create an issue', 20, 'write',
      '["repo"]',
      'Creates an issue in a GitHub repository.',
      '{
        "type": "object",
        "properties": {
          "repository": {
            "type": "string",
            "pattern": "^[A-Za-z0-9][A-Za-z0-9-]{0,38}\\/(?!\\.{1,2}$)[A-Za-z0-9._-]{1,100}$",
            "description": "The repository as owner/name."
          },
          "title": { "type": "string", "minLength": 1, "maxLength": 256 },
          "body": {
            "description": "In GitHub''s Markdown.",
            "type": "string",
            "maxLength": 65536
          },
          "labels": {
            "maxItems": 100,
            "type": "array",
            "items": { "type": "string", "minLength": 1, "maxLength": 50 }
          },
          "assignees": {
            "description": "Logins.",
            "maxItems": 10,
            "type": "array",
            "items": { "type": "string", "minLength": 1, "maxLength": 39 }
          }
        },
        "required": ["repository", "title"],
        "additionalProperties": false
      }'
    ),
    (
      'github', 'github_comment_issue', 'Comment on an issue', 30, 'write',
      '["repo"]',
      'Comments on an issue or a pull request of a GitHub repository.',
      '{
        "type": "object",
        "properties": {
          "repository": {
            "type": "string",
            "pattern": "^[A-Za-z0-9][A-Za-z0-9-]{0,38}\\/(?!\\.{1,2}$)[A-Za-z0-9._-]{1,100}$",
            "description": "The repository as owner/name."
          },
          "number": {
            "type": "integer",
            "minimum": 1,
            "maximum": 2147483647,
            "description": "The number of the issue."
          },
          "body": {
            "type": "string",
            "minLength": 1,
            "maxLength": 65536,
            "description": "In GitHub''s Markdown."
          }
        },
        "required": ["repository", "number", "body"],
        "additionalProperties": false
      }'
    ),
    (
      'linear', 'linear_list_issues', 'List issues', 10, 'read',
      '["read"]',
      'Lists issues at Linear, those changed last first.',
      '{
        "type": "object",
        "properties": {
          "team": {
            "type": "string",
            "pattern": "^[A-Za-z0-9]{1,10}$",
            "description": "The team''s key: the ENG of an issue ENG-123."
          },
          "state": {
            "description": "The kind of state that issues are in.",
            "type": "string",
            "enum": ["triage", "backlog", "unstarted", "started", "completed", "canceled"]
          },
          "assigned_to_me": {
            "description": "Only issues of the connected account.",
            "type": "boolean"
          },
          "title_contains": { "type": "string", "minLength": 1, "maxLength": 200 },
          "limit": {
            "default": 30,
            "description": "Most issues in one answer.",
            "type": "integer",
            "minimum": 1,
            "maximum": 100
          },
          "cursor": {
            "description": "next_cursor, to read on.",
            "type": "string",
            "minLength": 1,
            "maxLength": 500
          }
        },
        "additionalProperties": false
      }'
    ),
    (
      'linear', 'linear_create_issue', 'Create an issue', 20, 'write',
      '["read", "issues:create"]',
      'Creates an issue in a team at Linear.',
      '{
        "type": "object",
        "properties": {
          "team": {
            "type": "string",
            "pattern": "^[A-Za-z0-9]{1,10}$",
            "description": "The team''s key: the ENG of an issue ENG-123."
          },
          "title": { "type": "string", "minLength": 1, "maxLength": 255 },
          "description": {
            "description": "In Markdown.",
            "type": "string",
            "maxLength": 100000
          },
          "priority": { "type": "string", "enum": ["none", "urgent", "high", "normal", "low"] }
        },
        "required": ["team", "title"],
        "additionalProperties": false
      }'
    ),
    (
      'notion', 'notion_search_pages', 'Search pages', 10, 'read',
      '[]',
      'Finds Notion pages that are shared with the connection by their titles.',
      '{
        "type": "object",
        "properties": {
          "query": {
            "default": "",
            "description": "Words of titles; nothing finds all pages.",
            "type": "string",
            "maxLength": 200
          },
          "limit": {
            "default": 20,
            "description": "Most pages in one answer.",
            "type": "integer",
            "minimum": 1,
            "maximum": 100
          },
          "cursor": {
            "description": "next_cursor, to read on.",
            "type": "string",
            "minLength": 1,
            "maxLength": 200
          }
        },
        "additionalProperties": false
      }'
    ),
    (
      'notion', 'notion_read_page', 'Read a page', 20, 'read',
      '[]',
      'Reads a Notion page as Markdown. Pages within it are named, not read.',
      '{
        "type": "object",
        "properties": {
          "page_id": {
            "type": "string",
            "pattern": "^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$",
            "description": "The page''s id, from notion_search_pages or its address."
          },
          "max_characters": {
            "default": 20000,
            "description": "Where to stop reading.",
            "type": "integer",
            "minimum": 100,
            "maximum": 100000
          }
        },
        "required": ["page_id"],
        "additionalProperties": false
      }'
    ),
    (
      'notion', 'notion_create_page', 'Create a page', 30, 'write',
      '[]',
      'Creates a Notion page beneath another one, with a text of paragraphs.',
      '{
        "type": "object",
        "properties": {
          "parent_page_id": {
            "type": "string",
            "pattern": "^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$",
            "description": "The page beneath which it is made."
          },
          "title": { "type": "string", "minLength": 1, "maxLength": 2000 },
          "text": {
            "default": "",
            "description": "Plain; empty lines part paragraphs.",
            "type": "string",
            "maxLength": 100000
          }
        },
        "required": ["parent_page_id", "title"],
        "additionalProperties": false
      }'
    ),
    (
      'openai', 'openai_generate_text', 'Generate text', 10, 'write',
      '[]',
      'Lets a model of OpenAI write a text. The connected account pays for it.',
      '{
        "type": "object",
        "properties": {
          "prompt": { "type": "string", "minLength": 1, "maxLength": 200000 },
          "instructions": {
            "description": "How the model has to answer.",
            "type": "string",
            "maxLength": 50000
          },
          "model": {
            "default": "gpt-4.1-mini",
            "type": "string",
            "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$"
          },
          "max_output_tokens": {
            "default": 2000,
            "description": "Includes what a reasoning model thinks.",
            "type": "integer",
            "minimum": 16,
            "maximum": 32000
          }
        },
        "required": ["prompt"],
        "additionalProperties": false
      }'
    ),
    (
      'anthropic', 'anthropic_generate_text', 'Generate text', 10, 'write',
      '[]',
      'Lets a model of Anthropic write a text. The connected account pays for it.',
      '{
        "type": "object",
        "properties": {
          "prompt": { "type": "string", "minLength": 1, "maxLength": 200000 },
          "instructions": {
            "description": "How the model has to answer.",
            "type": "string",
            "maxLength": 50000
          },
          "model": {
            "default": "claude-haiku-4-5",
            "type": "string",
            "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$"
          },
          "max_output_tokens": {
            "default": 2000,
            "type": "integer",
            "minimum": 1,
            "maximum": 32000
          }
        },
        "required": ["prompt"],
        "additionalProperties": false
      }'
    ),
    (
      'pinecone', 'pinecone_query', 'Query an index', 10, 'read',
      '[]',
      'Finds the records of a Pinecone index that are most like a text, a vector or a record.',
      '{
        "type": "object",
        "properties": {
          "index": {
            "type": "string",
            "pattern": "^[a-z0-9][a-z0-9-]{0,44}$",
            "description": "The name of the index."
          },
          "namespace": {
            "default": "__default__",
            "type": "string",
            "minLength": 1,
            "maxLength": 512
          },
          "text": {
            "description": "What to look for, where the index embeds texts itself.",
            "type": "string",
            "minLength": 1,
            "maxLength": 20000
          },
          "vector": {
            "description": "An embedding, as long as the index''s dimension.",
            "minItems": 1,
            "maxItems": 20000,
            "type": "array",
            "items": { "type": "number" }
          },
          "id": {
            "description": "A record whose like to look for.",
            "type": "string",
            "minLength": 1,
            "maxLength": 512
          },
          "top_k": {
            "default": 10,
            "description": "Most records.",
            "type": "integer",
            "minimum": 1,
            "maximum": 100
          },
          "filter": {
            "description": "By metadata, such as {\"genre\": {\"$eq\": \"drama\"}}.",
            "type": "object",
            "properties": {},
            "additionalProperties": {}
          }
        },
        "required": ["index"],
        "additionalProperties": false
      }'
    ),
    (
      'zep', 'zep_search_memory', 'Search memory', 10, 'read',
      '[]',
      'Searches what Zep remembers of a user, or a shared graph: facts, entities or episodes.',
      '{
        "type": "object",
        "properties": {
          "query": { "type": "string", "minLength": 1, "maxLength": 400 },
          "user_id": {
            "description": "Whose memory to search.",
            "type": "string",
            "minLength": 1,
            "maxLength": 200
          },
          "graph_id": {
            "description": "Or which shared graph.",
            "type": "string",
            "minLength": 1,
            "maxLength": 200
          },
          "scope": {
            "default": "edges",
            "description": "edges are facts, nodes are entities, episodes are what was said.",
            "type": "string",
            "enum": ["edges", "nodes", "episodes"]
          },
          "limit": {
            "default": 10,
            "description": "Most results.",
            "type": "integer",
            "minimum": 1,
            "maximum": 50
          }
        },
        "required": ["query"],
        "additionalProperties": false
      }'
    ),
    (
      'digitalocean', 'digitalocean_list_droplets', 'List droplets', 10, 'read',
      '[]',
      'Lists DigitalOcean droplets with their state, size, region and addresses.',
      '{
        "type": "object",
        "properties": {
          "tag": {
            "description": "Only droplets with this tag.",
            "type": "string",
            "pattern": "^[A-Za-z0-9:_-]{1,255}$"
          },
          "limit": {
            "default": 50,
            "description": "Most droplets in one answer.",
            "type": "integer",
            "minimum": 1,
            "maximum": 200
          },
          "page": {
            "default": 1,
            "description": "next_page, to read on.",
            "type": "integer",
            "minimum": 1,
            "maximum": 10000
          }
        },
        "additionalProperties": false
      }'
    )
) as seeds (
  provider, capability_key, display_label, display_order, effect, required_scopes, description,
  input_schema
)
join public.service_providers on service_providers.name = seeds.provider;
