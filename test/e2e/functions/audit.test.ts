import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../../../scripts/stack/index.ts";
import { must, newPerson, type Person } from "./people.ts";
import { startModellessStack } from "./stack.ts";

let stack: Stack;
let database: pg.Client;
let ada: Person;
let bob: Person;

beforeAll(async () => {
  stack = await startModellessStack();
  ada = await newPerson(stack);
  bob = await newPerson(stack);
  database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
});

afterAll(async () => {
  await database?.end();
  await stack?.stop();
});

/** One turn of the engine, as cron does it. */
async function turn() {
  const response = await fetch(`${stack.url}/functions/v1/task-scheduler`, {
    method: "POST",
    headers: { apikey: stack.keys.secretKey },
  });
  return (await response.json()) as { tick: Record<string, unknown>; woken: string[] };
}

/** Events of one time, as writers leave them. */
async function write(person: Person, count: number, time = "now()", word = "green") {
  await database.query(
    `with written as (
      insert into public.audit_logs
        (organization_id, actor_type, action, resource_type, resource_id, new_values, created_at)
      select $1, 'system', 'thing.seen', 'things', n, jsonb_build_object('colour', $3::text),
        ${time}
      from generate_series(1, $2::integer) as n
      returning id, organization_id, created_at
    )
    insert into private.audit_unsealed select * from written`,
    [person.organizationId, count, word],
  );
}

