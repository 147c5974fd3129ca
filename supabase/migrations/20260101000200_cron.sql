-- Cron: when an expression of five fields is due next, in any IANA time zone.
--
-- Dialects of cron differ. This one follows croner 11 with `fixedTimeRule: "no-wildcard"`, the
-- reading closest to vixie cron; test/engine/cron.test.ts holds it to that over thousands of
-- instants:
--   Fields      minute hour day-of-month month day-of-week; no seconds, no years, no L, W, # or ?.
--   Items       *, value, a-b, */n, a-b/n, and lists of these. a/n is refused.
--   Names       jan-dec and sun-sat, in any case, and in ranges. Sunday is 0 and 7; sat-sun is 6-7.
--   Ranges      never wrap around: 22-2 is refused with the hint to write 22-23,0-2.
--   Nicknames   @yearly @annually @monthly @weekly @daily @midnight @hourly; @reboot is refused.
--   Both day fields set: either of them is enough. A field is unset only as a bare * (vixie also
--               takes */2 as unset, and then asks for both).
--   Fixed times are those without * and / in minute and hour (vixie: without a leading *). In the
--               hour that daylight saving skips they run at the first instant after it, if that is
--               still the same day; in the hour that it repeats they run once, in the first pass.
--   Other times keep their real cadence: left out with the skipped hour, run in both passes of a
--               repeated one.
--
-- How: fields become bit strings, and the search jumps from set bit to set bit (month, day, hour,
-- minute) in local wall time; only what it finds is mapped to an instant. Nothing steps by minutes.

create type private.cron_schedule as (
  minutes bit varying,
  hours bit varying,
  days bit varying,
  months bit varying,
  weekdays bit varying,
  is_either_day boolean,
  is_fixed_time boolean
);

comment on type private.cron_schedule is
  'A parsed cron expression. Bit strings start at the lowest value of their field; weekdays hold '
  'six weeks from Sunday, so that a month can be cut out of them.';

