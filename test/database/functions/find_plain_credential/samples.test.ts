import Ajv from "ajv";
import { describe, expect, it } from "vitest";
import { credentialRules } from "../../../../types/schemas/configuration/rules.ts";
import {
  configuration,
  configurationJsonSchema,
  type DocumentPath,
  findPlainCredential,
} from "../../../../types/schemas.ts";
import { inRolledBackSession } from "../../../support/database/prepared.ts";
import { samples } from "./samples.ts";

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false });
const isValid = ajv.compile(configurationJsonSchema as object);

/** A path as the database writes it. */
function written(path: DocumentPath | null): string | null {
  return (
    path
      ?.map((part) => {
        if (typeof part === "number") return `[${part}]`;
        return /^[A-Za-z0-9_.$@:/-]{1,100}$|^\[redacted\]$/.test(part) ? `.${part}` : ".…";
      })
      .reduce((whole, part) => whole + part, "$") ?? null
  );
}

/** In process, Postgres takes its time over regular expressions. */
const patience = { timeout: 60_000 };

async function inDatabase(documents: unknown[]): Promise<(string | null)[]> {
  const rows = await inRolledBackSession((session) =>
    session.query<{ path: string | null }>(
      `select private.find_plain_credential(sample.document, '$') as path
      from jsonb_array_elements($1::jsonb) with ordinality as sample (document, place)
      order by sample.place`,
      [JSON.stringify(documents)],
    ),
  );
  return rows.map(({ path }) => path);
}

/** Documents that nobody thought of: names and texts put together from parts. */
function strangeDocuments(count: number): Record<string, unknown>[] {
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  const pick = <T>(from: readonly T[]) => from[next(from.length)] as T;
  const words = "api Api KEY key Key token access secret max show smtp id DB auth x 9 X".split(" ");
  const ends = "Key apiKey API_KEY token Token TOKEN Pass pass secretRef key_ref pwd PWD s".split(
    " ",
  );
  const marks = ["", "", "_", "_", "-", ".", "__", " ", "$"];
  const name = () =>
    Array.from({ length: next(4) }, () => pick(words) + pick(marks)).join("") + pick(ends);
  const texts = ["x", "", "none", "abcdefgh12345", "a b", "<X>", "/a/b", "sk-SK", "mailer"];
  const value = (depth: number): unknown => {
    const kind = next(depth > 2 ? 6 : 10);
    if (kind < 5) return pick(texts);
    if (kind < 6) return pick([null, 5, true]);
    if (kind < 7) return [value(depth + 1), value(depth + 1)];
    if (kind < 8) return { name: name(), value: value(depth + 1) };
    return { [name()]: value(depth + 1), [pick(["value", "pass", "user"])]: value(depth + 1) };
  };
  return Array.from({ length: count }, () => ({ [name()]: value(0) }));
}

describe("plain credentials", () => {
  it.each(samples)("are told from everything else: %j", (document, path) => {
    expect(written(findPlainCredential(document))).toBe(path);
    expect(isValid(document)).toBe(path === null);
    expect(configuration.safeParse(document).success).toBe(path === null);
  });

  it("are found by the database where the samples say", patience, async () => {
    expect(await inDatabase(samples.map(([document]) => document))).toEqual(
      samples.map(([, path]) => path),
    );
  });

  it("are the same everywhere in documents put together by chance", patience, async () => {
    const documents = strangeDocuments(600);

    const found = (await inDatabase(documents)).map((path) => path !== null);

    const disagreed = documents.filter(
      (document, index) =>
        (findPlainCredential(document) !== null) !== found[index] ||
        isValid(document) === found[index],
    );
    expect(disagreed).toEqual([]);
    expect(found.filter(Boolean).length).toBeGreaterThan(100);
    expect(found.filter((is) => !is).length).toBeGreaterThan(100);
  });

  it("are told by the same patterns here and in the database", async () => {
    const names = Object.keys(credentialRules);
    const snake = names.map((name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`));

    const rows = await inRolledBackSession((session) =>
      session.query<{ pattern: string }>(
        `select private.credential_pattern(name) as pattern
        from unnest($1::text[]) with ordinality as names (name, place) order by place`,
        [snake],
      ),
    );

    expect(rows.map(({ pattern }) => pattern)).toEqual(Object.values(credentialRules));
  });

  it("are refused with a path that does not repeat them", () => {
    const answer = configuration.safeParse({ mail: { password: "hunter2" } });

    expect(answer.error?.issues).toMatchObject([{ path: ["mail", "password"] }]);
    expect(JSON.stringify(answer.error)).not.toContain("hunter2");
  });
});
