import type { SupabaseClient } from "@supabase/supabase-js";
import { beforeAll, describe, expect, it } from "vitest";
import { teamCanvasLayout } from "../../../types/schemas.ts";
import { sharedStack } from "../../support/stack.ts";
import { must, newPerson, type Person } from "./people.ts";

const stack = sharedStack();
let person: Person;
let stranger: Person;
let supabase: SupabaseClient;
let workspaceId: string;
let teams: Record<string, string>;

beforeAll(async () => {
  person = await newPerson(stack);
  stranger = await newPerson(stack);
  supabase = person.client;
  const channel = must(
    await supabase.from("chat_channels").select("workspace_id").eq("id", person.channelId).single(),
  );
  workspaceId = channel.workspace_id;
  const made = must(
    await supabase
      .from("teams")
      .insert(["sales", "support", "board"].map((name) => ({ ...ours(), name })))
      .select("id, name"),
  );
  teams = Object.fromEntries(made.map(({ id, name }: Record<string, string>) => [name, id]));
});

const ours = () => ({ organization_id: person.organizationId });

describe("the canvas, through supabase-js", () => {
  it("draws lines between teams, and no circle of command", async () => {
    const line = must(
      await supabase.rpc("create_team_connection", {
        p_from_team_id: teams.sales,
        p_to_team_id: teams.board,
        p_connection_type: "reports_to",
        p_label: "weekly",
        p_color: "#0088ff",
      }),
    );
    const back = await supabase.rpc("create_team_connection", {
      p_from_team_id: teams.board,
      p_to_team_id: teams.sales,
      p_connection_type: "reports_to",
    });
    const foreign = await stranger.client.rpc("create_team_connection", {
      p_from_team_id: teams.sales,
      p_to_team_id: teams.support,
      p_connection_type: "supports",
    });
    const seen = must(await supabase.from("team_connections").select());

    expect(line).toMatchObject({ ...ours(), label: "weekly", color: "#0088ff", style: "solid" });
    expect(back.error).toMatchObject({ details: "team_hierarchy_cycle" });
    expect(back.status).toBe(409);
    expect(foreign.status).toBe(404);
    expect(seen).toEqual([line]);
  });

  it("keeps one tab from overwriting the other unseen", async () => {
    const save = (positions: unknown[], version: number) =>
      supabase.rpc("save_team_canvas_layout", {
        p_workspace_id: workspaceId,
        p_positions: positions,
        p_connections: [],
        p_view_settings: { zoom: 1 },
        p_expected_version: version,
      });

    const first = teamCanvasLayout.parse(must(await save([{ team_id: teams.sales, x: 1 }], 0)));
    const second = must(await save([{ team_id: teams.sales, x: 2 }], first.version));
    const late = await save([{ team_id: teams.sales, x: 3 }], first.version);
    const kept = must(await supabase.from("team_canvas_layouts").select().single());

    expect(second.version).toBe(2);
    expect(late.status).toBe(409);
    expect(late.error).toMatchObject({
      message: "The layout is at version 2, not 1",
      details: "canvas_layout_changed",
    });
    expect(kept).toMatchObject({ version: 2, positions: [{ team_id: teams.sales, x: 2 }] });
    expect(must(await stranger.client.from("team_canvas_layouts").select())).toEqual([]);
  });

  it("lists the agents that came into a workspace with their team", async () => {
    must(
      await supabase
        .from("team_members")
        .insert({ team_id: teams.sales, agent_id: person.agentId }),
    );
    must(
      await supabase
        .from("workspace_members")
        .insert({ workspace_id: workspaceId, team_id: teams.sales }),
    );

    const agents = await supabase.rpc("workspace_agents", { p_workspace_id: workspaceId });
    const hidden = await stranger.client.rpc("workspace_agents", { p_workspace_id: workspaceId });

    expect(must(agents)).toEqual([
      { agent_id: person.agentId, name: "Iris", is_direct: false, team_ids: [teams.sales] },
    ]);
    expect(must(hidden)).toEqual([]);
  });
});
