import { createHash, randomBytes } from "node:crypto";
import { BlobReader, TextReader, TextWriter, ZipReader, ZipWriter } from "@zip.js/zip.js";
import { beforeEach, describe, expect, it } from "vitest";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { toCsv } from "../../functions/organization-transfer/csv.ts";
import { handleTransfer } from "../../functions/organization-transfer/handler.ts";
import { archiveManifest } from "../../types/schemas.ts";
import {
  MemoryArchives,
  MemoryStore,
  memoryTools,
  ORGANIZATION_ID,
  TRANSFER_ID,
  transferJob,
} from "./transfer-memory.ts";

const PATH = `exports/${ORGANIZATION_ID}/${TRANSFER_ID}.zip`;
const exportJob = transferJob("export_organization");
const importJob = transferJob("import_organization");

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const tables = () => ({
  organizations: { columns: ["id", "name"], chunks: [[{ id: ORGANIZATION_ID, name: "Ours" }]] },
  agents: {
    columns: ["id", "name", "config"],
    chunks: [
      [
        { id: "1", name: "=1+1", config: { a: null } },
        { id: "2", name: "" },
      ],
      [{ id: "3", name: 'Say "hi",\r\nthen go', config: null }],
    ],
  },
  teams: { columns: ["id"], chunks: [] },
});

/** Every file of a zip as text. */
async function unzip(content: Uint8Array | undefined): Promise<Map<string, string>> {
  const reader = new ZipReader(new BlobReader(new Blob([content as BlobPart])));
  const files = new Map<string, string>();
  for (const entry of await reader.getEntries()) {
    if (!entry.directory) files.set(entry.filename, await entry.getData(new TextWriter()));
  }
  return files;
}

async function zip(files: Iterable<[string, string]>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const sink = new WritableStream<Uint8Array>({
    write(chunk) {
      parts.push(chunk);
    },
  });
  const writer = new ZipWriter(sink, { useWebWorkers: false });
  for (const [name, text] of files) await writer.add(name, new TextReader(text));
  await writer.close();
  return Buffer.concat(parts);
}

describe("an export", () => {
  it("becomes one zip with each table twice and a manifest that fits it", async () => {
    const store = new MemoryStore(tables());
    const { tools } = memoryTools(store);

    const outcome = await handleTransfer(exportJob, tools);

    const content = tools.archives.objects.get(PATH);
    const files = await unzip(content);
    const manifest = archiveManifest.parse(JSON.parse(files.get("manifest.json") ?? ""));
    expect(outcome).toBe("completed");
    expect([...files.keys()]).toEqual([
      "ndjson/organizations.ndjson",
      "csv/organizations.csv",
      "ndjson/agents.ndjson",
      "csv/agents.csv",
      "ndjson/teams.ndjson",
      "csv/teams.csv",
      "manifest.json",
    ]);
    expect(files.get("ndjson/agents.ndjson")?.split("\n")).toHaveLength(4);
    expect(files.get("csv/agents.csv")).toBe(
      'id,name,config\n1,\'=1+1,"{""a"":null}"\n2,"",\n3,"Say ""hi"",\r\nthen go",\n',
    );
    expect(files.get("csv/teams.csv")).toBe("id\n");
    expect(manifest.tables.map(({ name, row_count }) => [name, row_count])).toEqual([
      ["organizations", 1],
      ["agents", 3],
      ["teams", 0],
    ]);
    for (const { ndjson, csv } of manifest.tables) {
      for (const { path, bytes, sha256: hash } of [ndjson, csv]) {
        const text = files.get(path) ?? "";
        expect([path, bytes, hash]).toEqual([path, Buffer.byteLength(text), sha256(text)]);
      }
    }
    expect(store.completed).toEqual({
      path: `${ORGANIZATION_ID}/${TRANSFER_ID}.zip`,
      bytes: content?.byteLength,
      sha256: createHash("sha256")
        .update(content ?? "")
        .digest("hex"),
    });
  });

  it("removes the archive again when it was cancelled at the end", async () => {
    const store = new MemoryStore(tables());
    store.isCancelled = true;
    const { tools } = memoryTools(store);

    expect(await handleTransfer(exportJob, tools)).toBe("cancelled");
    expect(tools.archives.objects.size).toBe(0);
  });

  it("stops when it was cancelled on the way, and keeps no part of the archive", async () => {
    const store = new MemoryStore(tables());
    store.report = async () => {
      throw new HttpError(409, "transfer_over", "The transfer is over");
    };
    const { tools, ended } = memoryTools(store);

    expect(await handleTransfer(exportJob, tools)).toBe("cancelled");
    expect(ended).toEqual([exportJob]);
    expect(tools.archives.objects.size).toBe(0);
  });

  it("comes back when the database or Storage is away, or the worker's time is over", async () => {
    const away = new HttpError(503, "database_unavailable", "The database did not answer.");
    const store = new MemoryStore(tables());
    store.readValues = () => Promise.reject(away);
    const { tools } = memoryTools(store);
    await expect(handleTransfer(exportJob, tools)).rejects.toBe(away);

    const full = memoryTools(new MemoryStore(tables())).tools;
    full.archives.upload = () => Promise.reject(away);
    await expect(handleTransfer(exportJob, full)).rejects.toBe(away);

    const late = { ...memoryTools(new MemoryStore(tables())).tools };
    late.signal = AbortSignal.abort(new Error("The time is over"));
    await expect(handleTransfer(exportJob, late)).rejects.toThrow("The time is over");
  });

  it("tells its owner when the archive is larger than Storage takes", async () => {
    const store = new MemoryStore(tables());
    const { tools } = memoryTools(store);
    tools.archives.upload = () =>
      Promise.reject(new HttpError(413, "archive_too_large", "It is too large"));

    expect(await handleTransfer(exportJob, tools)).toBe("failed");
    expect(store.failure).toBe("It is too large");
  });

  it("holds a few chunks in memory, whatever the table's length", async () => {
    // Random, so that it hardly gets smaller: what is read shows in what is written.
    const chunk = [{ id: randomBytes(750_000).toString("base64") }];
    const chunks = Array.from({ length: 60 }, () => chunk);
    const store = new MemoryStore({ agents: { columns: ["id"], chunks } });
    const { tools } = memoryTools(store);
    let read = 0;
    let written = 0;
    let ahead = 0;
    store.readLines = async () => {
      read += 1;
      return JSON.stringify(chunk[0]);
    };
    store.readValues = async () => [];
    tools.archives.upload = async (_bucket, _path, content) => {
      for await (const part of content) {
        written += part.byteLength;
        ahead = Math.max(ahead, read - written / 750_000);
      }
    };

    await handleTransfer(exportJob, tools);

    expect(read).toBe(60);
    expect(ahead).toBeLessThan(6);
  });
});

