import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { unpaired } from "../../../scripts/check/folders.ts";
import {
  explainsDefiners,
  isNamedByRule,
  isSetInHouseStyle,
  raisesForTheCaller,
  type Source,
  type SourceRule,
  startsWithReason,
  statesItsClauses,
} from "../../support/database/sources.ts";

const root = new URL("../../../", import.meta.url);

function sourcesIn(folder: string): Source[] {
  const url = new URL(folder, root);
  return readdirSync(url)
    .filter((name) => name.endsWith(".sql"))
    .map((name) => ({ name, sql: readFileSync(new URL(name, url), "utf8") }));
}

const migrations = sourcesIn("supabase/migrations/");
const rollbacks = sourcesIn("supabase/rollbacks/");

/** What a rule reports about one planted source. */
function reported(rule: SourceRule, sql: string, name = "20260101000000_planted.sql"): string[] {
  return rule({ name, sql });
}

describe("migrations", () => {
  it("each have a rollback of the same name", () => {
    expect(
      unpaired(
        migrations.map(({ name }) => name),
        rollbacks.map(({ name }) => name),
      ),
    ).toEqual([]);
    expect(unpaired(["a.sql"], ["b.sql"])).toHaveLength(2);
  });

  it("are named by the rule", () => {
    expect([...migrations, ...rollbacks].flatMap(isNamedByRule)).toEqual([]);
    expect(reported(isNamedByRule, "", "20260101000001_planted.sql")).toHaveLength(1);
    expect(reported(isNamedByRule, "", "20260231101500_add_planted.sql")).toHaveLength(1);
    expect(reported(isNamedByRule, "", "20260228101500_planted.sql")).toHaveLength(1);
    expect(reported(isNamedByRule, "", "1_planted.sql")).toHaveLength(1);
    expect(reported(isNamedByRule, "", "20260228101500_add_planted.sql")).toEqual([]);
  });

  it("say first why they exist", () => {
    expect(migrations.flatMap(startsWithReason)).toEqual([]);
    expect(reported(startsWithReason, "create table t ();")).toHaveLength(1);
  });

  it("are set in the house style", () => {
    expect([...migrations, ...rollbacks].flatMap(isSetInHouseStyle)).toEqual([]);
    expect(reported(isSetInHouseStyle, "SELECT 1;\n")).toHaveLength(1);
    expect(reported(isSetInHouseStyle, "select 'SELECT'; -- SELECT\n")).toEqual([]);
    expect(reported(isSetInHouseStyle, `select '${"x".repeat(100)}';\n`)).toHaveLength(1);
    expect(reported(isSetInHouseStyle, "select 1; \n")).toHaveLength(1);
  });

  it("have functions that state volatility and search_path, clauses in the house order", () => {
    expect(migrations.flatMap(statesItsClauses)).toEqual([]);
    const planted = "create function public.f(p_stable text)\nreturns int\nlanguage sql\n";
    expect(
      reported(statesItsClauses, `${planted}set search_path = ''\nas $$ select 1 $$;`),
    ).toEqual([expect.stringContaining("volatility")]);
    expect(reported(statesItsClauses, `${planted}stable\nas $$ select 1 $$;`)).toEqual([
      expect.stringContaining("search_path"),
    ]);
    expect(
      reported(
        statesItsClauses,
        `${planted}security invoker\nstable\nset search_path = ''\nas $$ $$;`,
      ),
    ).toEqual([expect.stringContaining("order")]);
    expect(
      reported(statesItsClauses, `${planted}stable\nset search_path = ''\nas $$ select 1 $$;`),
    ).toEqual([]);
  });

  it("give each definer its reason", () => {
    expect(migrations.flatMap(explainsDefiners)).toEqual([]);
    expect(reported(explainsDefiners, "security definer\n")).toHaveLength(1);
    expect(reported(explainsDefiners, "security definer -- reads roles\n")).toEqual([]);
  });

  it("raise errors that a caller can act on", () => {
    expect(migrations.flatMap(raisesForTheCaller)).toEqual([]);
    const planted = (statement: string) =>
      `create function private.f()\nreturns void\nlanguage plpgsql\nas $$\nbegin\n  if true then\n    ${statement}\n  end if;\nend;\n$$;`;
    expect(reported(raisesForTheCaller, planted("raise exception 'no';"))).toHaveLength(1);
    expect(
      reported(raisesForTheCaller, planted("raise sqlstate 'PT404' using message = 'No; none';")),
    ).toEqual([expect.stringContaining("detail, hint")]);
    expect(
      reported(
        raisesForTheCaller,
        planted("raise sqlstate 'PT404' using message = 'No', detail = 'none', hint = 'Ask.';"),
      ),
    ).toEqual([]);
    expect(reported(raisesForTheCaller, planted("raise;"))).toEqual([]);
    expect(reported(raisesForTheCaller, planted("raise notice 'hm';"))).toEqual([]);
  });
});
