-- Configurations name secrets; what is a credential itself is refused wherever a configuration is
-- kept, and by whomever it is written.
begin;
select plan(28);

-- What a refusal says, and whether it repeats the credential.
create function tests.refusal(p_statement text)
returns text
language plpgsql
as $$
declare
  v_detail text;
  v_hint text;
begin
  execute p_statement;
  return 'accepted';
exception
  when others then
    get stacked diagnostics v_detail = pg_exception_detail, v_hint = pg_exception_hint;
    if concat(sqlerrm, v_detail, v_hint) ~ 'hunter2' then
      return 'shows the credential';
    end if;
    return concat_ws(' ', sqlstate, v_detail, sqlerrm);
end;
$$;

select tests.create_user('ada');
select tests.act_as('ada');
insert into public.agents (name, config)
values ('Scribe', '{"api_key_ref": "mailer", "token_limit": 5}');
insert into public.workspaces (name) values ('Newsroom');

select is(
  tests.refusal(format(attempt.statement, '{"mail": [{"api_key": "hunter2"}]}')),
  format('PT400 plain_credential There is a plain credential in %s.mail[0].api_key', attempt.place),
  'refused: ' || attempt.statement
)
from (values
  ('insert into public.agents (name, config) values (''Clerk'', %L)', 'config'),
  ('update public.agents set config = %L', 'config'),
  ('update public.organizations set settings = %L', 'settings'),
  ('insert into public.workspaces (name, settings) values (''Desk'', %L)', 'settings'),
  ('update public.workspaces set settings = %L', 'settings'),
  ('update public.user_preferences set ui_preferences = %L', 'ui_preferences'),
  ('update public.user_preferences set notification_settings = %L', 'notification_settings')
) as attempt (statement, place);

select lives_ok(
  $$ update public.agents set config = '{"password_policy": {"min": 8}, "api_key_ref": "mailer"}' $$,
  'references and words about credentials pass'
);
select lives_ok(
  $$ update public.agents set config = '{"api_key": null, "token": 5, "secret": true}' $$,
  'so do values that are no texts'
);
select lives_ok($$ update public.agents set config = default $$, 'and nothing at all');
select is(
  tests.refusal(
    $$ update public.agents set config = '{"note": "\u0067hp_hunter2hunter2hunter2"}' $$
  ),
  'PT400 plain_credential There is a plain credential in config.note',
  'escapes hide nothing'
);
select is(
  tests.refusal($$ update public.agents set config = '{"ghp_hunter2hunter2hunter2": 1}' $$),
  'PT400 plain_credential There is a plain credential in config.[redacted]',
  'a credential as a name is refused, and not repeated'
);
select is(
  tests.refusal(format(
    'update public.agents set config = %L',
    jsonb_build_object('it is hunter2 as prose', jsonb_build_object('password', 'hunter2'))
  )),
  'PT400 plain_credential There is a plain credential in config.….password',
  'nor is prose'
);
select is(
  tests.refusal(format(
    'update public.agents set config = %L',
    jsonb_build_object('a', repeat('[', 500) || repeat(']', 500))
  )),
  'accepted',
  'long texts pass'
);
select is(
  tests.refusal(format(
    'update public.agents set config = %L',
    format('{"a": %s{"password": "hunter2"}%s}', repeat('[', 400), repeat(']', 400))
  )),
  left('PT400 plain_credential There is a plain credential in config.a' || repeat('[0]', 400), 554),
  'however deep it is, and the message keeps its length'
);

select tests.act_as_service();
select is(
  tests.refusal($$ update public.agents set config = '{"api_key": "hunter2"}' $$),
  'PT400 plain_credential There is a plain credential in config.api_key',
  'the service is no exception'
);
select tests.act_as_nobody();
select is(
  tests.refusal($$ update public.agents set config = '{"api_key": "hunter2"}' $$),
  'PT400 plain_credential There is a plain credential in config.api_key',
  'nor is the owner of the tables'
);

-- A row from before the rule keeps what it has until its configuration is written anew.
alter table public.agents disable trigger _150_refuse_plain_credentials;
update public.agents set config = '{"api_key": "hunter2"}';
alter table public.agents enable trigger _150_refuse_plain_credentials;
select tests.act_as('ada');
select lives_ok($$ update public.agents set name = 'Writer' $$, 'an old row can be changed');
select lives_ok(
  $$ update public.agents set name = 'Author', config = config $$, 'also as a whole'
);
select is(
  tests.refusal($$ update public.agents set config = config || '{"x": 1}' $$),
  'PT400 plain_credential There is a plain credential in config.api_key',
  'but not its configuration'
);
update public.agents set config = '{"api_key_ref": "mailer"}';

-- Secrets in use.
select set_config('tests.secret', (
  public.create_organization_secret(tests.organization_of('ada'), 'mailer', 'x')
).id::text, true);
select set_config('tests.agent', (select id::text from public.agents), true);
select is(
  tests.refusal(format('select public.delete_organization_secret(%L)', current_setting('tests.secret'))),
  format(
    'PT409 secret_in_use The secret "mailer" is in use: agents.config (%s)',
    current_setting('tests.agent')
  ),
  'a secret that a configuration names is not deleted'
);
select is(
  tests.refusal(format(
    'select public.update_organization_secret(%L, %L)', current_setting('tests.secret'), 'post'
  )),
  format(
    'PT409 secret_in_use The secret "mailer" is in use: agents.config (%s)',
    current_setting('tests.agent')
  ),
  'nor renamed'
);
update public.agents set config = '{}';
update public.organizations
set settings = format('{"mail": [{"key_ref": "%s"}]}', current_setting('tests.secret'))::jsonb;
select lives_ok(
  format('select public.update_organization_secret(%L, %L)', current_setting('tests.secret'), 'post'),
  'one that is named by its id can be renamed'
);
select is(
  tests.refusal(format('select public.delete_organization_secret(%L)', current_setting('tests.secret'))),
  format(
    'PT409 secret_in_use The secret "post" is in use: organizations.settings (%s)',
    tests.organization_of('ada')
  ),
  'but not deleted'
);

-- Another organization's configuration keeps no secret of this one.
select tests.act_as_nobody();
select tests.create_user('eve');
select tests.act_as('eve');
insert into public.agents (name, config) values ('Copy', '{"api_key_ref": "post"}');
select tests.act_as('ada');
update public.organizations set settings = default;
select lives_ok(
  format('select public.delete_organization_secret(%L)', current_setting('tests.secret')),
  'strangers'' configurations hold nothing back'
);
select public.create_organization_secret(tests.organization_of('ada'), 'last', 'x');
update public.agents set config = '{"api_key_ref": "last"}';
select tests.act_as_nobody();
select lives_ok(
  $$ delete from public.organizations where id = tests.organization_of('eve') $$,
  'organizations go with secrets in use'
);
select lives_ok(
  $$ delete from auth.users where id = tests.user_id('ada') $$, 'and so do their users'
);
select is_empty(
  $$ select from vault.secrets where name like 'organizations/%/secrets/%' $$,
  'nothing is left in Vault'
);

select * from finish();
rollback;
