-- What Supabase has switched on from the start; vector and pg_trgm wait for a migration.

create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp" with schema extensions;
