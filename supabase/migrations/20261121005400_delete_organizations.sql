-- Deleting an organization: in 30 days, with the way back open until then, or at once with its name
-- typed. While a deletion is pending, members hold nothing and owners only reading, exporting and
-- deleting. That is kept where every policy looks, in organization_members.permissions, so it holds
-- with the next statement, and restoring brings back what roles and exceptions say.
--
-- Tasks of such an organization are paused and its runs cancelled; restoring resumes those that
-- were paused here and no others.
--
-- Locks are taken in one order: roles, members, tasks, the organization. Whoever writes a
-- membership holds its organization against a deletion (for key share), and a deletion holds it
-- against everybody who writes into it (for update), so neither misses what the other does.

alter table public.organizations
  add column deletion_due_at timestamptz,
  add column deletion_requested_by_user_id uuid references public.profiles (id) on delete set null,
  add constraint organizations_deletion_is_due_check check (
    deletion_requested_by_user_id is null or deletion_due_at is not null
  );

comment on column public.organizations.deletion_due_at is
  'When the organization will be deleted, unless restore_organization() comes before. Null unless '
  'somebody asked for it.';
comment on column public.organizations.deletion_requested_by_user_id is
  'Who asked for the deletion; null once they are deleted themself.';

create index organizations_deletion_due_at_idx
  on public.organizations (deletion_due_at)
  where deletion_due_at is not null;
create index organizations_deletion_requested_by_user_id_idx
  on public.organizations (deletion_requested_by_user_id)
  where deletion_requested_by_user_id is not null;

-- What is left of permissions while the organization waits to be deleted; when it is due, nothing.
create function private.remaining_permissions(
  p_permissions text[],
  p_is_owner boolean,
  p_deletion_due_at timestamptz
)
returns text[]
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if p_deletion_due_at is null then
    return p_permissions;
  elsif not p_is_owner or p_deletion_due_at <= now() then
    return array[]::text[];
  end if;

  return array(
    select held.key
    from unnest(p_permissions) as held (key)
    where held.key ~ '\.(read|export)$'
      or held.key = 'organizations.delete'
    order by held.key
  );
end;
$$;

comment on function private.remaining_permissions(text[], boolean, timestamptz) is
  'What a member holds in an organization whose deletion is due at that time, or never.';

-- Locks the role against private.spread_role_permissions(): a change to the role either is seen
-- here or waits and then sees this row. Before that, the organization against its deletion, for the
-- same reason.
create or replace function private.derive_member_permissions()
returns trigger
language plpgsql
volatile
security definer -- reads roles that the writer may not read
set search_path = ''
as $$
declare
  v_unknown text;
  v_is_owner boolean;
  v_deletion_due_at timestamptz;
begin
  if new.status = 'active' and new.joined_at is null then
    new.joined_at := now();
  end if;

  -- Of an organization that is gone the foreign key speaks.
  select organizations.deletion_due_at
  into v_deletion_due_at
  from public.organizations
  where organizations.id = new.organization_id
  for key share;

  select roles.organization_id is null and roles.name = 'owner'
  into v_is_owner
  from public.roles
  where roles.id = new.role_id
    and (roles.organization_id is null or roles.organization_id = new.organization_id)
  for share;

  if not found then
    raise sqlstate 'PT404' using
      message = 'No such role in this organization',
      detail = 'role_not_found',
      hint = 'Take the id of a role of the system or of this organization.';
  end if;

  if new.custom_permissions <> '{"grant": [], "deny": []}' then
    -- An owner who is denied something would be an owner in name: the last one could be locked out.
    if v_is_owner and new.custom_permissions not in ('{}', '{"grant": []}', '{"deny": []}') then
      raise sqlstate 'PT409' using
        message = 'There are no exceptions for an owner',
        detail = 'owner_without_exceptions',
        hint = 'Clear custom_permissions, or give the member another role.';
    end if;

    select custom.key
    into v_unknown
    from (
      select jsonb_array_elements_text(coalesce(new.custom_permissions -> 'grant', '[]')) as key
      union all
      select jsonb_array_elements_text(coalesce(new.custom_permissions -> 'deny', '[]'))
    ) as custom
    where not exists (select from public.permissions where permissions.key = custom.key)
    limit 1;

    if found then
      raise sqlstate 'PT400' using
        message = format('No permission is called "%s"', left(v_unknown, 100)),
        detail = 'permission_unknown',
        hint = 'The table permissions lists them all.';
    end if;
  end if;

  new.permissions := private.remaining_permissions(
    private.effective_permissions(
      private.permissions_of_role(new.role_id),
      new.custom_permissions
    ),
    v_is_owner,
    v_deletion_due_at
  );
  return new;