-- One way to refuse, so that every message names the field, the offending part and the way out.
create function private.raise_cron_error(p_message text, p_hint text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT400' using
    message = 'Cannot read the cron expression: ' || p_message,
    detail = 'cron_expression_invalid',
    hint = p_hint;
end;
$$;

-- The bits of one field, from p_lowest to p_highest. Raises PT400 cron_expression_invalid.
create function private.parse_cron_field(
  p_name text,
  p_field text,
  p_lowest integer,
  p_highest integer,
  p_value_names text[] default null
)
returns bit varying
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_bits bit varying := repeat('0', p_highest - p_lowest + 1)::bit varying;
  -- Sunday has two numbers; a wildcard must not count it twice.
  v_wildcard_end constant integer := case when p_name = 'day-of-week' then 6 else p_highest end;
  v_allowed text;
  v_item text;
  v_parts text[];
  v_first integer;
  v_last integer;
  v_step integer;
begin
  -- The two commonest forms, without the cost of the pattern below.
  if p_field = '*' then
    return repeat('1', p_highest - p_lowest + 1)::bit varying;
  elsif p_field ~ '^[0-9]{1,2}$' and p_field::integer between p_lowest and p_highest then
    return set_bit(v_bits, p_field::integer - p_lowest, 1);
  end if;

  v_allowed := format(
    'The field %s takes %s-%s%s, as *, value, a-b, */n, a-b/n, or a list of these with commas.',
    p_name, p_lowest, p_highest,
    case when p_value_names is not null then
      format(' or %s-%s', p_value_names[1], p_value_names[array_upper(p_value_names, 1)])
    end
  );

  foreach v_item in array string_to_array(p_field, ',') loop
    v_parts := regexp_match(
      v_item, '^(\*|[0-9]{1,9}|[a-z]{3})(?:-([0-9]{1,9}|[a-z]{3}))?(?:/([0-9]{1,9}))?$'
    );
    if v_parts is null or (v_parts[1] = '*' and v_parts[2] is not null) then
      perform private.raise_cron_error(
        format('"%s" in the field %s is not understood', v_item, p_name), v_allowed
      );
    end if;

    if v_parts[1] = '*' then
      v_first := p_lowest;
      v_last := v_wildcard_end;
    else
      v_first := private.parse_cron_value(p_name, v_parts[1], p_lowest, p_value_names, v_allowed);
      v_last := v_first;
      if v_parts[2] is not null then
        v_last := private.parse_cron_value(p_name, v_parts[2], p_lowest, p_value_names, v_allowed);
        -- The week ends on Sunday for whoever writes sat-sun.
        if p_name = 'day-of-week' and v_parts[2] = 'sun' then
          v_last := 7;
        end if;
      elsif v_parts[3] is not null then
        perform private.raise_cron_error(
          format('"%s" in the field %s steps from a single value', v_item, p_name),
          format('Write %s-%s/%s.', v_parts[1], v_wildcard_end, v_parts[3])
        );
      end if;
    end if;

    if v_first < p_lowest or v_last > p_highest or v_first > p_highest then
      perform private.raise_cron_error(
        format('"%s" in the field %s is out of range', v_item, p_name), v_allowed
      );
    elsif v_first > v_last then
      perform private.raise_cron_error(
        format('"%s" in the field %s ends before it starts', v_item, p_name),
        format(
          'Ranges do not wrap around: write %s-%s,%s-%s.',
          v_parts[1], v_wildcard_end, p_lowest, v_parts[2]
        )
      );
    end if;

    v_step := coalesce(v_parts[3]::integer, 1);
    if v_step < 1 or v_step > v_wildcard_end - p_lowest + 1 then
      perform private.raise_cron_error(
        format('"%s" in the field %s has no usable step', v_item, p_name),
        format('A step in the field %s is 1-%s.', p_name, v_wildcard_end - p_lowest + 1)
      );
    end if;

    for v_value in v_first..v_last by v_step loop
      v_bits := set_bit(v_bits, v_value - p_lowest, 1);
    end loop;
  end loop;

  return v_bits;
end;
$$;

-- A number or a name as a number. Whether it fits the field is the caller's question.
create function private.parse_cron_value(
  p_name text,
  p_value text,
  p_lowest integer,
  p_value_names text[],
  p_allowed text
)
returns integer
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_place integer;
begin
  if p_value ~ '^[0-9]' then
    return p_value::integer;
  end if;

  v_place := array_position(p_value_names, p_value);
  if v_place is null then
    perform private.raise_cron_error(
      format('"%s" in the field %s is not a name it knows', p_value, p_name), p_allowed
    );
  end if;
  return p_lowest + v_place - 1;
end;
$$;

-- Parses an expression, or raises PT400 cron_expression_invalid saying what is wrong and what is
-- allowed.
create function private.parse_cron_expression(p_expression text)
returns private.cron_schedule
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_expression text := lower(btrim(p_expression, E' \t\r\n'));
  v_fields text[];
  v_weekdays bit varying;
  v_schedule private.cron_schedule;
begin
  if p_expression is null or v_expression = '' then
    perform private.raise_cron_error(
      'it is empty', 'Five fields are needed, as in "0 9 * * mon-fri", or a nickname, as in '
      '"@daily".'
    );
  -- Every sensible expression is far shorter; a list without end would be work without end.
  elsif length(v_expression) > 500 then
    perform private.raise_cron_error(
      format('it has %s characters', length(v_expression)), 'At most 500 characters are allowed.'
    );
  end if;

  if v_expression like '@%' then
    v_expression := case v_expression
      when '@yearly' then '0 0 1 1 *'
      when '@annually' then '0 0 1 1 *'
      when '@monthly' then '0 0 1 * *'
      when '@weekly' then '0 0 * * 0'
      when '@daily' then '0 0 * * *'
      when '@midnight' then '0 0 * * *'
      when '@hourly' then '0 * * * *'
      else v_expression
    end;
    if v_expression like '@%' then
      perform private.raise_cron_error(
        format('the nickname "%s" is not known', v_expression),
        'Nicknames are @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly.'
      );
    end if;
  end if;

  v_fields := regexp_split_to_array(v_expression, '\s+');
  if array_length(v_fields, 1) <> 5 then
    perform private.raise_cron_error(
      format('it has %s fields, not 5', array_length(v_fields, 1)),
      'The fields are minute, hour, day-of-month, month and day-of-week; there are none for '
      'seconds and years.'
    );
  end if;

  v_schedule.minutes := private.parse_cron_field('minute', v_fields[1], 0, 59);
  v_schedule.hours := private.parse_cron_field('hour', v_fields[2], 0, 23);
  v_schedule.days := private.parse_cron_field('day-of-month', v_fields[3], 1, 31);
  v_schedule.months := private.parse_cron_field(
    'month', v_fields[4], 1, 12,
    '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}'
  );
  v_weekdays := private.parse_cron_field(
    'day-of-week', v_fields[5], 0, 7, '{sun,mon,tue,wed,thu,fri,sat}'
  );
  v_weekdays := set_bit(
    substring(v_weekdays from 1 for 7), 0, get_bit(v_weekdays, 0) | get_bit(v_weekdays, 7)
  );
  v_schedule.weekdays :=
    v_weekdays || v_weekdays || v_weekdays || v_weekdays || v_weekdays || v_weekdays;
  v_schedule.is_either_day := v_fields[3] <> '*' and v_fields[5] <> '*';
  v_schedule.is_fixed_time := v_fields[1] || v_fields[2] !~ '[*/]';
  return v_schedule;
end;
$$;

-- For triggers: returns, or raises PT400 cron_expression_invalid.
create function private.assert_cron_expression(p_expression text)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  perform private.parse_cron_expression(p_expression);
end;
$$;

-- Whether it names an IANA time zone. Postgres alone would also take abbreviations ("PST", without
-- daylight saving) and POSIX rules ("Mars5", "UTC+3" with the sign the other way round).
create function private.is_timezone(p_timezone text)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if p_timezone is null then
    return false;
  elsif p_timezone = 'UTC' then
    return true;
  -- Without a digit no POSIX rule, with a slash no abbreviation: what Postgres then knows is a
  -- zone.
  elsif p_timezone ~ '^[A-Za-z_]+(/[A-Za-z_-]+)+$'
    or p_timezone ~ '^Etc/GMT(\+([0-9]|1[0-2])|-([0-9]|1[0-4]))$'
  then
    perform '2000-01-01 00:00:00+00'::timestamptz at time zone p_timezone;
    return true;
  end if;

  -- The rest (Japan, EST5EDT) is rare, and this view reads every zone file.
  return exists (
    select
    from pg_catalog.pg_timezone_names
    where lower(pg_timezone_names.name) = lower(p_timezone)
  );
exception
  when invalid_parameter_value then
    return false;
end;
$$;

-- For triggers: returns, or raises PT400 timezone_unknown.
create function private.assert_timezone(p_timezone text)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if not private.is_timezone(p_timezone) then
    raise sqlstate 'PT400' using
      message = format('Cannot find the time zone "%s"', coalesce(left(p_timezone, 64), 'null')),
      detail = 'timezone_unknown',
      hint =
        'Use a name of the IANA time zone database, such as "Europe/Berlin" or "UTC"; '
        'abbreviations are not accepted.';
  end if;
end;
$$;

-- The first day the schedule allows, from p_from on; null when there is none. The longest wait of
-- the Gregorian calendar is eight years, for a 29 February over a turn of the century.
create function private.next_cron_day(p_schedule private.cron_schedule, p_from date)
returns date
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_year integer := extract(year from p_from);
  v_month integer := extract(month from p_from);
  v_day integer := extract(day from p_from);
  v_last_year constant integer := v_year + 9;
  v_jump integer;
  v_start date;
  v_length integer;
  v_days bit varying;
begin
  loop
    v_jump := position(b'1' in substring(p_schedule.months from v_month));
    if v_jump = 0 then
      v_year := v_year + 1;
      v_month := position(b'1' in p_schedule.months);
      v_day := 1;
    elsif v_jump > 1 then
      v_month := v_month + v_jump - 1;
      v_day := 1;
    end if;
    exit when v_year > v_last_year;

    v_start := make_date(v_year, v_month, 1);
    v_length := extract(day from v_start + interval '1 month' - interval '1 day');
    v_days := substring(p_schedule.weekdays from 1 + extract(dow from v_start)::integer for 31);
    if p_schedule.is_either_day then
      v_days := v_days | p_schedule.days;
    else
      v_days := v_days & p_schedule.days;
    end if;

    v_jump := position(b'1' in substring(v_days from v_day for v_length - v_day + 1));
    if v_jump > 0 then
      return v_start + (v_day + v_jump - 2);
    end if;

    v_month := v_month + 1;
    v_day := 1;
  end loop;
  return null;
end;
$$;

-- The first minute on the wall clock that the schedule allows, from the minute p_from on.
create function private.next_cron_wall_time(p_schedule private.cron_schedule, p_from timestamp)
returns timestamp
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_from_day constant date := p_from::date;
  v_day date := private.next_cron_day(p_schedule, v_from_day);
  v_hour integer;
  v_minute integer;
  v_jump integer;
begin
  if v_day = v_from_day then
    v_hour := extract(hour from p_from);
    if get_bit(p_schedule.hours, v_hour) = 1 then
      v_minute := extract(minute from p_from);
      v_jump := position(b'1' in substring(p_schedule.minutes from v_minute + 1));
      if v_jump > 0 then
        return v_day + make_time(v_hour, v_minute + v_jump - 1, 0);
      end if;
    end if;

    v_jump := position(b'1' in substring(p_schedule.hours from v_hour + 2));
    if v_jump > 0 then
      return v_day + make_time(v_hour + v_jump, position(b'1' in p_schedule.minutes) - 1, 0);
    end if;
    v_day := private.next_cron_day(p_schedule, v_from_day + 1);
  end if;

  return v_day + make_time(
    position(b'1' in p_schedule.hours) - 1, position(b'1' in p_schedule.minutes) - 1, 0
  );
end;
$$;

-- The first instant after the gap in which p_wall_time does not exist.
create function private.end_of_gap(p_wall_time timestamp, p_timezone text)
returns timestamptz
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  -- Postgres reads a time in a gap with the offset from before it, so this lies past the gap.
  v_after timestamptz := p_wall_time at time zone p_timezone;
  v_width constant interval := (v_after at time zone p_timezone) - p_wall_time;
  v_before timestamptz := v_after - v_width;
  v_middle timestamptz;
begin
  while v_after - v_before > interval '1 second' loop
    v_middle := v_before
      + make_interval(secs => floor(extract(epoch from v_after - v_before) / 2)::double precision);
    if v_middle at time zone p_timezone < p_wall_time then
      v_before := v_middle;
    else
      v_after := v_middle;
    end if;
  end loop;
  return v_after;
end;
$$;

-- Walks the schedule's wall times from p_from on, to the first that gives an instant after p_after.
create function private.next_cron_instant(
  p_schedule private.cron_schedule,
  p_timezone text,
  p_after timestamptz,
  p_from timestamp
)
returns timestamptz
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_wall timestamp := private.next_cron_wall_time(p_schedule, p_from);
  v_instant timestamptz;
  v_day_before timestamptz;
  v_first_pass timestamptz;
begin
  while v_wall is not null loop
    -- Of the two passes of a repeated hour, Postgres gives the second.
    v_instant := v_wall at time zone p_timezone;

    if v_instant at time zone p_timezone <> v_wall then
      if p_schedule.is_fixed_time then
        v_instant := private.end_of_gap(v_wall, p_timezone);
        if v_instant > p_after and (v_instant at time zone p_timezone)::date = v_wall::date then
          return v_instant;
        end if;
      end if;
    else
      v_day_before := v_instant - interval '24 hours';
      v_first_pass := v_day_before + (v_wall - (v_day_before at time zone p_timezone));
      if v_first_pass < v_instant and v_first_pass at time zone p_timezone = v_wall then
        if v_first_pass > p_after then
          return v_first_pass;
        elsif not p_schedule.is_fixed_time and v_instant > p_after then
          return v_instant;
        end if;
      elsif v_instant > p_after then
        return v_instant;
      end if;
    end if;

    v_wall := private.next_cron_wall_time(p_schedule, v_wall + interval '1 minute');
  end loop;
  return null;
end;
$$;

-- When the expression is due next after p_after; null when never, as for 30 February.
-- Errors: PT400 cron_expression_invalid, PT400 timezone_unknown. The dialect is described above.
create function public.next_cron_occurrence(
  p_expression text,
  p_timezone text,
  p_after timestamptz default now()
)
returns timestamptz
language plpgsql
stable
strict
security invoker
set search_path = ''
as $$
declare
  v_schedule constant private.cron_schedule := private.parse_cron_expression(p_expression);
  v_wall timestamp;
  v_second_pass timestamptz;
  v_occurrence timestamptz;
begin
  perform private.assert_timezone(p_timezone);
  if not isfinite(p_after) then
    return null;
  end if;

  v_wall := p_after at time zone p_timezone;
  v_occurrence := private.next_cron_instant(
    v_schedule, p_timezone, p_after, date_trunc('minute', v_wall) + interval '1 minute'
  );

  -- In the first pass of a repeated hour, wall times already passed come again.
  v_second_pass := v_wall at time zone p_timezone;
  if v_second_pass > p_after and not v_schedule.is_fixed_time then
    v_occurrence := least(
      v_occurrence,
      private.next_cron_instant(
        v_schedule, p_timezone, p_after, date_trunc('minute', v_wall - (v_second_pass - p_after))
      )
    );
  end if;
  return v_occurrence;
end;
$$;

comment on function public.next_cron_occurrence(text, text, timestamptz) is
  'When a cron expression of five fields (or a nickname such as @daily) is due next in an IANA '
  'time zone, after an instant. Null when never. Errors: cron_expression_invalid, '
  'timezone_unknown.';

-- They read nothing but their arguments, and whoever writes a schedule or a time zone needs them.
-- Not anon: nobody without a session writes either.
grant execute on function
  private.raise_cron_error(text, text),
  private.parse_cron_field(text, text, integer, integer, text[]),
  private.parse_cron_value(text, text, integer, text[], text),
  private.parse_cron_expression(text),
  private.assert_cron_expression(text),
  private.is_timezone(text),
  private.assert_timezone(text),
  private.next_cron_day(private.cron_schedule, date),
  private.next_cron_wall_time(private.cron_schedule, timestamp),
  private.end_of_gap(timestamp, text),
  private.next_cron_instant(private.cron_schedule, text, timestamptz, timestamp),
  public.next_cron_occurrence(text, text, timestamptz)
to authenticated, service_role;
