-- Permissions: everything a member can be allowed to do, as '<domain>.<action>'.
-- The catalogue is part of the code: migrations write it, and policies name its keys.

create table public.permissions (
  key text primary key,
  description text not null,
  created_at timestamptz not null default now(),

  constraint permissions_key_check check (key ~ '^[a-z_]+\.[a-z_]+$'),
  constraint permissions_description_check check (description <> '')
);

comment on table public.permissions is
  'Everything a member can be allowed to do. The same for every organization.';
comment on column public.permissions.key is '<domain>.<action>, as policies name it.';

alter table public.permissions enable row level security;

create policy select_everyone on public.permissions
  for select
  to authenticated
  using (true);

grant select on public.permissions to authenticated, service_role;
-- No write for anyone: a permission means something only with the policy that asks for it.

insert into public.permissions (key, description) values
  ('organizations.read', 'See the organization.'),
  ('organizations.update', 'Rename the organization and change its settings.'),
  ('organizations.delete', 'Delete the organization with everything in it.'),
  ('members.read', 'See who belongs to the organization and in which role.'),
  ('members.invite', 'Invite people.'),
  ('members.manage', 'Change the role of members, suspend and remove them.'),
  ('roles.read', 'See the roles that the organization defined.'),
  ('roles.manage', 'Define roles, with no more permissions than one holds.'),
  ('secrets.read', 'See which secrets the organization keeps, not what they are.'),
  ('secrets.manage', 'Add, replace and remove secrets of the organization.'),
  ('quotas.read', 'See the limits of the organization and how far they are used.'),
  ('quotas.manage', 'Change the limits of the organization.'),
  ('audit.read', 'Read the audit log.'),
  ('audit.export', 'Export and verify the audit log.'),
  ('workspaces.read', 'See public workspaces, and private ones one belongs to.'),
  ('workspaces.create', 'Create workspaces.'),
  ('workspaces.manage', 'Change every workspace and its members, also without belonging to it.'),
  ('channels.read', 'See channels.'),
  ('channels.create', 'Create channels.'),
  ('channels.manage', 'Change and delete channels, and see private ones.'),
  ('messages.read', 'Read messages.'),
  ('messages.write', 'Write messages.'),
  ('messages.moderate', 'Delete messages of others.'),
  ('agents.read', 'See agents that are shared.'),
  ('agents.create', 'Create agents, and change and delete one''s own.'),
  ('agents.run', 'Talk to agents and give them work.'),
  ('agents.manage', 'See, change and delete every agent, also private ones.'),
  ('templates.read', 'See agent templates.'),
  ('templates.manage', 'Write, publish and retire agent templates.'),
  ('teams.read', 'See teams of agents.'),
  ('teams.manage', 'Create, change and delete teams of agents.'),
  ('integrations.read', 'See integrations and which agents may use them.'),
  ('integrations.connect', 'Connect one''s own accounts at other services.'),
  ('integrations.manage', 'Manage connections and what agents may do with them.'),
  ('tools.read', 'See tools and their execution log.'),
  ('tools.execute', 'Let agents call tools.'),
  ('tools.manage', 'Connect tool servers and manage tool environments.'),
  ('knowledge.read', 'Read the media library and datastores.'),
  ('knowledge.write', 'Add media and assign them to agents.'),
  ('knowledge.manage', 'Manage datastores and everyone''s media.'),
  ('tasks.read', 'See tasks and their runs.'),
  ('tasks.write', 'Create tasks, and change and delete one''s own.'),
  ('tasks.run', 'Run, pause, resume, cancel and retry tasks.'),
  ('tasks.manage', 'Change and delete everyone''s tasks.'),
  ('ai.read', 'See calls of language models and what they cost.'),
  ('ai.manage', 'Choose the language model of the organization and its key.'),
  ('workflows.read', 'See workflows and their executions.'),
  ('workflows.write', 'Design workflows.'),
  ('workflows.run', 'Start, pause and cancel executions.'),
  ('workflows.manage', 'Publish, archive and delete workflows.'),
  ('approvals.read', 'See approval requests.'),
  ('approvals.decide', 'Approve or reject what one is asked to.'),
  ('marketplace.read', 'Browse the marketplace and see what is installed.'),
  ('marketplace.install', 'Install, configure and remove services.'),
  ('marketplace.publish', 'Offer services in the marketplace.'),
  ('infrastructure.read', 'See machines, what runs on them and how they are.'),
  ('infrastructure.manage', 'Add, change and remove machines and what runs on them.'),
  ('analytics.read', 'See data sources, pipeline history, insights and charts.'),
  ('analytics.run', 'Run pipelines and generate insights.'),
  ('analytics.manage', 'Add, change and remove data sources.'),
  ('records.read', 'See data models, tickets, reports and dashboards.'),
  ('records.write', 'Write tickets, reports and dashboards.'),
  ('records.manage', 'Define data models and change everyone''s records.'),
  ('jobs.read', 'See background jobs that failed for good.'),
  ('jobs.manage', 'Replay and discard failed jobs.');
