drop function public.my_permissions(uuid);
drop function public.switch_organization(uuid);
drop function private.switch_organization(uuid);
drop function public.create_organization(text, text, text);
drop function private.create_organization(text, text, text);
-- Cascade takes the trigger on auth.users along: to drop that
-- by name one must own the table, which migrations do not.
drop function private.sign_off() cascade;
drop function private.sign_up() cascade;
drop function private.welcome_user(uuid, text, jsonb);
drop function private.found_organization(public.organizations, uuid);
drop function private.make_slug(text);
drop function private.read_claim(jsonb, text, integer);
