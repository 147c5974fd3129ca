-- Takes back 20261121030000_create_service_providers.sql: there are no integrations.
drop table public.integration_capabilities;
drop table public.service_providers;
drop type public.provider_type;
