import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SupabaseClient } from "@supabase/supabase-js";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../../../scripts/stack/index.ts";
import {
  deletion,
  organizationDatabaseInfo,
  storageCleanerResult,
} from "../../../types/schemas.ts";
import { clientOf, startTestStack } from "../../support/stack.ts";
import { tracesOf } from "../../support/traces.ts";
import { must, newPerson, type Person, runTask } from "./people.ts";

let folder: string;
let stack: Stack;
let service: SupabaseClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensemble-deletion-"));
  stack = await startTestStack({ memory: false, dataDir: folder });
  service = clientOf(stack, stack.keys.secretKey);
  for (const bucket of ["papers", "pictures"]) must(await service.storage.createBucket(bucket));
});
afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

const put = async (bucket: string, path: string, text = "Kept.") =>
  must(await service.storage.from(bucket).upload(path, new Blob([text]), { upsert: true }));

const isStored = async (bucket: string, path: string) =>
  !(await service.storage.from(bucket).download(path)).error;

/** The files behind the objects: each has one with its bytes and one with what is known of it. */
const filesOnDisk = () =>
  readdirSync(join(folder, "storage"), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length;

/** Turns the engine, which wakes the cleaner, until a text is nowhere any more. */
async function goneWithoutTrace(needle: string) {
  await expect
    .poll(
      async () => {
        const response = await fetch(`${stack.url}/functions/v1/task-scheduler`, {
          method: "POST",
          headers: { apikey: stack.keys.secretKey },
        });
        const { tick } = await response.json();
        expect(tick.errors).toEqual([]);
        return tracesOf(stack.databaseUrl, needle);
      },
      { timeout: 20_000, interval: 250 },
    )
    .toEqual([]);
}

/** Does what no client can. */
async function inDatabase(sql: string) {
  const client = new pg.Client({ connectionString: stack.databaseUrl, ssl: false });
  await client.connect();
  await client.query(sql);
  await client.end();
}

const userOf = async (person: Person) => (await person.client.auth.getUser()).data.user;

describe("an organization", () => {
  it("waits to be deleted, and comes back whole", async () => {
    const owner = await newPerson(stack);
    const p_organization_id = owner.organizationId;
    const agents = () =>
      owner.client.from("agents").select().eq("organization_id", p_organization_id);

    const pending = deletion.parse(
      must(await owner.client.rpc("delete_organization", { p_organization_id })),
    );
    const refused = await owner.client
      .from("agents")
      .insert({ organization_id: p_organization_id, name: "Late" });
    const read = must(await agents());
    const restored = must(await owner.client.rpc("restore_organization", { p_organization_id }));
    const written = await owner.client
      .from("agents")
      .insert({ organization_id: p_organization_id, name: "Again" });

    expect(pending.status).toBe("pending");
    expect(refused.error?.code).toBe("42501");
    expect(read).toHaveLength(1);
    expect(restored.deletion_due_at).toBeNull();
    expect(written.error).toBeNull();
  });

  it("is updated by command, with errors that name the field", async () => {
    const owner = await newPerson(stack);
    const p_organization_id = owner.organizationId;

    const updated = must(
      await owner.client.rpc("update_organization", {
        p_organization_id,
        p_name: "Clinic",
        p_industry: "healthcare",
        p_settings: { theme: "calm" },
      }),
    );
    const refused = await owner.client.rpc("update_organization", {
      p_organization_id,
      p_color: "red",
    });

    expect(updated).toMatchObject({
      name: "Clinic",
      industry: "healthcare",
      settings: { theme: "calm" },
    });
    expect(refused).toMatchObject({
      status: 400,
      error: { code: "PT400", details: "organization_color_invalid" },
    });
  });

  it("is gone at once with its name typed: from tables, Vault, Storage and agent_data", async () => {
    const owner = await newPerson(stack);
    const other = await newPerson(stack);
    const p_organization_id = owner.organizationId;
    const own = `${p_organization_id}/reports/2026/spring.txt`;
    await put("papers", own, "12345");
    await put("pictures", `${p_organization_id}/logo.png`, "678");
    await put("papers", `${other.organizationId}/kept.txt`);
    must(
      await owner.client.rpc("set_model_provider", {
        p_organization_id,
        p_provider: "anthropic",
        p_model: "claude-sonnet-4-5",
        p_api_key: "sk-ant-scripted",
      }),
    );
    await runTask(owner, ["Collect what there is to know."]);
    const filesBefore = filesOnDisk();
    const info = organizationDatabaseInfo.parse(
      must(await owner.client.rpc("organization_database_info", { p_organization_id })),
    );
    const tracesBefore = await tracesOf(stack.databaseUrl, p_organization_id);

    const misspelt = await owner.client.rpc("delete_organization", {
      p_organization_id,
      p_confirm_name: "test",
    });
    const deleted = must(
      await owner.client.rpc("delete_organization", { p_organization_id, p_confirm_name: "Test" }),
    );
    await goneWithoutTrace(p_organization_id);

    expect(info).toMatchObject({ storage_bytes: 8, members: 1, agents: 1 });
    expect(info.tables).toContainEqual({ name: "agents", rows: 1, bytes: expect.any(Number) });
    expect(tracesBefore).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^storage\.objects/),
        expect.stringMatching(/^private\.jobs/),
        expect.stringMatching(/^vault\.secrets/),
      ]),
    );
    expect(misspelt.error).toMatchObject({ code: "PT400", details: "organization_name_mismatch" });
    expect(deletion.parse(deleted).status).toBe("deleted");
    expect(await isStored("papers", own)).toBe(false);
    expect(filesOnDisk()).toBe(filesBefore - 4);
    expect(await isStored("papers", `${other.organizationId}/kept.txt`)).toBe(true);
  });
});