end;
$$;

-- Carries a change of a role's permissions to all of its members, in one statement. The lock on the
-- role stands against a deletion, too: that asks for it before it derives the members anew.
create or replace function private.spread_role_permissions()
returns trigger
language plpgsql
volatile
security definer -- writes a column that nobody is granted
set search_path = ''
as $$
begin
  perform
  from public.roles
  where roles.id in (select changed.role_id from changed)
  order by roles.id
  for no key update;

  update public.organization_members
  set permissions = derived.permissions
  from (
    select
      members.id,
      private.remaining_permissions(
        private.effective_permissions(touched.permissions, members.custom_permissions),
        touched.is_owner,
        organizations.deletion_due_at
      ) as permissions
    from (
      select
        roles.id as role_id,
        roles.organization_id is null and roles.name = 'owner' as is_owner,
        private.permissions_of_role(roles.id) as permissions
      from public.roles
      where roles.id in (select changed.role_id from changed)
    ) as touched
    join public.organization_members as members on members.role_id = touched.role_id
    join public.organizations on organizations.id = members.organization_id
  ) as derived
  where organization_members.id = derived.id
    and organization_members.permissions is distinct from derived.permissions;

  return null;
end;
$$;

-- The organization of a new row that names none: the one the caller works in while they are an
-- active member there, else their personal one, else the one they joined first; one that waits to
-- be deleted last. Null for the service.
create or replace function private.current_organization_id()
returns uuid
language plpgsql
stable
security definer -- a column default must not depend on what the caller may read
set search_path = ''
as $$
begin
  return (
    select organization_members.organization_id
    from public.organization_members
    join public.organizations on organizations.id = organization_members.organization_id
    left join public.user_preferences
      on user_preferences.user_id = organization_members.user_id
    where organization_members.user_id = auth.uid()
      and organization_members.status = 'active'
    order by
      organizations.deletion_due_at is null desc,
      organizations.id is not distinct from user_preferences.current_organization_id desc,
      organizations.is_personal and organizations.created_by_user_id = auth.uid() desc,
      organization_members.joined_at,
      organizations.id
    limit 1
  );
end;
$$;

-- Tasks that a pending deletion paused, for restoring exactly these.
create table private.tasks_paused_by_deletion (
  task_id uuid not null,
  organization_id uuid not null references public.organizations (id) on delete cascade,

  constraint tasks_paused_by_deletion_pkey primary key (task_id, organization_id),
  constraint tasks_paused_by_deletion_task_id_fkey
    foreign key (task_id, organization_id) references public.agent_tasks (id, organization_id)
    on delete cascade
);

comment on table private.tasks_paused_by_deletion is
  'Active tasks that were paused because the deletion of their organization is pending.';

create index tasks_paused_by_deletion_organization_id_idx
  on private.tasks_paused_by_deletion (organization_id);

-- Pauses what is active in organizations that wait to be deleted, and cancels what they have begun.
-- Returns how many tasks were paused. The engine calls it too, for a task that was being written
-- while the deletion was asked for.
create function private.pause_tasks_before_deletion(p_organization_id uuid default null)
returns integer
language plpgsql
volatile
security definer -- runs are written by nobody else
set search_path = ''
as $$
declare
  v_task_ids uuid[];
