-- Takes back 20261121001300_search_audit_logs.sql: audit logs are read, not searched.

drop function public.begin_audit_export(uuid, text, jsonb);
drop function private.begin_audit_export(uuid, text, jsonb);
drop function public.search_audit_logs(
  uuid, text, uuid, text, text, text, text, text, text, timestamptz, timestamptz, integer, text
);
drop function private.search_audit_logs(
  uuid, text, uuid, text, text, text, text, text, text, timestamptz, timestamptz, integer, text
);
drop function private.audit_cursor(timestamptz, bigint);
drop trigger _500_index_audit_logs on private.audit_unsealed;
drop function private.index_audit_logs();
drop function private.audit_document(public.audit_logs);
drop function private.audit_words(jsonb);
drop function private.audit_facet(text, text);
drop table private.audit_documents;
