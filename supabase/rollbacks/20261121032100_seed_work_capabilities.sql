-- Takes back 20261121032100_seed_work_capabilities.sql: agents can do nothing there.
delete from public.integration_capabilities
where integration_capabilities.capability_key in (
  'slack_list_channels',
  'slack_read_messages',
  'slack_post_message',
  'discord_read_messages',
  'discord_post_message',
  'github_list_issues',
  'github_create_issue',
  'github_comment_issue',
  'linear_list_issues',
  'linear_create_issue',
  'notion_search_pages',
  'notion_read_page',
  'notion_create_page',
  'openai_generate_text',
  'anthropic_generate_text',
  'pinecone_query',
  'zep_search_memory',
  'digitalocean_list_droplets'
);
