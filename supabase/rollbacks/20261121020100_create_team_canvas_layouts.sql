drop function public.save_team_canvas_layout(uuid, uuid, jsonb, jsonb, jsonb, integer);
drop function private.save_team_canvas_layout(uuid, uuid, jsonb, jsonb, jsonb, integer);
drop function private.organization_of_canvas(uuid);
drop table public.team_canvas_layouts;
