begin;
select plan(20);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

create function tests.denials()
returns table (actor_id uuid, resource_id text, severity text, new_values jsonb)
language sql
stable
as $$
  select audit_logs.actor_id, audit_logs.resource_id, audit_logs.severity, audit_logs.new_values
  from public.audit_logs
  where audit_logs.action = 'permission.denied'
    and audit_logs.organization_id = tests.organization_of('ada')
  order by audit_logs.id
$$;

select tests.act_as('ada');
select ok(
  public.check_permission(tests.organization_of('ada'), 'secrets.manage'), 'an owner may everything'
);
select tests.act_as('bob');
select ok(
  public.check_permission(tests.organization_of('ada'), 'agents.read'), 'a member may what they may'
);
select tests.act_as_nobody();
select is_empty('select * from tests.denials()', 'what is granted is not written down');

select tests.act_as('bob');
select ok(
  not public.check_permission(tests.organization_of('ada'), 'secrets.manage'), 'and nothing else'
);
select ok(
  not public.check_permission(tests.organization_of('ada'), 'secrets.manage'), 'however often'
);
select ok(
  not public.check_permission(tests.organization_of('ada'), 'audit.read'), 'they ask'
);
select tests.act_as_nobody();
select results_eq(
  'select * from tests.denials()',
  $$
    values
      (
        tests.user_id('bob'), 'secrets.manage', 'warning',
        '{"permission": "secrets.manage", "suppressed_count": 0}'::jsonb
      ),
      (
        tests.user_id('bob'), 'audit.read', 'warning',
        '{"permission": "audit.read", "suppressed_count": 0}'::jsonb
      )
  $$,
  'each denial is written down once, with who was denied what'
);

-- Later: the next denial says how many were not written down.
update private.permission_denials set recorded_at = now() - interval '61 seconds';
select tests.act_as('bob');
select public.check_permission(tests.organization_of('ada'), 'secrets.manage');
select tests.act_as_nobody();
select results_eq(
  'select resource_id, new_values -> ''suppressed_count'' from tests.denials() offset 2',
  $$ values ('secrets.manage', '1'::jsonb) $$,
  'a minute later it is written down again, with how many were not'
);
select is(
  (select suppressed_count from private.permission_denials where subject = 'secrets.manage'),
  0::bigint,
  'and the count starts anew'
);

-- Members without rights, and those who are none.
select tests.act_as('sue');
select ok(
  not public.check_permission(tests.organization_of('ada'), 'agents.read'),
  'who is suspended may nothing'
);
select tests.act_as('eve');
select ok(
  not public.check_permission(tests.organization_of('ada'), 'agents.read'), 'nor may a stranger'
);
select public.check_permission(tests.organization_of('ada'), permissions.key)
from public.permissions;
select tests.act_as_nobody();
select is(
  (select count(*) from tests.denials() where actor_id = tests.user_id('eve')),
  1::bigint,
  'whatever a stranger asks is one line an hour'
);
select is(
  (select count(*) from private.permission_denials where user_id = tests.user_id('eve')),
  1::bigint,
  'and one row'
);
select tests.create_user('stranger_' || number) from generate_series(1, 25) as number;
create function tests.crowd() returns void language plpgsql as $$
begin
  for v_number in 1..25 loop
    perform tests.act_as('stranger_' || v_number);
    perform public.check_permission(tests.organization_of('ada'), 'agents.read');
  end loop;
  perform tests.act_as_nobody();
end;
$$;
select tests.crowd();
select is(
  (select count(*) from tests.denials() where actor_id <> all (
    array[tests.user_id('bob'), tests.user_id('sue')]
  )),
  20::bigint,
  'a crowd of strangers fills no log'
);

select tests.act_as('eve');
select ok(
  not public.check_permission(gen_random_uuid(), 'agents.read'),
  'an organization that does not exist is answered as a foreign one'
);
select ok(not public.check_permission(null, 'agents.read'), 'and so is none');
select throws_ok(
  format('select public.check_permission(%L, %L)', tests.organization_of('eve'), 'agents.fly'),
  'PT400', null, 'there are no other permissions'
);
select throws_ok(
  format('select public.check_permission(%L, null)', tests.organization_of('eve')),
  'PT400', null, 'and null is none'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.check_permission(%L, %L)', gen_random_uuid(), 'agents.read'),
  '42501', null, 'a visitor cannot call it'
);

-- What kept repetitions back goes after a day.
select tests.act_as_nobody();
update private.permission_denials
set recorded_at = now() - interval '25 hours'
where user_id = tests.user_id('bob');
select is(private.forget_denials(), 2, 'the tick forgets denials of yesterday');

select * from finish();
rollback;
