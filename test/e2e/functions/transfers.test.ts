import { createHash } from "node:crypto";
import { BlobReader, TextWriter, ZipReader } from "@zip.js/zip.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../../../scripts/stack/index.ts";
import { archiveManifest } from "../../../types/schemas.ts";
import { clientOf, startTestStack } from "../../support/stack.ts";
import { must, newPerson, type Person } from "./people.ts";

let stack: Stack;
let other: Stack;
beforeAll(async () => {
  stack = await startTestStack();
  other = await startTestStack();
}, 120_000);
afterAll(() => Promise.all([stack?.stop(), other?.stop()]));

/** One turn of the worker. */
async function work(on: Stack) {
  const response = await fetch(`${on.url}/functions/v1/organization-transfer`, {
    method: "POST",
    headers: { apikey: on.keys.secretKey, "content-type": "application/json" },
    body: "{}",
  });
  expect(response.status).toBe(200);
  return response.json();
}

async function unzip(blob: Blob): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await new ZipReader(new BlobReader(blob)).getEntries()) {
    if (!entry.directory) files.set(entry.filename, await entry.getData(new TextWriter()));
  }
  return files;
}

/** Asks for an export and answers the archive once it is there. */
async function exported(person: Person): Promise<Blob> {
  const transfer = must(
    await person.client.rpc("export_organization", { p_organization_id: person.organizationId }),
  );
  expect(transfer).toMatchObject({ kind: "export", status: "pending" });
  await work(stack);
  const done = must(
    await person.client.from("organization_transfers").select().eq("id", transfer.id).single(),
  );
  expect(done).toMatchObject({ status: "completed", progress_percent: 100, error_message: null });
  const archive = must(await person.client.storage.from("exports").download(done.archive_path));
  expect(archive.size).toBe(done.archive_bytes);
  const digest = createHash("sha256").update(Buffer.from(await archive.arrayBuffer()));
  expect(digest.digest("hex")).toBe(done.archive_sha256);
  return archive;
}

/** Lines of a table, in a stable order, with the exporter's id in place of the importer's. */
function linesOf(files: Map<string, string>, table: string, renamed: [string, string][] = []) {
  let text = files.get(`ndjson/${table}.ndjson`) ?? "";
  for (const [from, to] of renamed) text = text.replaceAll(from, to);
  return text.trimEnd().split("\n").toSorted();
}

const idOf = async (person: Person) => (await person.client.auth.getUser()).data.user?.id ?? "";

