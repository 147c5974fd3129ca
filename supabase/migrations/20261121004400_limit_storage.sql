-- Storage of an organization: the size of all objects in its folders `<organization id>/…`, over
-- all buckets. What people upload is judged by a policy before it begins, so uploads that run side
-- by side can pass the limit by their own sizes; functions that write for an organization ask
-- first, with the size.

create function private.organization_storage_bytes(p_organization_id uuid)
returns bigint
language plpgsql
stable
security definer -- counts objects that the caller may not read
set search_path = ''
as $$
declare
  v_bytes bigint;
begin
  -- The prefix is written out, so that the planner finds the index for it.
  execute format(
    'select coalesce(sum((objects.metadata ->> ''size'')::bigint), 0)
    from storage.objects
    where objects.name like %L',
    p_organization_id || '/%'
  )
  into v_bytes;
  return v_bytes;
end;
$$;

comment on function private.organization_storage_bytes(uuid) is
  'Size of all objects in the folders of an organization.';

-- Errors: PT429 storage_quota_reached.
create function private.require_storage_room(p_organization_id uuid, p_bytes bigint)
returns void
language plpgsql
volatile
security definer -- asked for people who may not see the quotas
set search_path = ''
as $$
declare
  v_limit constant bigint := (
    select organization_quotas.storage_bytes_limit
    from public.organization_quotas
    where organization_quotas.organization_id = p_organization_id
  );
  v_used bigint;
begin
  if v_limit is null then
    return;
  end if;

  v_used := private.organization_storage_bytes(p_organization_id);
  if v_used + greatest(p_bytes, 0) > v_limit then
    raise sqlstate 'PT429' using
      message = format(
        'The limit of bytes in Storage is %s: %s are used, and this would add %s',
        v_limit, v_used, greatest(p_bytes, 0)
      ),
      detail = 'storage_quota_reached',
      hint = 'Try again when files were deleted or storage_bytes_limit was raised.';
  end if;
end;
$$;

comment on function private.require_storage_room(uuid, bigint) is
  'Refuses with PT429 storage_quota_reached what an organization has no room in Storage for.';

-- The folders of the caller's organizations that are full. Asked once per statement.
create function private.full_storage_folders()
returns text[]
language plpgsql
stable
security definer -- looks up quotas that the caller may not read
set search_path = ''
as $$
begin
  return array(
    select organization_quotas.organization_id::text
    from public.organization_members
    join public.organization_quotas
      on organization_quotas.organization_id = organization_members.organization_id
    where organization_members.user_id = auth.uid()
      and organization_members.status = 'active'
      and organization_quotas.storage_bytes_limit
        <= private.organization_storage_bytes(organization_quotas.organization_id)
  );
end;
$$;

comment on function private.full_storage_folders() is
  'For the policy of Storage: the organizations of the caller that have no room left, as folders.';

-- Restrictive: it allows nothing, and takes from what the policies of the buckets allow.
create policy insert_within_quota on storage.objects
  as restrictive
  for insert
  to authenticated
  with check (split_part(name, '/', 1) <> all ((select private.full_storage_folders())::text[]));

create policy update_within_quota on storage.objects
  as restrictive
  for update
  to authenticated
  using (true)
  with check (split_part(name, '/', 1) <> all ((select private.full_storage_folders())::text[]));

create function public.require_storage_room(p_organization_id uuid, p_bytes bigint)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.require_storage_room(p_organization_id, p_bytes);
$$;

comment on function public.require_storage_room(uuid, bigint) is
  'For functions that write files for an organization, before they do. Service only. Error: '
  'storage_quota_reached.';

grant execute on function private.full_storage_folders() to authenticated;
grant execute on function
  private.require_storage_room(uuid, bigint),
  public.require_storage_room(uuid, bigint)
to service_role;
