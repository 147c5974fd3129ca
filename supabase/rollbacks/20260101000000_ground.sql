drop function private.inherit_organization();
drop function private.touch_updated_at();

alter default privileges in schema extensions revoke execute on functions from public;
alter default privileges grant execute on functions to public;
alter default privileges in schema public
  grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public
  grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public
  grant all on tables to anon, authenticated, service_role;

drop schema agent_data;
drop schema private;
-- The schema extensions stays: it is the platform's.
