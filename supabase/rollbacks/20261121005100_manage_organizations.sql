drop function public.update_organization(
  uuid, text, text, text, text, text, text, text, jsonb
);
