import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Rpc } from "../../functions/_shared/database/rpc.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { handleAuditExport } from "../../functions/audit-export/handler.ts";
import { type AuditLog, auditExportBody } from "../../types/schemas.ts";

const organizationId = "11111111-1111-4111-8111-111111111111";

let logs: AuditLog[];
let calls: { name: string; args: Record<string, unknown> }[];
let refusals: Record<string, () => HttpError | undefined>;

/** The database in memory: pages go by the cursor, which is a place. */
const rpc: Rpc = async (name, args = {}) => {
  calls.push({ name, args });
  const refusal = refusals[name]?.();
  if (refusal) {
    throw refusal;
  }
  if (name === "begin_audit_export") {
    return "acme";
  }
  const from = args.p_cursor === null ? 0 : Number(args.p_cursor);
  return logs.slice(from, from + Number(args.p_limit));
};

beforeEach(() => {
  logs = Array.from({ length: 7 }, (_, index) => log(index + 1));
  calls = [];
  refusals = {};
});

function log(place: number, more: Partial<AuditLog> = {}): AuditLog {
  return {
    id: 1000 - place,
    organization_id: organizationId,
    actor_type: "user",
    actor_id: null,
    action: "agent.created",
    resource_type: "agents",
    resource_id: "a",
    old_values: null,
    new_values: { name: `Agent ${place}` },
    severity: "info",
    ip_address: "192.0.2.1",
    user_agent: "test",
    correlation_id: null,
    created_at: "2026-11-21T10:00:00+00:00",
    cursor: String(place),
    ...more,
  };
}

const write = vi.fn();
const start = (body: Record<string, unknown>, pageSize = 3) =>
  handleAuditExport(auditExportBody.parse({ organization_id: organizationId, ...body }), {
    rpc,
    service: rpc,
    log: write,
    pageSize,
    now: () => new Date("2026-11-21T12:00:00Z"),
  });

const asked = (name: string) => calls.filter((call) => call.name === name).map(({ args }) => args);

describe("an export of audit logs", () => {
  it("answers every page as lines of JSON, without their cursors", async () => {
    const response = await start({ format: "ndjson" });

    const lines = (await response.text()).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(logs.map(({ cursor, ...rest }) => rest));
    expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    expect(response.headers.get("content-disposition")).toBe(
      'attachment; filename="audit-acme-2026-11-21.ndjson"',
    );
    expect(asked("search_audit_logs").map(({ p_cursor }) => p_cursor)).toEqual([null, "3", "6"]);
  });

  it("answers CSV with a header and every text quoted", async () => {
    logs = [log(1, { user_agent: 'a "browser", really', resource_id: "two\nlines\r" })];

    const text = await (await start({ format: "csv" })).text();

    expect(text).toBe(
      '"created_at","id","actor_type","actor_id","action","resource_type","resource_id",' +
        '"severity","ip_address","user_agent","correlation_id","old_values","new_values"\r\n' +
        '"2026-11-21T10:00:00+00:00",999,"user",,"agent.created","agents","two\nlines\r",' +
        '"info","192.0.2.1","a ""browser"", really",,,"{""name"":""Agent 1""}"\r\n',
    );
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://evil","x")'])(
    "lets no spreadsheet take %j for a formula",
    async (value) => {
      logs = [log(1, { user_agent: value })];

      const text = await (await start({ format: "csv" })).text();

      expect(text).toContain(`'${value.replaceAll('"', '""')}`);
    },
  );

  it("answers an empty file when nothing is found", async () => {
    logs = [];

    expect(await (await start({ format: "ndjson" })).text()).toBe("");
    expect(await (await start({ format: "csv" })).text()).toMatch(/^"created_at",.*\r\n$/);
  });

  it("passes the filters on, and writes them down first", async () => {
    await start({
      filters: { query: "green", severity: "critical", from: "2026-01-01T00:00:00Z" },
    });

    expect(calls.map(({ name }) => name)).toEqual([
      "begin_audit_export",
      "consume_request",
      "search_audit_logs",
    ]);
    expect(asked("begin_audit_export")).toEqual([
      {
        p_organization_id: organizationId,
        p_format: "csv",
        p_filters: { query: "green", severity: "critical", from: "2026-01-01T00:00:00Z" },
      },
    ]);
    expect(asked("search_audit_logs")[0]).toMatchObject({
      p_organization_id: organizationId,
      p_query: "green",
      p_severity: "critical",
      p_from: "2026-01-01T00:00:00Z",
    });
  });

  it("knows no filter but those of the search, and none that names another organization", () => {
    for (const filters of [{ organization_id: organizationId }, { limit: 5 }, { cursor: "1" }]) {
      expect(auditExportBody.safeParse({ organization_id: organizationId, filters }).success).toBe(
        false,
      );
    }
  });

  it("is refused before the stream begins", async () => {
    refusals.begin_audit_export = () => new HttpError(403, "permission_denied", "No.");

    await expect(start({})).rejects.toMatchObject({ status: 403 });
    expect(asked("search_audit_logs")).toEqual([]);
  });

  it("reads a page only when the one before was taken", async () => {
    const reader = (await start({ format: "ndjson" })).body?.getReader();
    expect(asked("search_audit_logs")).toHaveLength(1);

    await reader?.read();
    expect(asked("search_audit_logs")).toHaveLength(1);

    await reader?.read();
    expect(asked("search_audit_logs")).toHaveLength(2);
  });

  it("reads no further page after the client went away", async () => {
    const reader = (await start({ format: "ndjson" })).body?.getReader();
    await reader?.read();

    await reader?.cancel();

    expect(asked("search_audit_logs")).toHaveLength(1);
    expect(write).toHaveBeenCalledWith(
      "info",
      "export ended",
      expect.objectContaining({ ending: "cancelled" }),
    );
  });

  it("breaks off when the caller loses the permission in the middle of it", async () => {
    refusals.search_audit_logs = () =>
      asked("search_audit_logs").length > 2
        ? new HttpError(403, "permission_denied", "No.")
        : undefined;

    const response = await start({ format: "ndjson" });

    await expect(response.text()).rejects.toThrow();
    expect(write).toHaveBeenCalledWith(
      "info",
      "export ended",
      expect.objectContaining({ rows: 6, ending: "broken off" }),
    );
  });
});