const exportAs = (person: Person, body: Record<string, unknown>, signal?: AbortSignal) =>
  fetch(`${stack.url}/functions/v1/audit-export`, {
    method: "POST",
    headers: {
      apikey: stack.keys.publishableKey,
      authorization: `Bearer ${person.token}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
    signal,
  });

const verdict = async (person: Person) =>
  must(
    await person.client
      .rpc("verify_audit_chain", { p_organization_id: person.organizationId })
      .single(),
  );

describe("the audit trail", () => {
  it("is searched page by page, sealed and not", async () => {
    await write(ada, 5, "now()", "vermilion");
    await turn();
    await write(ada, 5, "now()", "vermilion");
    const search = (cursor: string | null) =>
      ada.client.rpc("search_audit_logs", {
        p_organization_id: ada.organizationId,
        p_query: "vermilion",
        p_limit: 6,
        p_cursor: cursor,
      });

    const first = must(await search(null));
    const second = must(await search(first.at(-1).cursor));

    expect([first.length, second.length]).toEqual([6, 4]);
    expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(10);
  });

  it("is sealed by the engine, and verifies", async () => {
    await write(ada, 1_500);

    await turn();

    expect(await verdict(ada)).toMatchObject({
      is_valid: true,
      reason: null,
      unsealed_row_count: 0,
      head_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("says where it was altered", async () => {
    await write(bob, 3);
    await turn();
    await database.query("begin");
    await database.query("alter table public.audit_logs disable trigger _100_keep");
    await database.query(
      `update public.audit_logs set new_values = '{"colour": "red"}'
      where organization_id = $1 and resource_id = '2'`,
      [bob.organizationId],
    );
    await database.query("alter table public.audit_logs enable trigger _100_keep");
    await database.query("commit");

    expect(await verdict(bob)).toMatchObject({ is_valid: false, reason: "row_altered" });
  });

  it("is refused to strangers", async () => {
    const asked = { p_organization_id: ada.organizationId };

    for (const name of ["search_audit_logs", "verify_audit_chain"]) {
      expect((await bob.client.rpc(name, asked)).error).toMatchObject({
        details: "permission_denied",
      });
    }
  });
});

describe("an export of the audit trail", () => {
  it("streams every row that the filters leave, and is written down", async () => {
    const response = await exportAs(ada, {
      organization_id: ada.organizationId,
      format: "ndjson",
      filters: { resource_type: "things", query: "green" },
    });

    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("application/x-ndjson");
    const rows = (await response.text())
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows).toHaveLength(1_500);
    expect(rows[0]).toMatchObject({ action: "thing.seen", new_values: { colour: "green" } });
    const [written] = must(
      await ada.client
        .from("audit_logs")
        .select()
        .eq("organization_id", ada.organizationId)
        .eq("action", "audit.exported"),
    );
    expect(written).toMatchObject({
      actor_type: "user",
      new_values: { format: "ndjson", filters: { resource_type: "things", query: "green" } },
    });
  });

  it("answers CSV that a spreadsheet takes for text", async () => {
    await write(ada, 1, "now()", "=HYPERLINK(cobalt)");
    await database.query(
      `select private.record_audit_event($1, 'thing.seen', 'things', '=1+cobalt')`,
      [ada.organizationId],
    );

    const response = await exportAs(ada, {
      organization_id: ada.organizationId,
      filters: { resource_type: "things", query: "cobalt" },
    });

    expect(response.headers.get("content-disposition")).toMatch(/audit-[\w-]+\.csv"$/);
    const lines = (await response.text()).trimEnd().split("\r\n");
    expect(lines).toHaveLength(3);
    expect(lines.join()).toContain(`"'=1+cobalt"`);
  });

  it("survives a client that goes away in the middle of it", async () => {
    const gone = new AbortController();
    const response = await exportAs(
      ada,
      { organization_id: ada.organizationId, format: "ndjson" },
      gone.signal,
    );
    await response.body?.getReader().read();

    gone.abort();

    const next = await exportAs(ada, {
      organization_id: ada.organizationId,
      filters: { query: "cobalt" },
    });
    expect(next.status).toBe(200);
    await next.body?.cancel();
  });

  it("is refused to strangers, and to a filter that nobody knows", async () => {
    const foreign = await exportAs(bob, { organization_id: ada.organizationId });
    const odd = await exportAs(ada, { organization_id: ada.organizationId, filters: { x: 1 } });

    expect(foreign.status).toBe(403);
    expect(await foreign.json()).toMatchObject({ code: "permission_denied" });
    expect(odd.status).toBe(400);
  });
});

describe("a month past its retention", () => {
  it("moves to Storage, from where it can be verified, and leaves the database", async () => {
    await write(ada, 1_700, "'2024-02-01 00:00:00+00'::timestamptz + n * interval '1 minute'");
    await write(ada, 3, "'2024-03-01 00:00:00+00'::timestamptz");
    await turn();
    const { sealed_row_count: before } = await verdict(ada);
    await database.query("select private.enqueue_audit_archives('0')");

    expect((await turn()).woken).toContain("audit-archiver");
    const archivesOf = async () =>
      must(
        await ada.client
          .from("audit_archives")
          .select()
          .eq("organization_id", ada.organizationId)
          .order("month"),
      );
    await expect.poll(async () => (await archivesOf()).length, { timeout: 20_000 }).toBe(1);
    const [archive] = await archivesOf();

    expect(archive).toMatchObject({ month: "2024-02-01", part: 1, row_count: 1_700 });
    const file = must(await ada.client.storage.from("audit-archives").download(archive.path));
    const bytes = Buffer.from(await file.arrayBuffer());
    expect(sha256(bytes).toString("hex")).toBe(archive.sha256);
    expect(checkLines(gunzipSync(bytes).toString())).toEqual({
      rows: 1_700,
      seals: archive.seal_count,
    });
    const { rows } = await database.query(
      `select created_at from public.audit_logs
      where organization_id = $1 and created_at < '2024-06-01'`,
      [ada.organizationId],
    );
    expect(rows).toHaveLength(3);
    expect(await verdict(ada)).toMatchObject({
      is_valid: true,
      archived_row_count: 1_700,
      sealed_row_count: before - 1_700,
    });
  });

  it("is followed by the next one", async () => {
    await database.query("select private.enqueue_audit_archives('0')");
    await turn();

    await expect
      .poll(
        async () =>
          must(
            await ada.client
              .from("audit_archives")
              .select("month")
              .eq("organization_id", ada.organizationId)
              .order("month"),
          ),
        { timeout: 20_000 },
      )
      .toEqual([{ month: "2024-02-01" }, { month: "2024-03-01" }]);
    await turn();
    expect(await verdict(ada)).toMatchObject({ is_valid: true, archived_row_count: 1_703 });
  });

  it("lets nobody call the archiver without the secret key", async () => {
    const response = await fetch(`${stack.url}/functions/v1/audit-archiver`, {
      method: "POST",
      headers: { apikey: stack.keys.publishableKey, authorization: `Bearer ${ada.token}` },
    });

    expect(response.status).toBe(401);
  });
});

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest();

/** Verifies an archive by nothing but itself: each seal names its rows' hashes and the seal before. */
function checkLines(text: string): { rows: number; seals: number } {
  let hashes: Buffer[] = [];
  let before: { sequence: number; hash: string } | undefined;
  const counts = { rows: 0, seals: 0 };

  for (const line of text.trimEnd().split("\n")) {
    const value = JSON.parse(line);
    if (!("rows_hash" in value)) {
      hashes.push(sha256(line));
      counts.rows += 1;
      continue;
    }
    expect(value.rows_hash).toBe(sha256(Buffer.concat(hashes)).toString("hex"));
    expect(value.row_ids).toHaveLength(hashes.length);
    if (before && before.sequence + 1 === value.sequence) {
      expect(value.previous_hash).toBe(before.hash);
    }
    before = { sequence: value.sequence, hash: sha256(line).toString("hex") };
    hashes = [];
    counts.seals += 1;
  }
  expect(hashes).toEqual([]);
  return counts;
}
