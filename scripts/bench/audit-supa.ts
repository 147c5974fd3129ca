import type { Scratch } from "./scratch.ts";

/**
 * Auditing as supabase/supa_audit 0.3 publishes it, written anew: a trigger for each row that looks
 * the key's columns up in the catalogue, derives a record's id as a UUID v5 of table and key, and
 * keeps the whole row before and after, with who was signed in, under four indexes and a key.
 */
export async function createSupaAudit({ admin }: Scratch): Promise<void> {
  await admin.query(`
    create extension if not exists "uuid-ossp" schema extensions;
    create schema supa;
    create type supa.operation as enum ('INSERT', 'UPDATE', 'DELETE');

    create table supa.record_version (
      id bigserial primary key,
      record_id uuid,
      old_record_id uuid,
      op supa.operation not null,
      ts timestamptz not null default now(),
      table_oid oid not null,
      table_schema name not null,
      table_name name not null,
      record jsonb,
      old_record jsonb,
      auth_uid uuid default auth.uid(),
      auth_role text default auth.role(),
      check (coalesce(record_id, old_record_id) is not null),
      check ((op in ('INSERT', 'UPDATE')) = (record_id is not null)),
      check ((op in ('INSERT', 'UPDATE')) = (record is not null)),
      check ((op in ('UPDATE', 'DELETE')) = (old_record_id is not null)),
      check ((op in ('UPDATE', 'DELETE')) = (old_record is not null))
    );
    create index on supa.record_version (record_id) where record_id is not null;
    create index on supa.record_version (old_record_id) where old_record_id is not null;
    create index on supa.record_version using brin (ts);
    create index on supa.record_version (table_oid);

    create function supa.primary_key_columns(p_table oid) returns text[]
    language sql stable security definer set search_path = '' as $$
      select coalesce(array_agg(attribute.attname::text order by attribute.attnum), '{}')
      from pg_index
      join pg_attribute as attribute
        on attribute.attrelid = pg_index.indrelid and attribute.attnum = any (pg_index.indkey)
      where pg_index.indrelid = p_table and pg_index.indisprimary
    $$;

    create function supa.record_id(p_table oid, p_columns text[], p_record jsonb) returns uuid
    language sql stable as $$
      select case
        when p_record is null then null
        when p_columns = '{}' then extensions.uuid_generate_v4()
        else (
          select extensions.uuid_generate_v5(
            'fd62bc3d-8d6e-43c2-919c-802ba3762271',
            (jsonb_build_array(to_jsonb(p_table)) || jsonb_agg(p_record ->> name))::text
          )
          from unnest(p_columns) as name
        )
      end
    $$;

    create function supa.audit_row() returns trigger
    language plpgsql security definer as $$
    declare
      v_columns text[] := supa.primary_key_columns(tg_relid);
      v_record jsonb := to_jsonb(new);
      v_record_id uuid := supa.record_id(tg_relid, v_columns, v_record);
      v_old_record jsonb := to_jsonb(old);
      v_old_record_id uuid := supa.record_id(tg_relid, v_columns, v_old_record);
    begin
      insert into supa.record_version
        (record_id, old_record_id, op, table_oid, table_schema, table_name, record, old_record)
      select
        v_record_id, v_old_record_id, tg_op::supa.operation, tg_relid, tg_table_schema,
        tg_table_name, v_record, v_old_record;
      return coalesce(new, old);
    end
    $$;
  `);
}

/** Has a table audited so. */
export async function enableSupaAudit({ admin }: Scratch, table: string): Promise<void> {
  await admin.query(
    `create trigger audit_i_u_d after insert or update or delete on ${table}
    for each row execute function supa.audit_row()`,
  );
}
