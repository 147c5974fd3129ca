/**
 * Headers for functions that browsers call. Any origin may: what counts is the user's token, which
 * a page must send itself, as no cookie is read.
 */
export const corsHeaders: Record<string, string> = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "POST, OPTIONS",
  "access-control-allow-headers":
    "authorization, apikey, content-type, x-client-info, x-correlation-id, x-organization-id, x-region, x-supabase-api-version",
  "access-control-expose-headers": "content-disposition, retry-after, x-correlation-id",
  "access-control-max-age": "86400",
};
