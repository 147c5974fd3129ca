-- verify_audit_chain(): whatever is done to sealed rows and seals is found, and where. The hand that
-- does it owns the tables and takes the guards away first.
begin;
select plan(34);
select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.add_member(tests.organization_of('ada'), 'bob', 'manager');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'admin', 'suspended');
select tests.add_member(tests.organization_of('ada'), 'dan', 'admin');

-- Seals 1 to 3 of two rows each, beside what other things left.
select private.seal_audit_logs();
create temporary table base as
select sequence from private.audit_chains where organization_id = tests.organization_of('ada');

create sequence tests.later_ids start 900000000;

create function tests.write_and_seal()
returns void
language plpgsql
as $$
begin
  perform private.record_audit_event(
    tests.organization_of('ada'), 'thing.' || word, 'things', word, '{"colour": "green"}'
  )
  from unnest(array['seen', 'touched']) as word;
  perform private.seal_audit_logs();
end;
$$;

select tests.write_and_seal() from generate_series(1, 3);

-- The row of a seal, by their places.
create function tests.row_of(p_seal integer, p_place integer)
returns bigint
language sql
stable
as $$
  select row_ids[p_place]
  from public.audit_seals
  where organization_id = tests.organization_of('ada')
    and sequence = (select base.sequence + p_seal from base)
$$;

create function tests.verdict()
returns text
language sql
as $$
  select concat_ws(
    ' ', is_valid, broken_sequence - (select base.sequence from base), reason,
    case
      when broken_row_id = tests.row_of(2, 1) then 'first of 2'
      when broken_row_id is not null then 'a row'
    end
  )
  from private.verify_audit_chain(tests.organization_of('ada'))
$$;

-- What is said after a statement that no guard stopped. All is undone. $o is Ada's organization, $n
-- the number of the seal n.
create function tests.verdict_after(p_statement text)
returns text
language plpgsql
as $$
declare
  v_verdict text;
begin
  begin
    alter table public.audit_logs disable trigger _100_keep;
    alter table public.audit_seals disable trigger _100_keep;
    alter table public.audit_logs alter column id drop identity;
    alter table public.audit_logs alter column id set default nextval('tests.later_ids');
    execute replace(replace(replace(replace(
      p_statement, '$o', quote_literal(tests.organization_of('ada'))),
      '$1', (select (base.sequence + 1)::text from base)),
      '$2', (select (base.sequence + 2)::text from base)),
      '$3', (select (base.sequence + 3)::text from base));
    v_verdict := tests.verdict();
    raise exception using errcode = 'TRBCK';
  exception
    when sqlstate 'TRBCK' then null;
  end;
  return v_verdict;
end;
$$;
select tests.act_with('none', '{"role": "service_role"}');

select is(tests.verdict(), 't', 'a chain that nobody touched holds');

-- Rows.
select is(
  tests.verdict_after($$update public.audit_logs set new_values = '{"colour": "red"}' where id = tests.row_of(2, 2)$$),
  'f 2 row_altered', 'a value that was altered'
);
select is(
  tests.verdict_after($$update public.audit_logs set actor_type = 'user' where id = tests.row_of(2, 2)$$),
  'f 2 row_altered', 'an actor that was altered'
);
select is(
  tests.verdict_after($$update public.audit_logs set created_at = created_at - interval '1 year' where id = tests.row_of(2, 2)$$),
  'f 2 row_altered', 'a time that was altered, into another month even'
);
select is(
  tests.verdict_after($$update public.audit_logs set organization_id = tests.organization_of('bob') where id = tests.row_of(2, 1)$$),
  'f 2 row_missing first of 2', 'a row that was given to another organization'
);
select is(
  tests.verdict_after($$delete from public.audit_logs where id = tests.row_of(2, 1)$$),
  'f 2 row_missing first of 2', 'a row that was deleted'
);
select is(
  tests.verdict_after($$delete from public.audit_logs where organization_id = $o and id >= tests.row_of(1, 1)$$),
  'f 1 row_missing a row', 'the first of many'
);
select is(
  tests.verdict_after($$
    update public.audit_logs set id = -id where id in (tests.row_of(2, 1), tests.row_of(2, 2));
    update public.audit_logs set id = tests.row_of(2, 1) where id = -tests.row_of(2, 2);
    update public.audit_logs set id = tests.row_of(2, 2) where id = -tests.row_of(2, 1)
  $$),
  'f 2 row_altered', 'two rows that changed places'
);
-- In a test all seals are of one instant, so the first of all is named.
select matches(
  tests.verdict_after($$
    insert into public.audit_logs overriding system value
    select (jsonb_populate_record(audit_logs, jsonb_build_object('id', 1000000000))).*
    from public.audit_logs where id = tests.row_of(2, 1)
  $$),
  '^f -?\d+ row_added a row$', 'a row that was slipped in'
);
select is(
  tests.verdict_after($$
    insert into public.audit_logs overriding system value
    select (jsonb_populate_record(audit_logs, '{"created_at": "2024-01-01T00:00:00Z"}')).*
    from public.audit_logs where id = tests.row_of(2, 2)
  $$),
  'f 2 row_added', 'a second row of the same id'
);
select is(
  tests.verdict_after($$
    insert into public.audit_logs (organization_id, actor_type, action, resource_type, created_at)
    values ($o, 'system', 'thing.seen', 'things', '2036-01-01')
  $$),
  'f 4 row_added a row', 'one after the head'
);

