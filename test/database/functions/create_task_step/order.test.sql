-- create_task_step() and its kin: the order of steps has no gaps, whatever is asked.
begin;
select plan(31);

create function tests.add_step(p_order integer, p_name text, p_instructions text default 'Do as you are told.')
returns uuid
language sql
as $$
  select public.create_task_step(current_setting('tests.task')::uuid, p_order, p_name, p_instructions)
$$;
create function tests.steps() returns text language sql stable as $$
  select string_agg(step_order || step_name, ' ' order by step_order) from public.task_steps
$$;
create function tests.step(p_name text) returns uuid language sql stable as $$
  select id from public.task_steps where step_name = p_name
$$;

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');
select tests.act_as('ada');
insert into public.agents (name, instructions, visibility) values ('Scribe', 'You write.', 'organization');
insert into public.agent_tasks (agent_id, name) select id, 'report' from public.agents;
select set_config('tests.task', (select id::text from public.agent_tasks), true);

-- Inserting.
select lives_ok($$select tests.add_step(1, 'b')$$, 'the four documented arguments are enough');
select tests.add_step(1, 'a');
select is(tests.steps(), '1a 2b', 'a step put at the front moves the others down');
select tests.add_step(99, 'd');
select is(tests.steps(), '1a 2b 3d', 'a place past the end appends');
select tests.add_step(3, 'c');
select is(tests.steps(), '1a 2b 3c 4d', 'a step goes into the middle');
select tests.add_step(null, 'e');
select is(tests.steps(), '1a 2b 3c 4d 5e', 'no place appends');
select throws_ok($$select tests.add_step(0, 'x')$$, 'PT400', null, 'there is no step zero');
select throws_ok($$select tests.add_step(1, '')$$, 'PT400', null, 'a step has a name');
select lives_ok($$select tests.add_step(6, repeat('n', 100))$$, 'of up to 100 characters');
select throws_ok($$select tests.add_step(1, repeat('n', 101))$$, 'PT400', null, 'and not more');
select throws_ok($$select tests.add_step(1, 'x', 'too short')$$, 'PT400', null, 'instructions have 10 characters at least');
select lives_ok($$select tests.add_step(7, 'long', repeat('i', 5000))$$, 'and up to 5000');
select throws_ok($$select tests.add_step(1, 'x', repeat('i', 5001))$$, 'PT400', null, 'and not more');
select throws_ok($$select tests.add_step(1, null)$$, 'PT400', null, 'null is no name');
select throws_ok(
  $$select public.create_task_step(gen_random_uuid(), 1, 'x', 'Do as you are told.')$$,
  'PT404', null, 'a task that does not exist has no steps'
);

-- Updating.
select is(
  (public.update_task_step(tests.step('b'), 'B')).instructions, 'Do as you are told.',
  'what is left out of an update stays'
);
select public.update_task_step(tests.step('B'), null, 'Do it differently.', true);
select row_eq(
  $$select step_name, instructions, include_previous_context from public.task_steps where step_order = 2$$,
  row('B'::text, 'Do it differently.'::text, true), 'an update changes the rest'
);
select throws_ok(
  $$select public.update_task_step(tests.step('B'), p_instructions => 'short')$$,
  'PT400', null, 'an update is held to the same limits'
);
select throws_ok(
  $$select public.update_task_step(gen_random_uuid(), 'x')$$, 'PT404', null, 'an unknown step cannot be updated'
);

-- Reordering.
select is(
  (select string_agg(step_order || left(step_name, 1), ' ' order by step_order)
   from public.reorder_task_steps(
     current_setting('tests.task')::uuid,
     array(select id from public.task_steps order by step_order desc)
   )),
  '1l 2n 3e 4d 5c 6B 7a', 'steps can be put into any order, and come back in it'
);
select throws_ok(
  $$select public.reorder_task_steps(current_setting('tests.task')::uuid, array[tests.step('a')])$$,
  'PT400', null, 'an order that leaves steps out is refused'
);
select throws_ok(
  $$select public.reorder_task_steps(current_setting('tests.task')::uuid,
      array(select id from public.task_steps union all select tests.step('a')))$$,
  'PT400', null, 'and so is one that names a step twice'
);

-- Deleting.
select public.delete_task_step(tests.step('e'));
select is(
  (select array_agg(step_order order by step_order) from public.task_steps), array[1, 2, 3, 4, 5, 6],
  'deleting leaves no gap'
);
select is((select step_count from public.agent_tasks), 6, 'the task counts along');
select throws_ok(
  $$select public.delete_task_step(gen_random_uuid())$$, 'PT404', null, 'an unknown step cannot be deleted'
);
select public.delete_task_step(id) from public.task_steps;
select row_eq(
  'select step_count, is_multi_step from public.agent_tasks', row(1, false),
  'a task without steps is one step'
);
select lives_ok(
  $$select tests.add_step(null, 'step ' || n) from generate_series(1, 100) as n$$, 'a task has up to 100 steps'
);
select throws_ok($$select tests.add_step(1, 'x')$$, 'PT400', null, 'and not more');

-- Others: who sees the task is told that it is not theirs, who does not is told nothing.
select tests.act_as('bob');
select throws_ok($$select tests.add_step(1, 'x')$$, 'PT403', null, 'an admin cannot tell another''s task what to do');
select throws_ok(
  $$select public.delete_task_step(tests.step('step 1'))$$, 'PT403', null, 'nor delete its steps'
);
select set_config('tests.step', tests.step('step 1')::text, true);
select tests.act_as('eve');
select throws_ok($$select tests.add_step(1, 'x')$$, 'PT404', null, 'a stranger does not learn that the task exists');
select throws_ok(
  $$select public.update_task_step(current_setting('tests.step')::uuid, 'x')$$,
  'PT404', null, 'nor that the step does'
);

select * from finish();
rollback;