begin
  select array_agg(active.id)
  into v_task_ids
  from (
    select agent_tasks.id
    from public.agent_tasks
    join public.organizations on organizations.id = agent_tasks.organization_id
    where organizations.deletion_due_at is not null
      and (p_organization_id is null or organizations.id = p_organization_id)
      and agent_tasks.status = 'active'
    order by agent_tasks.id
    -- The caller of a deletion holds them already; the engine must not wait.
    for update of agent_tasks skip locked
  ) as active;

  if v_task_ids is null and p_organization_id is null then
    return 0;
  end if;

  perform private.cancel_task_runs(
    array(
      select agent_task_runs.id
      from public.agent_task_runs
      where agent_task_runs.status in ('pending', 'running')
        and (
          agent_task_runs.task_id = any (v_task_ids)
          or agent_task_runs.organization_id = p_organization_id
        )
    ),
    'The organization is about to be deleted.'
  );

  insert into private.tasks_paused_by_deletion (task_id, organization_id)
  select agent_tasks.id, agent_tasks.organization_id
  from public.agent_tasks
  where agent_tasks.id = any (v_task_ids)
  on conflict do nothing;

  update public.agent_tasks
  set status = 'paused'
  where agent_tasks.id = any (v_task_ids);

  return coalesce(cardinality(v_task_ids), 0);
end;
$$;

comment on function private.pause_tasks_before_deletion(uuid) is
  'Pauses the active tasks of an organization, or of all, whose deletion is pending, and cancels '
  'their runs.';

-- Makes those tasks active again that are paused still. A schedule that ended meanwhile is
-- completed, as it would have been; one that can no longer be read stays paused and says why.
create function private.resume_tasks_after_restoring(p_organization_id uuid)
returns void
language plpgsql
volatile
security definer -- the private table, and tasks of others
set search_path = ''
as $$
declare
  v_task_id uuid;
  v_reason text;
begin
  for v_task_id in
    select agent_tasks.id
    from private.tasks_paused_by_deletion
    join public.agent_tasks on agent_tasks.id = tasks_paused_by_deletion.task_id
    where tasks_paused_by_deletion.organization_id = p_organization_id
      and agent_tasks.status = 'paused'
      and agent_tasks.user_id is not null
    order by agent_tasks.id
  loop
    begin
      update public.agent_tasks set status = 'active' where agent_tasks.id = v_task_id;
    exception
      when others then
        get stacked diagnostics v_reason = pg_exception_detail;
        update public.agent_tasks
        set
          status = case
            when v_reason = 'task_never_due' then 'completed'::public.task_status
            else agent_tasks.status
          end,
          last_error = case when v_reason <> 'task_never_due' then sqlerrm end
        where agent_tasks.id = v_task_id;
    end;
  end loop;

  delete from private.tasks_paused_by_deletion
  where tasks_paused_by_deletion.organization_id = p_organization_id;
end;
$$;

comment on function private.resume_tasks_after_restoring(uuid) is
  'Makes the tasks active again that pause_tasks_before_deletion() paused.';

-- Locks an organization for its deletion, with what must be locked before it.
create function private.lock_organization_for_deletion(p_organization_id uuid)
returns public.organizations
language plpgsql
volatile
security definer -- locks rows that the caller may not write
set search_path = ''
as $$
declare
  v_organization public.organizations;
begin
  perform
  from public.roles
  where roles.id in (
    select organization_members.role_id
    from public.organization_members
    where organization_members.organization_id = p_organization_id
  )
  order by roles.id
  for share;

  perform
  from public.organization_members
  where organization_members.organization_id = p_organization_id
  order by organization_members.id
  for no key update;

  perform
  from public.agent_tasks
  where agent_tasks.organization_id = p_organization_id
    and agent_tasks.status in ('active', 'paused')
  order by agent_tasks.id
  for update;

  select organizations.*
  into v_organization
  from public.organizations
  where organizations.id = p_organization_id
  for update;

  return v_organization;
end;
$$;

comment on function private.lock_organization_for_deletion(uuid) is
  'Locks roles, members, tasks and the row of an organization, in this order.';

