-- Connections that go take their tokens along again; consents that wait are given up.

delete from private.tick_parts where name = 'lost_consents_forgotten';
drop trigger _100_keep_consent on public.user_integration_credentials;
drop function private.forget_lost_consents();
drop function public.forget_lost_consent(uuid);
drop function private.forget_lost_consent(uuid);
drop function public.lost_consent_credential(uuid);
drop function private.lost_consent_credential(uuid);
drop function private.keep_lost_consent();
delete from private.lost_consents;
drop table private.lost_consents;
drop function private.delete_consent_tokens();
