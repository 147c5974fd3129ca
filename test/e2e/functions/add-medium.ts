import { expect, vi } from "vitest";
import type { SharedStack } from "../../support/stack.ts";
import { must, type Person } from "./people.ts";

/** A Markdown medium of the person's, read and assigned to their agent. */
export async function addMedium(
  stack: SharedStack,
  { client, organizationId: organization_id, agentId }: Person,
  text: string,
  more: Record<string, unknown> = {},
): Promise<string> {
  const id = crypto.randomUUID();
  const file = new Blob([text], { type: "text/markdown" });
  const bucket = client.storage.from("media-library");
  must(await bucket.upload(`${organization_id}/${id}/policy.md`, file));
  const row = { id, organization_id, file_name: "policy.md", file_type: file.type };
  must(await client.from("media_library").insert({ ...row, file_size: file.size, ...more }));
  await processMedia(stack);
  const status = client.from("media_library").select("processing_status").eq("id", id);
  await vi.waitFor(
    async () => expect(must(await status.single()).processing_status).toBe("completed"),
    { timeout: 20_000 },
  );
  const assignment = { p_agent_id: agentId, p_media_id: id };
  must(await client.rpc("assign_media_to_agent", assignment));
  return id;
}

/** Does what waits in the queue of media, as the engine has it done. */
export async function processMedia(stack: SharedStack): Promise<void> {
  const response = await fetch(`${stack.url}/functions/v1/media-processor`, {
    method: "POST",
    headers: { apikey: stack.keys.secretKey, "content-type": "application/json" },
    body: "{}",
  });
  expect(response.status).toBe(200);
}