-- Raises PT404 organization_not_found for strangers, PT403 permission_denied for members who may
-- not delete.
create function private.require_organization_deleter(p_organization_id uuid)
returns void
language plpgsql
stable
security definer -- memberships are read past their own policies
set search_path = ''
as $$
declare
  v_permissions constant text[] := private.permissions_in(p_organization_id);
begin
  if 'organizations.delete' = any (v_permissions) then
    return;
  elsif 'organizations.read' = any (v_permissions) then
    raise sqlstate 'PT403' using
      message = 'You may not delete this organization, nor restore it',
      detail = 'permission_denied',
      hint = 'It takes the permission organizations.delete, which owners hold.';
  end if;

  raise sqlstate 'PT404' using
    message = 'No organization of yours with that id',
    detail = 'organization_not_found',
    hint = 'Select from organizations to see those you belong to.';
end;
$$;

-- Messages are found by their channel; what takes an organization as a whole finds them by this.
create index chat_messages_organization_id_idx on public.chat_messages (organization_id);

-- What an organization has most of is deleted before the organization itself, children first. Its
-- foreign keys would see to it, but in an order of their own: a deleted agent first empties its id
-- in every message, and then the messages go. These are tables that refer to others so, and whose
-- rows nobody writes down in the audit trail (where they did, that would be written for nothing).
create function private.empty_organization()
returns trigger
language plpgsql
volatile
security definer -- deletes rows that the caller may not reach
set search_path = ''
as $$
declare
  v_table regclass;
begin
  for v_table in
    with recursive tenants as materialized (
      select tenant_tables.table_id from private.tenant_tables()
    ), keys as materialized (
      select
        pg_constraint.conrelid as child,
        pg_constraint.confrelid as parent,
        pg_constraint.confdeltype = 'n' as empties
      from pg_catalog.pg_constraint
      where pg_constraint.contype = 'f'
        and pg_constraint.conrelid in (select tenants.table_id from tenants)
        and pg_constraint.confrelid in (select tenants.table_id from tenants)
    ), depths (table_id, depth) as (
      select tenants.table_id::oid, 0 from tenants
      union
      select keys.child, depths.depth + 1
      from depths
      join keys on keys.parent = depths.table_id
      -- Keys may go round in a circle.
      where depths.depth < 16
    )
    select depths.table_id::regclass
    from depths
    where depths.table_id in (select keys.child from keys where keys.empties)
      and not exists (
        select
        from pg_catalog.pg_trigger
        where pg_trigger.tgrelid = depths.table_id
          and pg_trigger.tgfoid = 'private.audit_delete()'::regprocedure
      )
    group by depths.table_id
    order by max(depths.depth) desc
  loop
    execute format('delete from %s as t where t.organization_id = $1', v_table) using old.id;
  end loop;

  return old;
end;
$$;

comment on function private.empty_organization() is
  'Trigger: deletes the bulk of an organization before it, in the order that costs least.';

create trigger _500_empty
  before delete on public.organizations
  for each row
  execute function private.empty_organization();

-- Whether an organization has more rows than that, over all tables. Stops counting there.
create function private.organization_exceeds(p_organization_id uuid, p_rows bigint)
returns boolean
language plpgsql
stable
security definer -- counts rows that the caller may not read
set search_path = ''
as $$
declare
  v_table regclass;
  v_rows bigint := 0;
  v_more bigint;
begin
  for v_table in select tenant_tables.table_id from private.tenant_tables() loop
    execute format(
      'select count(*) from (select from %s as t where t.organization_id = $1 limit $2) as few',
      v_table
    )
    into v_more
    using p_organization_id, p_rows - v_rows + 1;
    v_rows := v_rows + v_more;
    exit when v_rows > p_rows;
  end loop;

  return v_rows > p_rows;
end;
$$;

comment on function private.organization_exceeds(uuid, bigint) is
  'Whether an organization has more than that many rows in all.';

