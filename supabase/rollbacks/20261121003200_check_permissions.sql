-- Takes back 20261121003200_check_permissions.sql: nobody asks before, and denials are forgotten.
delete from private.tick_parts where tick_parts.name = 'denials_forgotten';
drop function private.forget_denials();
drop function public.record_permission_denied(uuid, uuid, text, text, text);
drop function private.record_permission_denied(uuid, uuid, text, text, text);
drop function public.check_permission(uuid, text);
drop function private.check_permission(uuid, text);
drop function private.record_denial(uuid, text, jsonb);
drop table private.permission_denials;
