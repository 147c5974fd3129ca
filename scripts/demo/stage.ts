import { randomBytes } from "node:crypto";
import type { SupabaseClient } from "@supabase/supabase-js";
import { DemoError } from "./demo-error.ts";
import { unwrap } from "./unwrap.ts";

/** What the demonstration plays in. */
export interface Stage {
  email: string;
  organization: { id: string; name: string };
  channelId: string;
  agent: { id: string; name: string };
}

/** Signs up a new user and sets up their organization, workspace, channel and agent. */
export async function setStage(client: SupabaseClient): Promise<Stage> {
  const tag = randomBytes(3).toString("hex");
  const email = `demo-${tag}@example.com`;
  const signedUp = await client.auth.signUp({
    email,
    password: randomBytes(18).toString("base64url"),
    options: { data: { full_name: "Dana Demo" } },
  });
  if (!unwrap("sign up", signedUp).session) {
    throw new DemoError(
      "The new user must confirm their e-mail address first.",
      "Turn e-mail confirmation off for this project, or use the embedded stack.",
    );
  }

  const organization = unwrap(
    "create an organization",
    await client.rpc("create_organization", { p_name: `Demo ${tag}`, p_slug: `demo-${tag}` }),
  ) as { id: string; name: string };
  const organization_id = organization.id;
  const workspace = unwrap(
    "create a workspace",
    await client
      .from("workspaces")
      .insert({ organization_id, name: "Newsroom" })
      .select("id")
      .single(),
  );
  const channel = unwrap(
    "create a channel",
    await client
      .from("chat_channels")
      .insert({ workspace_id: workspace.id, name: "morning-brief" })
      .select("id")
      .single(),
  );
  const agent = unwrap(
    "create an agent",
    await client
      .from("agents")
      .insert({
        organization_id,
        name: "Iris",
        visibility: "organization",
        instructions: "You are Iris, an editor. You write plainly and never more than is needed.",
      })
      .select("id, name")
      .single(),
  );
  unwrap(
    "let the agent into the workspace",
    await client
      .from("workspace_members")
      .insert({ workspace_id: workspace.id, agent_id: agent.id })
      .select("id")
      .single(),
  );
  return { email, organization, channelId: channel.id, agent };
}
