-- next_cron_occurrence(): what it understands, and how it refuses. That the instants are right is
-- proven against croner in test/engine/cron.test.ts.
begin;
select plan(32);
select tests.create_user('ada');

create function tests.next_in_utc(p_expression text)
returns text
language sql
as $$
  select to_char(
    public.next_cron_occurrence(p_expression, 'UTC', '2026-03-04 10:17:30+00') at time zone 'UTC',
    'YYYY-MM-DD HH24:MI'
  )
$$;

create function tests.refusal(p_expression text, p_timezone text default 'UTC')
returns text
language plpgsql
as $$
declare
  v_message text;
  v_detail text;
  v_hint text;
begin
  perform public.next_cron_occurrence(p_expression, p_timezone);
  return null;
exception
  when sqlstate 'PT400' then
    get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
    return concat_ws(' | ', v_detail, v_message, v_hint);
end;
$$;

select tests.act_as('ada');

select is(tests.next_in_utc('* * * * *'), '2026-03-04 10:18', 'every minute is the next full minute');
select is(tests.next_in_utc('@hourly'), '2026-03-04 11:00', '@hourly');
select is(tests.next_in_utc('@daily'), '2026-03-05 00:00', '@daily');
select is(tests.next_in_utc('@midnight'), '2026-03-05 00:00', '@midnight');
select is(tests.next_in_utc('@weekly'), '2026-03-08 00:00', '@weekly');
select is(tests.next_in_utc('@monthly'), '2026-04-01 00:00', '@monthly');
select is(tests.next_in_utc('@Yearly'), '2027-01-01 00:00', '@yearly, in any case');
select is(tests.next_in_utc('@annually'), '2027-01-01 00:00', '@annually');
select is(tests.next_in_utc('0 9 * * MON-fri'), '2026-03-05 09:00', 'names and ranges of weekdays');
select is(tests.next_in_utc('0 9 * * 7'), '2026-03-08 09:00', 'Sunday is 7');
select is(tests.next_in_utc('0 9 * * 0'), '2026-03-08 09:00', 'and 0');
select is(tests.next_in_utc('0 9 * * sat-sun'), '2026-03-07 09:00', 'a range may end on Sunday');
select is(tests.next_in_utc('5-20/5 10 * * *'), '2026-03-04 10:20', 'a range with a step');
select is(tests.next_in_utc('0 0 1,15 jun *'), '2026-06-01 00:00', 'a list');
select is(tests.next_in_utc('  0   9 * *  * '), '2026-03-05 09:00', 'spaces do not matter');
select is(tests.next_in_utc('0 0 1 * fri'), '2026-03-06 00:00', 'of two day fields, either is enough');
select is(tests.next_in_utc('0 0 30 2 *'), null, 'what never happens has no occurrence');
select is(
  public.next_cron_occurrence(null, 'UTC'),
  null,
  'no expression has no occurrence'
);
select ok(
  public.next_cron_occurrence('* * * * *', 'UTC') > now(),
  'without an instant it counts from now'
);

select is(
  tests.refusal('60 * * * *'),
  'cron_expression_invalid | Cannot read the cron expression: "60" in the field minute is out of range | The field minute takes 0-59, as *, value, a-b, */n, a-b/n, or a list of these with commas.',
  'a value out of range is named with its field and what is allowed'
);
select is(
  tests.refusal('0 9 * * xyz'),
  'cron_expression_invalid | Cannot read the cron expression: "xyz" in the field day-of-week is not a name it knows | The field day-of-week takes 0-7 or sun-sat, as *, value, a-b, */n, a-b/n, or a list of these with commas.',
  'an unknown name is named with the names there are'
);
select matches(tests.refusal('* * * *'), 'it has 4 fields, not 5 \| The fields are', 'a missing field is counted');
select matches(tests.refusal('0 0 * * * *'), 'it has 6 fields, not 5 \|.*none for seconds', 'seconds are refused');
select matches(tests.refusal('0 22-2 * * *'), '"22-2" in the field hour ends before it starts \| .*22-23,0-2', 'a range that wraps around is refused with what to write instead');
select matches(tests.refusal('5/10 * * * *'), '"5/10" in the field minute steps from a single value \| Write 5-59/10', 'so is a step from a value');
select matches(tests.refusal('*/0 * * * *'), 'has no usable step \| A step in the field minute is 1-60', 'so is a step of nothing');
select matches(tests.refusal('@reboot'), 'the nickname "@reboot" is not known', 'so is @reboot');
select matches(tests.refusal(''), 'it is empty', 'so is nothing');
select matches(tests.refusal(repeat('1,', 300) || '1 * * * *'), 'it has 609 characters', 'so is a list without end');
select is(
  tests.refusal('* * * * *', 'Mars/Olympus'),
  'timezone_unknown | Cannot find the time zone "Mars/Olympus" | Use a name of the IANA time zone database, such as "Europe/Berlin" or "UTC"; abbreviations are not accepted.',
  'an unknown time zone is named'
);
select matches(tests.refusal('* * * * *', 'Mars/Olympus5'), 'timezone_unknown', 'a POSIX rule is no time zone, though Postgres takes it');

select tests.act_as_anon();
select throws_ok(
  $$select public.next_cron_occurrence('* * * * *', 'UTC')$$,
  '42501', null, 'a visitor asks in vain'
);

select * from finish();
rollback;
