-- Organization quotas: what an organization may use, one row each, made with the organization. Who
-- may spend (agents.run) and who sets the limit (quotas.manage) are different people on purpose.

create table public.organization_quotas (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  monthly_model_cost_limit_usd numeric(12, 4),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint organization_quotas_monthly_model_cost_limit_usd_check check (
    monthly_model_cost_limit_usd >= 0
  )
);

comment on table public.organization_quotas is 'What an organization may use.';
comment on column public.organization_quotas.monthly_model_cost_limit_usd is
  'What calls of language models may cost in a calendar month (UTC), in USD. Null is without '
  'limit, 0 is none.';

create trigger _900_touch_updated_at
  before update on public.organization_quotas
  for each row
  execute function private.touch_updated_at();

alter table public.organization_quotas enable row level security;

create policy select_member on public.organization_quotas
  for select
  to authenticated
  using (organization_id = any ((select private.organizations_with('quotas.read'))::uuid[]));

create policy update_manager on public.organization_quotas
  for update
  to authenticated
  using (organization_id = any ((select private.organizations_with('quotas.manage'))::uuid[]))
  with check (organization_id = any ((select private.organizations_with('quotas.manage'))::uuid[]));

grant select on public.organization_quotas to authenticated;
grant update (monthly_model_cost_limit_usd) on public.organization_quotas to authenticated;
grant select, insert, update, delete on public.organization_quotas to service_role;
-- No insert and no delete for people: a row that could go missing would be a limit lifted.

create function private.create_quotas()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted to insert
set search_path = ''
as $$
begin
  insert into public.organization_quotas (organization_id) values (new.id);
  return null;
end;
$$;

comment on function private.create_quotas() is 'Trigger: gives a new organization its quotas.';

create trigger _500_create_quotas
  after insert on public.organizations
  for each row
  execute function private.create_quotas();

-- Organizations that were there before this table.
insert into public.organization_quotas (organization_id)
select organizations.id
from public.organizations;