describe("an organization that is large", () => {
  it("is deleted by a worker, in its own time", async () => {
    const owner = await newPerson(stack);
    const p_organization_id = owner.organizationId;
    await inDatabase(
      `update public.organizations set deletion_due_at = now() where id = '${p_organization_id}'`,
    );
    must(
      await service.rpc("enqueue_job", {
        p_queue: "storage",
        p_kind: "delete_organization",
        p_payload: { organization_id: p_organization_id },
      }),
    );

    const response = await fetch(`${stack.url}/functions/v1/storage-cleaner`, {
      method: "POST",
      headers: { apikey: stack.keys.secretKey },
    });

    expect(storageCleanerResult.parse(await response.json()).jobs[0]).toMatchObject({
      kind: "delete_organization",
      outcome: "completed",
    });
    await goneWithoutTrace(p_organization_id);
  });
});

describe("a user", () => {
  it("takes the account back within its days", async () => {
    const { client } = await newPerson(stack);

    const pending = must(await client.rpc("delete_user_account"));
    const restored = must(await client.rpc("restore_user_account"));

    expect(deletion.parse(pending).status).toBe("pending");
    expect(restored.deletion_due_at).toBeNull();
  });

  it("is gone at once with the address typed, with all that was theirs alone", async () => {
    const person = await newPerson(stack);
    const user = await userOf(person);
    const id = user?.id ?? "";
    const { id: personalId } = must(
      await person.client.from("organizations").select("id").eq("is_personal", true).single(),
    );
    await put("papers", `users/${id}/diary.txt`);
    await put("pictures", `${personalId}/me.png`);

    const deleted = must(
      await person.client.rpc("delete_user_account", { p_confirm_email: user?.email }),
    );
    for (const needle of [id, personalId, person.organizationId, user?.email ?? "no address"]) {
      await goneWithoutTrace(needle);
    }

    expect(deletion.parse(deleted).status).toBe("deleted");
    expect(await isStored("papers", `users/${id}/diary.txt`)).toBe(false);
    expect(await isStored("pictures", `${personalId}/me.png`)).toBe(false);
    expect((await person.client.from("agents").select()).data).toEqual([]);
  });
});
