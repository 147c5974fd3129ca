-- Credentials do not reach the audit trail: under keys that name them, in columns that hold them,
-- and where a text has a known shape.
begin;
select plan(25);

create function tests.redacted(p_document jsonb) returns jsonb language sql as $$
  select private.redact_credentials(p_document)
$$;

select is(
  tests.redacted('{"a": {"b": [{"api_key": "x"}, {"clientSecret": "y", "Authorization": "z"}]}}'),
  '{"a": {"b": [{"api_key": "[redacted]"}, {"clientSecret": "[redacted]", "Authorization": "[redacted]"}]}}',
  'keys that name a credential are found however deep'
);
select is(
  tests.redacted('{"credentials": {"user": "ada", "pin": 1234}}'),
  '{"credentials": "[redacted]"}',
  'a document of credentials goes as a whole'
);
select is(
  tests.redacted('{"max_tokens": 100, "has_secret": true, "token": null}'),
  '{"max_tokens": 100, "has_secret": true, "token": null}',
  'numbers, truths and nothing are no credentials'
);
select is(
  tests.redacted('{"api_key_ref": "openai", "secret_ref": "x"}'),
  '{"api_key_ref": "openai", "secret_ref": "x"}',
  'a reference is none'
);
select is(
  tests.redacted('{"token_hash": "abc", "vault_secret_id": "c0ffee"}'),
  '{"token_hash": "[redacted]", "vault_secret_id": "[redacted]"}',
  'hashes and ids of Vault are not shown'
);
select is(
  private.redact_credentials('{"pin": 1234, "name": "x", "deep": {"pin": 1}}', '{pin}'),
  '{"pin": "[redacted]", "name": "x", "deep": {"pin": 1}}',
  'a named column is not shown whatever it holds'
);
select is(tests.redacted('[]'), '[]', 'an empty list stays');
select is(tests.redacted('{}'), '{}', 'so does an empty document');
select is(tests.redacted('[3, 1, 2]'), '[3, 1, 2]', 'lists keep their order');

select is(
  tests.redacted(to_jsonb(format('use %s now', sample.secret))),
  to_jsonb('use [redacted] now'::text),
  format('%s is found within a text', left(sample.secret, 12))
)
from (
  values
    ('sk-ant-api03-' || repeat('aB3-', 20)),
    ('sk_live_' || repeat('aB3x', 6)),
    ('ghp_' || repeat('aB3x', 9)),
    ('github_pat_' || repeat('aB3x', 12)),
    ('glpat-' || repeat('a-B3', 5)),
    ('xoxb-123456789012-1234567890123-' || repeat('aB3x', 6)),
    ('AKIA' || repeat('A3BX', 4)),
    ('AIza' || repeat('aB3-x', 7)),
    ('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.' || repeat('aB3_', 10))
) as sample (secret);
select is(
  tests.redacted('"postgres://ada:hunter2@db.example.test/x"'),
  '"postgres://ada:[redacted]@db.example.test/x"',
  'a password within an address is hidden, the address stays'
);
select is(
  tests.redacted('"A task-force for risk-management at https://example.test/~ada"'),
  '"A task-force for risk-management at https://example.test/~ada"',
  'prose stays'
);

-- Through the trigger, where a quick search comes first.
select tests.create_user('ada');
select tests.act_as('ada');
insert into public.agents (name, instructions)
values ('One', 'Call with sk_live_' || repeat('aB3x', 6));
insert into public.agents (name, instructions)
select 'Many ' || number, case when number = 77 then 'Bearer ' || repeat('aB3x', 9) else 'Talk.' end
from generate_series(1, 300) as number;
update public.agents set instructions = 'glpat-' || repeat('a-B3', 5) where name = 'Many 1';
delete from public.agents where name in ('One', 'Many 1', 'Many 77');
select is_empty(
  $$
    select from public.audit_logs
    where concat(old_values, new_values) ~ 'aB3x|a-B3'
  $$,
  'no entry holds a credential, of one row or of many'
);
select is(
  (select count(*) from public.audit_logs where concat(old_values, new_values) like '%[redacted]%'),
  6::bigint,
  'where there was one, it says so'
);

select tests.act_as_nobody();
create table public.planted (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  pin integer,
  api_key text,
  settings jsonb
);
select private.enable_audit('public.planted', 'id', array['pin']);
insert into public.planted (organization_id, pin, api_key, settings)
values (tests.organization_of('ada'), 1234, 'plain', '{"smtp": {"password": "hunter2"}}');
update public.planted set pin = 4321, api_key = 'other', settings = '{"smtp": {"password": "x2"}}';
select is(
  (
    select new_values - 'id' - 'organization_id' from public.audit_logs
    where action = 'planted.created'
  ),
  '{"pin": "[redacted]", "api_key": "[redacted]", "settings": {"smtp": {"password": "[redacted]"}}}',
  'columns that hold credentials are not shown'
);
select is(
  (
    select jsonb_build_array(old_values, new_values) from public.audit_logs
    where action = 'planted.updated'
  ),
  '[
    {"pin": "[redacted]", "api_key": "[redacted]", "settings": {"smtp": {"password": "[redacted]"}}},
    {"pin": "[redacted]", "api_key": "[redacted]", "settings": {"smtp": {"password": "[redacted]"}}}
  ]',
  'that they changed is'
);
select is_empty(
  $$
    select * from (
      values
        ('secret'), ('token'), ('password'), ('passphrase'), ('api_key'), ('apiKey'), ('access-key'),
        ('privateKey'), ('signing_key'), ('authorization'), ('credential'), ('vault_id'), ('cookie'),
        ('token_hash'), ('sk-a'), ('pk_a'), ('rk_a'), ('whsec_a'), ('sb_secret_a'), ('sbp_a'),
        ('gho_a'), ('ghu_a'), ('ghs_a'), ('ghr_a'), ('npm_a'), ('hf_a'), ('dop_v1_a'), ('shpat_a'),
        ('gsk_a'), ('pplx-a'), ('pcsk_a'), ('ya29.a'), ('ASIA'), ('AIza'), ('eyJ'), ('PRIVATE BEGIN'),
        ('Bearer x'), ('postgres://ada:x@db')
    ) as sample (text)
    where sample.text !~ private.suspicion_pattern(true)
  $$,
  'the quick search misses none of them'
);

select * from finish();
rollback;