describe("CSV", () => {
  it("disarms what a spreadsheet would run, and leaves numbers alone", () => {
    expect(
      toCsv([["=A1", "+1", "-2.5e3", "-2+3", "@x", "\tx", "\rx", "＝x", "a=b", null, ""]]),
    ).toBe("'=A1,+1,-2.5e3,'-2+3,'@x,'\tx,\"'\rx\",'＝x,a=b,,\"\"\n");
  });
});

describe("an import", () => {
  let archive: Map<string, string>;
  let store: MemoryStore;
  beforeEach(async () => {
    const { tools } = memoryTools(new MemoryStore(tables()));
    await handleTransfer(exportJob, tools);
    archive = await unzip(tools.archives.objects.get(PATH));
    store = new MemoryStore(tables(), "import_organization");
  });

  async function bring(content: Uint8Array): Promise<string> {
    const archives = new MemoryArchives();
    archives.objects.set("imports/users/u/a.zip", content);
    return handleTransfer(importJob, memoryTools(store, archives).tools);
  }

  /** Changes the manifest of the archive. */
  // biome-ignore lint/suspicious/noExplicitAny: what hostile archives hold has no type
  function rewrite(change: (manifest: any) => void) {
    const manifest = JSON.parse(archive.get("manifest.json") ?? "");
    change(manifest);
    archive.set("manifest.json", JSON.stringify(manifest));
  }

  async function expectRefusal(reason: string | RegExp) {
    expect(await bring(await zip(archive))).toBe("failed");
    expect(store.failure).toMatch(reason);
    expect(store.loaded).toBe(false);
  }

  it("hands the rows on as they are, then has them loaded", async () => {
    expect(await bring(await zip(archive))).toBe("completed");

    expect(store.loaded).toBe(true);
    expect(store.staged.get("agents")?.map((line) => JSON.parse(line).id)).toEqual(["1", "2", "3"]);
    expect(store.staged.has("teams")).toBe(false);
    expect(store.reports.map(([percent]) => percent)).toEqual([0, 26, 53, 80]);
  });

  it("leaves tables that are not wanted unread", async () => {
    store = new MemoryStore({ agents: tables().agents }, "import_organization");
    expect(await bring(await zip(archive))).toBe("completed");
    expect([...store.staged.keys()]).toEqual(["agents"]);
  });

  it("refuses what is no zip, and one that is cut off", async () => {
    expect(await bring(Buffer.from("PK no"))).toBe("failed");
    expect(store.failure).toMatch("no sound zip file");
    const whole = await zip(archive);
    expect(await bring(whole.subarray(0, whole.length - 200))).toBe("failed");
    expect(store.failure).toMatch("no sound zip file");
  });

  it("refuses bytes that were changed", async () => {
    const whole = Buffer.from(await zip(archive));
    const at = whole.indexOf("ndjson/agents.ndjson") + 40;
    whole.writeUInt8(whole.readUInt8(at) ^ 0xff, at);
    expect(await bring(whole)).toBe("failed");
    expect(store.failure).toMatch("damaged");
  });

  it("refuses rows that were changed, with the manifest left as it was", async () => {
    const lines = archive.get("ndjson/agents.ndjson") ?? "";
    archive.set("ndjson/agents.ndjson", lines.replace('"1"', '"9"'));
    await expectRefusal("SHA-256");
  });

  it("refuses a count that is not that of the rows", async () => {
    rewrite(({ tables }) => {
      tables[1].row_count = 2;
    });
    await expectRefusal("has 3 rows, not 2");
  });

  it.each([
    "../../etc/passwd",
    "/etc/passwd",
    "ndjson/../../x.ndjson",
    "ndjson\\x.ndjson",
    "ndjson/",
    "readme.txt",
  ])("refuses a file called %s", async (name) => {
    archive.set(name, "");
    await expectRefusal(/does not belong|Unsafe filename/);
  });

  it("refuses files that the manifest does not name, or names elsewhere", async () => {
    archive.set("ndjson/more.ndjson", "{}\n");
    await expectRefusal("does not name");
    archive.delete("ndjson/more.ndjson");
    rewrite(({ tables }) => {
      tables[1].ndjson.path = "ndjson/organizations.ndjson";
    });
    await expectRefusal("differ");
  });

  it("refuses a manifest that is missing, no JSON, damaged, or of a later version", async () => {
    const manifest = archive.get("manifest.json") ?? "";
    archive.delete("manifest.json");
    await expectRefusal("no manifest");
    archive.set("manifest.json", "{");
    await expectRefusal("no JSON");
    archive.set("manifest.json", "null");
    await expectRefusal("damaged at its root");
    archive.set("manifest.json", manifest.replace('"row_count": 3', '"row_count": -3'));
    await expectRefusal("damaged at tables.1.row_count");
    archive.set("manifest.json", manifest.replace('"format_version": 1', '"format_version": 2'));
    await expectRefusal("later version");
  });

  it("does not unpack a bomb any further than it said it was long", async () => {
    archive.set("ndjson/agents.ndjson", "0".repeat(50_000_000));
    await expectRefusal("longer than it may be");
  });

  it("refuses one that says it would unpack to more than there is room for", async () => {
    rewrite(({ tables }) => {
      tables[1].ndjson.bytes = 2 * 1024 * 1024 * 1024;
    });
    await expectRefusal("would unpack to more than 1024 MiB");
  });

  it("does not read an archive to its end that is larger than the limit", async () => {
    let given = 0;
    const archives = new MemoryArchives();
    archives.download = async () =>
      new ReadableStream({
        pull(controller) {
          given += 1;
          controller.enqueue(new Uint8Array(1024 * 1024));
        },
      });

    expect(await handleTransfer(importJob, memoryTools(store, archives).tools)).toBe("failed");
    expect(store.failure).toMatch("larger than 50 MiB");
    expect(given).toBeLessThan(55);
  });

  it("tells its owner why the database refused it", async () => {
    store.load = () =>
      Promise.reject(
        new HttpError(409, "import_ids_taken", "The organization is here already", {
          hint: "It can be imported once.",
        }),
      );
    expect(await bring(await zip(archive))).toBe("failed");
    expect(store.failure).toBe("The organization is here already. It can be imported once.");
  });
});

describe("the removal of an archive, or of an object that no medium claimed", () => {
  it.each(["imports", "exports", "media-library"])("ends its job: %s", async (bucket) => {
    const archives = new MemoryArchives();
    archives.objects.set(`${bucket}/users/u/a.zip`, new Uint8Array());
    const job = transferJob("remove_archive", { bucket, path: "users/u/a.zip" });
    const { tools, ended } = memoryTools(new MemoryStore({}), archives);

    expect(await handleTransfer(job, tools)).toBe("completed");
    expect(archives.objects.size).toBe(0);
    expect(ended).toEqual([job]);
  });
});