-- Deletes an organization that is due. One with up to 100,000 rows goes now, which takes about two
-- seconds of the eight that a request has; a larger one by a job that has the time. True when it is
-- gone.
create function private.erase_organization(p_organization_id uuid)
returns boolean
language plpgsql
volatile
security definer -- nobody is granted to delete organizations
set search_path = ''
as $$
begin
  if private.organization_exceeds(p_organization_id, 100000) then
    perform private.enqueue_job(
      p_queue => 'storage',
      p_kind => 'delete_organization',
      p_payload => jsonb_build_object('organization_id', p_organization_id),
      p_max_attempts => 20,
      p_dedupe_key => 'delete_organization ' || p_organization_id
    );
    return false;
  end if;

  delete from public.organizations where organizations.id = p_organization_id;
  return true;
end;
$$;

comment on function private.erase_organization(uuid) is
  'Deletes an organization with all it has: now, or by a job when it is large. True when it is '
  'gone.';

create function private.delete_organization(p_organization_id uuid, p_confirm_name text)
returns jsonb
language plpgsql
volatile
security definer -- nobody is granted to delete organizations
set search_path = ''
as $$
declare
  v_organization public.organizations;
begin
  -- Before the locks, so that a stranger makes nobody wait; and after, for who was faster.
  perform private.require_organization_deleter(p_organization_id);
  v_organization := private.lock_organization_for_deletion(p_organization_id);
  perform private.require_organization_deleter(p_organization_id);

  if v_organization.is_personal then
    raise sqlstate 'PT409' using
      message = 'A personal organization goes with its user and no earlier',
      detail = 'personal_organization',
      hint = 'Delete the account with delete_user_account().';
  elsif p_confirm_name is not null and p_confirm_name <> v_organization.name then
    raise sqlstate 'PT400' using
      message = 'That is not the name of the organization',
      detail = 'organization_name_mismatch',
      hint = 'Type the name exactly to delete at once, or leave it out to delete in 30 days.';
  elsif p_confirm_name is null and v_organization.deletion_due_at is not null then
    -- Asking twice does not start the days anew.
    return jsonb_build_object(
      'status', 'pending', 'deletion_due_at', v_organization.deletion_due_at
    );
  end if;

  update public.organizations
  set
    deletion_due_at = case
      when p_confirm_name is null then now() + interval '30 days'
      else now()
    end,
    deletion_requested_by_user_id = auth.uid()
  where organizations.id = p_organization_id
  returning * into v_organization;

  if p_confirm_name is not null and private.erase_organization(p_organization_id) then
    return jsonb_build_object('status', 'deleted', 'deletion_due_at', null);
  end if;

  perform private.pause_tasks_before_deletion(p_organization_id);
  -- Written over with itself, the role has the permissions derived anew.
  update public.organization_members
  set role_id = organization_members.role_id
  where organization_members.organization_id = p_organization_id;

  return jsonb_build_object(
    'status', case when p_confirm_name is null then 'pending' else 'deleting' end,
    'deletion_due_at', v_organization.deletion_due_at
  );
end;
$$;

create function private.restore_organization(p_organization_id uuid)
returns public.organizations
language plpgsql
volatile
security definer -- deletion_due_at is granted to nobody
set search_path = ''
as $$
declare
  v_organization public.organizations;
begin
  perform private.require_organization_deleter(p_organization_id);
  v_organization := private.lock_organization_for_deletion(p_organization_id);
  perform private.require_organization_deleter(p_organization_id);

  if v_organization.deletion_due_at is null then
    return v_organization;
  elsif v_organization.deletion_due_at <= now() then
    raise sqlstate 'PT409' using
      message = 'The organization is being deleted',
      detail = 'organization_being_deleted',
      hint = 'The time to restore it is over.';
  end if;

  update public.organizations
  set deletion_due_at = null, deletion_requested_by_user_id = null
  where organizations.id = p_organization_id
  returning * into v_organization;

  update public.organization_members
  set role_id = organization_members.role_id
  where organization_members.organization_id = p_organization_id;

  perform private.resume_tasks_after_restoring(p_organization_id);
  return v_organization;
end;
$$;