describe("an organization", () => {
  it("leaves one stack in an archive and comes into another as it was", async () => {
    const person = await newPerson(stack);
    must(
      await person.client.from("chat_messages").insert([
        {
          channel_id: person.channelId,
          content: '=HYPERLINK("x")\n漢字 "q", 🎻',
          metadata: { n: null },
        },
        { channel_id: person.channelId, content: "-5" },
      ]),
    );
    must(
      await person.client.from("agent_tasks").insert({
        agent_id: person.agentId,
        name: "Report",
        cron_expression: "0 9 * * *",
        target_conversation_id: person.channelId,
      }),
    );

    const archive = await exported(person);
    const files = await unzip(archive);
    const manifest = archiveManifest.parse(JSON.parse(files.get("manifest.json") ?? ""));

    for (const { name, row_count, columns, ndjson, csv } of manifest.tables) {
      for (const { path, bytes, sha256 } of [ndjson, csv]) {
        const text = files.get(path) ?? "";
        expect([path, Buffer.byteLength(text)]).toEqual([path, bytes]);
        expect(createHash("sha256").update(text).digest("hex")).toBe(sha256);
      }
      const lines = (files.get(ndjson.path) ?? "").split("\n").slice(0, -1);
      expect([name, lines.length]).toEqual([name, row_count]);
      for (const line of lines) {
        const known = columns.map((column) => column.name);
        expect(known).toEqual(expect.arrayContaining(Object.keys(JSON.parse(line))));
      }
      expect((files.get(csv.path) ?? "").split("\n")[0]).toBe(
        columns.map((column) => column.name).join(","),
      );
    }
    expect(manifest.tables.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["organizations", "agents", "chat_messages", "audit_logs"]),
    );
    expect(files.get("csv/chat_messages.csv")).toContain(`"'=HYPERLINK(""x"")\n漢字 ""q"", 🎻"`);
    expect(files.get("csv/chat_messages.csv")).toContain(",-5,");

    // Somebody else's computer, where the importer has the same address and another id.
    const email = (await person.client.auth.getUser()).data.user?.email ?? "";
    const away = clientOf(other);
    must(await away.auth.signUp({ email, password: crypto.randomUUID() }));
    const importerId = (await away.auth.getUser()).data.user?.id ?? "";
    const path = `users/${importerId}/ours.zip`;
    must(
      await away.storage.from("imports").upload(path, archive, { contentType: "application/zip" }),
    );
    const asked = must(await away.rpc("import_organization", { p_archive_path: path }));
    expect(asked).toMatchObject({ kind: "import", status: "pending", organization_id: null });
    await work(other);
    const done = must(
      await away.from("organization_transfers").select().eq("id", asked.id).single(),
    );
    expect(done).toMatchObject({
      error_message: null,
      status: "completed",
      organization_id: person.organizationId,
      result: { left_out: {}, secrets: [], people: [] },
    });

    // It says the same when it is exported from there.
    const imported = { ...person, client: away };
    const second = must(
      await away.rpc("export_organization", { p_organization_id: person.organizationId }),
    );
    await work(other);
    const { archive_path } = must(
      await away.from("organization_transfers").select().eq("id", second.id).single(),
    );
    const again = await unzip(must(await away.storage.from("exports").download(archive_path)));
    const renamed: [string, string][] = [[await idOf(imported), await idOf(person)]];
    const paused: [string, string][] = [
      ...renamed,
      ['"status": "active", "timezone"', '"status": "paused", "timezone"'],
    ];
    for (const name of Object.keys(done.result.loaded)) {
      if (name === "agent_tasks") continue;
      expect(linesOf(again, name, renamed), name).toEqual(linesOf(files, name));
    }
    const [task] = linesOf(again, "agent_tasks", paused).map((line) => JSON.parse(line));
    const [before] = linesOf(files, "agent_tasks").map((line) => JSON.parse(line));
    expect(task).toEqual({ ...before, status: "paused", next_run_at: null });

    // It is there now, so it is not imported twice; and the upload is gone.
    must(await away.storage.from("imports").upload(path.replace("ours", "twice"), archive));
    const twice = must(
      await away.rpc("import_organization", { p_archive_path: path.replace("ours", "twice") }),
    );
    await work(other);
    expect(
      must(await away.from("organization_transfers").select().eq("id", twice.id).single()),
    ).toMatchObject({ status: "failed", error_message: expect.stringContaining("here already") });
    const left = must(await away.storage.from("imports").list(`users/${importerId}`));
    expect(left).toEqual([{ ...left[0], name: expect.stringMatching(/twice\.zip$/) }]);
  }, 120_000);

  it("is not exported by a stranger", async () => {
    const person = await newPerson(stack);
    const stranger = await newPerson(stack);

    const { error, status } = await stranger.client.rpc("export_organization", {
      p_organization_id: person.organizationId,
    });

    expect([status, error?.details]).toEqual([403, "permission_denied"]);
  });
});

describe("a person", () => {
  it("takes along what there is about them, and nothing about others", async () => {
    const person = await newPerson(stack);
    const stranger = await newPerson(stack);
    must(
      await stranger.client
        .from("chat_messages")
        .insert({ channel_id: stranger.channelId, content: "Not yours." }),
    );
    must(
      await person.client
        .from("chat_messages")
        .insert({ channel_id: person.channelId, content: "Mine." }),
    );

    const asked = must(await person.client.rpc("export_personal_data"));
    await work(stack);
    const done = must(
      await person.client.from("personal_data_exports").select().eq("id", asked.id).single(),
    );
    expect(done).toMatchObject({ status: "completed", error_message: null });
    const files = await unzip(
      must(await person.client.storage.from("exports").download(done.archive_path)),
    );
    const manifest = JSON.parse(files.get("manifest.json") ?? "");

    const id = await idOf(person);
    expect(manifest).toMatchObject({ format: "ensemble-person", person: { id } });
    expect(manifest.organizations).toHaveLength(2);
    expect(files.get("ndjson/chat_messages.ndjson")).toContain("Mine.");
    expect(files.get("ndjson/profiles.ndjson")).toContain(id);
    const all = [...files.values()].join("\n");
    expect(all).not.toContain("Not yours.");
    expect(all).not.toContain(await idOf(stranger));
    expect(must(await stranger.client.from("personal_data_exports").select())).toEqual([]);
  }, 60_000);
});