-- Seals.
select is(
  tests.verdict_after('update public.audit_seals set row_ids = array[1, 2] where organization_id = $o and sequence = $2'),
  'f 2 seal_altered', 'ids that were altered'
);
select is(
  tests.verdict_after('update public.audit_seals set rows_hash = sha256(''x'') where organization_id = $o and sequence = $2'),
  'f 2 seal_altered', 'a hash of rows that was altered'
);
select is(
  tests.verdict_after('update public.audit_seals set sealed_at = sealed_at - interval ''1 day'' where organization_id = $o and sequence = $2'),
  'f 2 seal_altered', 'a time of sealing that was altered'
);
select is(
  tests.verdict_after('update public.audit_seals set month = month - 40 where organization_id = $o and sequence = $2'),
  'f 2 seal_altered', 'a month that was altered'
);
select is(
  tests.verdict_after($$
    update public.audit_seals
    set rows_hash = sha256('x'), hash = sha256(convert_to(private.audit_seal_text(
      organization_id, sequence, month, row_ids, first_row_at, last_row_at, sha256('x'),
      previous_hash, sealed_at
    ), 'UTF8'))
    where organization_id = $o and sequence = $2
  $$),
  'f 2 row_altered', 'a seal that was forged with its hash, by its rows'
);
select is(
  tests.verdict_after($$
    update public.audit_seals
    set row_ids = '{}', row_count = 0, rows_hash = sha256(''), hash = sha256(convert_to(private.audit_seal_text(
      organization_id, sequence, month, '{}', first_row_at, last_row_at, sha256(''),
      previous_hash, sealed_at
    ), 'UTF8'))
    where organization_id = $o and sequence = $2;
    delete from public.audit_logs where organization_id = $o and id in (tests.row_of(1, 1) + 2, tests.row_of(1, 1) + 3)
  $$),
  'f 3 seal_out_of_order', 'a seal that was forged with its rows, by the seal after it'
);
select is(
  tests.verdict_after('delete from public.audit_seals where organization_id = $o and sequence = $2'),
  'f 2 seal_missing', 'a seal that was deleted'
);
select is(
  tests.verdict_after('delete from public.audit_seals where organization_id = $o and sequence <= $1'),
  format('f %s seal_missing', 1 - (select sequence from base)), 'the beginning of the chain'
);
select is(
  tests.verdict_after('delete from public.audit_seals where organization_id = $o and sequence >= $3'),
  'f 3 seal_missing', 'the end of the chain'
);
select is(
  tests.verdict_after($$
    delete from public.audit_logs where organization_id = $o;
    delete from public.audit_seals where organization_id = $o
  $$),
  format('f %s seal_missing', 1 - (select sequence from base)), 'all of it'
);
select is(
  tests.verdict_after($$
    update public.audit_seals set sequence = -1 where organization_id = $o and sequence = $2;
    update public.audit_seals set sequence = $2 where organization_id = $o and sequence = $3;
    update public.audit_seals set sequence = $3 where organization_id = $o and sequence = -1
  $$),
  'f 2 seal_altered', 'two seals that changed places'
);
select is(
  tests.verdict_after($$
    insert into public.audit_seals
    select (jsonb_populate_record(audit_seals, jsonb_build_object('sequence', sequence + 1, 'previous_hash', hash))).*
    from public.audit_seals where organization_id = $o and sequence = $3
  $$),
  'f 4 seal_added', 'a seal that was put behind the head'
);
select is(
  tests.verdict_after('update private.audit_chains set hash = sha256(''x'') where organization_id = $o'),
  'f 3 seal_altered', 'a head that was altered'
);
select is(
  tests.verdict_after($$
    insert into private.audit_unsealed values (12345, $o, now() - interval '2 hours')
  $$),
  'f 4 row_unsealed a row', 'rows that are kept from being sealed'
);
select is(
  tests.verdict_after($$
    select tests.write_and_seal();
    delete from public.audit_logs where id = tests.row_of(2, 1);
    select tests.write_and_seal()
  $$),
  'f 2 row_missing first of 2', 'sealing goes on over a broken seal, which stays the first'
);
select is(
  tests.verdict_after($$
    insert into private.audit_unsealed values (12345, $o, now());
    select private.seal_audit_logs()
  $$),
  'f 4 row_missing a row', 'a row that was removed before it was sealed is missed in its seal'
);
select is(tests.verdict(), 't', 'and the chain holds when all is as it was');

-- Who may ask.
select tests.act_as('ada');
select results_eq(
  $$
    select head_sequence, head_hash, sealed_row_count, archived_row_count, unsealed_row_count
    from public.verify_audit_chain(tests.organization_of('ada'))
  $$,
  $$
    select max(sequence), encode((array_agg(hash order by sequence desc))[1], 'hex'),
      sum(row_count), 0::bigint, 0::bigint
    from public.audit_seals
    where organization_id = tests.organization_of('ada')
  $$,
  'an owner verifies, and is told the head to keep'
);
select tests.act_as('dan');
select ok(
  (select is_valid from public.verify_audit_chain(tests.organization_of('ada'))),
  'an admin verifies'
);
select tests.act_as('bob');
select throws_ok(
  'select public.verify_audit_chain(tests.organization_of(''ada''))', 'PT403', null,
  'a manager does not'
);
select tests.act_as('cleo');
select throws_ok(
  'select public.verify_audit_chain(tests.organization_of(''ada''))', 'PT403', null,
  'nor does a suspended admin'
);
select throws_ok(
  'select public.verify_audit_chain(null)', 'PT403', null, 'no organization is no way around it'
);
select tests.act_as_anon();
select throws_ok(
  'select public.verify_audit_chain(gen_random_uuid())', '42501', null, 'visitors verify nothing'
);

select * from finish();
rollback;
