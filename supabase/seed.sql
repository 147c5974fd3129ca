-- Runs once in a new local database, after the migrations.
-- Nothing is planted: `npm run demo` shows a filled organization, and tests make what they need.

select 1;
