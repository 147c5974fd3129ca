import { z } from "zod";
import { jsonObject, timestamp, uuid } from "./scalars.ts";

/** What a line between teams says, read from the first to the second. */
export const teamConnectionType = z.enum(["reports_to", "collaborates_with", "supports", "custom"]);
export type TeamConnectionType = z.infer<typeof teamConnectionType>;

/** `create_team_connection` (permission `teams.manage`): answers the connection. */
export const createTeamConnectionInput = z.object({
  p_from_team_id: uuid,
  p_to_team_id: uuid,
  p_connection_type: teamConnectionType,
  /** The caller, who need not be named. */
  p_created_by_user_id: uuid.nullish(),
  p_label: z.string().max(200).nullish(),
  /** As #rrggbb. */
  p_color: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i)
    .nullish(),
  p_style: z.enum(["solid", "dashed", "dotted"]).optional(),
});
export type CreateTeamConnectionInput = z.infer<typeof createTeamConnectionInput>;

const arrayOrObject = z.union([z.array(z.unknown()), jsonObject]);

/** `save_team_canvas_layout`: what is left out stays as it is. Answers the layout. */
export const saveTeamCanvasLayoutInput = z.object({
  /** The caller, who need not be named. */
  p_user_id: uuid.nullish(),
  /** None is the canvas of the organization that the caller works in. */
  p_workspace_id: uuid.nullish(),
  p_positions: arrayOrObject.nullish(),
  p_connections: arrayOrObject.nullish(),
  p_view_settings: jsonObject.nullish(),
  /** The version that was changed, 0 for none yet; without it the last save wins. */
  p_expected_version: z.int().min(0).nullish(),
});
export type SaveTeamCanvasLayoutInput = z.infer<typeof saveTeamCanvasLayoutInput>;

/** A row of `team_canvas_layouts`. */
export const teamCanvasLayout = z.looseObject({
  id: uuid,
  organization_id: uuid,
  user_id: uuid,
  workspace_id: uuid.nullable(),
  positions: arrayOrObject,
  connections: arrayOrObject,
  view_settings: jsonObject,
  version: z.int().positive(),
  updated_at: timestamp,
});
export type TeamCanvasLayout = z.infer<typeof teamCanvasLayout>;

/** `workspace_agents`: who is in a workspace, and which teams brought them. */
export const workspaceAgentsInput = z.object({ p_workspace_id: uuid });
export type WorkspaceAgentsInput = z.infer<typeof workspaceAgentsInput>;