-- The engine's part: deletes what is due, the longest due first, and sees to it that nothing runs
-- in what is not. Leaves off after two seconds, so that other parts have their turn. What cannot be
-- deleted does not keep the rest, and is tried again with the next turn.
create function private.delete_due_organizations()
returns integer
language plpgsql
volatile
security definer -- nobody is granted to delete organizations
set search_path = ''
as $$
declare
  v_organization_id uuid;
  v_seen_ids uuid[] := array[]::uuid[];
  v_deleted integer := 0;
begin
  perform private.pause_tasks_before_deletion();

  while clock_timestamp() < statement_timestamp() + interval '2 seconds' loop
    select organizations.id
    into v_organization_id
    from public.organizations
    where organizations.deletion_due_at <= now()
      and organizations.id <> all (v_seen_ids)
    order by organizations.deletion_due_at
    limit 1
    for update skip locked;
    exit when not found;

    v_seen_ids := v_seen_ids || v_organization_id;
    begin
      if private.erase_organization(v_organization_id) then
        v_deleted := v_deleted + 1;
      end if;
    exception
      when others then
        raise warning 'cannot delete organization %: %', v_organization_id, sqlerrm;
    end;
  end loop;

  return v_deleted;
end;
$$;

comment on function private.delete_due_organizations() is
  'Deletes organizations that are due, and pauses tasks in those that are about to be.';

insert into private.tick_parts (name, place, function_name)
values ('organizations_deleted', 150, 'delete_due_organizations');

-- Does a job of the kind delete_organization, in its own time: deleting waits for nobody, and the
-- lease cannot run out under it, because its row is locked until the end.
-- Errors: PT409 lease_lost.
create function private.delete_large_organization(p_job_id bigint, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- nobody is granted to delete organizations
set search_path = ''
as $$
declare
  v_job constant private.jobs := private.hold_lease(p_job_id, p_lease_token);
begin
  delete from public.organizations
  where organizations.id = (v_job.payload ->> 'organization_id')::uuid
    and organizations.deletion_due_at <= now();

  perform private.complete_job(p_job_id, p_lease_token);
end;
$$;

create function public.delete_organization(
  p_organization_id uuid,
  p_confirm_name text default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.delete_organization(p_organization_id, p_confirm_name);
$$;

create function public.restore_organization(p_organization_id uuid)
returns public.organizations
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.restore_organization(p_organization_id);
$$;

-- PostgREST takes a function's statement_timeout for the whole request.
create function public.delete_large_organization(p_job_id bigint, p_lease_token bigint)
returns void
language sql
volatile
security invoker
set search_path = ''
set statement_timeout = '15min'
as $$
  select private.delete_large_organization(p_job_id, p_lease_token);
$$;

comment on function public.delete_organization(uuid, text) is
  'Deletes an organization in 30 days, or at once when p_confirm_name is its exact name. Returns '
  '{status, deletion_due_at}: pending (restore_organization() takes it back), deleting (it is '
  'large; the engine is at it, and there is no way back) or deleted. Needs organizations.delete. '
  'Errors: organization_not_found, permission_denied, personal_organization, '
  'organization_name_mismatch.';
comment on function public.restore_organization(uuid) is
  'Takes a pending deletion back: members hold what they held, and the tasks that it paused run '
  'again. Needs organizations.delete. Errors: organization_not_found, permission_denied, '
  'organization_being_deleted.';
comment on function public.delete_large_organization(bigint, bigint) is
  'Does a job of the kind delete_organization and ends it. Secret key only. Error: lease_lost.';

grant execute on function
  private.delete_organization(uuid, text),
  private.restore_organization(uuid),
  public.delete_organization(uuid, text),
  public.restore_organization(uuid)
to authenticated;
grant execute on function
  private.delete_large_organization(bigint, bigint),
  public.delete_large_organization(bigint, bigint)
to service_role;

-- An organization goes by delete_organization() alone: there is a way back from it, and a name to
-- type where there is none.
drop policy delete_owner on public.organizations;
revoke delete on public.organizations from authenticated;
