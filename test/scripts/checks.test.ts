import { describe, expect, it } from "vitest";
import { differences } from "../../scripts/check/catalogue.ts";
import { differing, unexplained, unlocked, unpinned } from "../../scripts/check/dependencies.ts";
import { declaredFunctions, undeclared, unpaired } from "../../scripts/check/folders.ts";
import { leftoversIn } from "../../scripts/check/leftovers.ts";
import { permissionsTable, withTable } from "../../scripts/check/permissions-table.ts";
import { runChecks } from "../../scripts/check/run.ts";
import { openWorkbench } from "../../scripts/check/workbench.ts";
import { parseTestArguments } from "../../scripts/test/arguments.ts";

describe("the checks report", () => {
  it("a dependency that is not pinned", () => {
    expect(unpinned({ hono: "4.1.0", pg: "^8.0.0", ws: "latest" })).toEqual([
      expect.stringContaining("pg"),
      expect.stringContaining("ws"),
    ]);
  });

  it("a version that differs between Node and Deno", () => {
    const imports = { zod: "npm:zod@4.0.0", ai: "npm:ai@6.0.1", std: "jsr:@std/path" };

    expect(differing({ zod: "4.0.0", ai: "6.0.0" }, imports)).toEqual([
      expect.stringContaining("ai is 6.0.1, package.json has 6.0.0"),
      expect.stringContaining("std"),
    ]);
  });

  it("a dependency that the README does not explain", () => {
    expect(unexplained(["pg", "ws"], "| `pg` | speaks to Postgres |")).toEqual([
      expect.stringContaining("`ws`"),
    ]);
  });

  it("a platform that the lock file leaves out", () => {
    const packages = {
      "node_modules/a": { optionalDependencies: { "a-linux": "1.0.0", "a-darwin": "1.0.0" } },
      "node_modules/a-linux": {},
    };

    expect(unlocked(packages)).toEqual([expect.stringContaining("a-darwin")]);
  });

  it("functions that are not declared, and declarations without a function", () => {
    const declared = declaredFunctions(
      '[functions.chat]\nentrypoint = "../functions/chat/index.ts"\n[functions.gone]\nverify_jwt = false\n',
    );

    expect(undeclared(["chat"], new Map([...declared].slice(0, 1)))).toEqual([]);
    expect(undeclared(["chat", "new"], declared)).toEqual([
      expect.stringContaining("[functions.new]"),
      expect.stringContaining("functions/gone"),
    ]);
  });

  it("what the roles of the system may do, a domain a row", async () => {
    const query = async () => [
      { domain: "agents", role: "owner", actions: ["read", "run"] },
      { domain: "agents", role: "guest", actions: ["read"] },
    ];

    const table = await permissionsTable({ query } as never);

    expect(table.split("\n").at(-1)).toBe("| `agents.` | read, run | – | – | – | read |");
  });

  it("a README whose table has no place", () => {
    const marks = ["begin", "end"].map((mark) => `<!-- Written by npm run types: ${mark} -->`);

    expect(withTable(`a\n${marks[0]}\nold\n${marks[1]}\nb`, "new")).toBe(
      `a\n${marks[0]}\nnew\n${marks[1]}\nb`,
    );
    expect(() => withTable("no marks", "new")).toThrow("marks are missing");
  });

  it("a migration without its rollback", () => {
    expect(unpaired(["1_a.sql", "2_b.sql"], ["1_a.sql"])).toEqual([
      "supabase/rollbacks/2_b.sql is missing",
    ]);
  });

  it("what was left over", () => {
    const word = ["TO", "DO"].join("");

    expect(leftoversIn("functions/a.ts", `// ${word}: later\nconsole.log(1);\n`)).toHaveLength(2);
    const silencing = ["it.on", "ly('x', test);"].join("");
    expect(leftoversIn("test/a.test.ts", silencing)).toHaveLength(1);
    expect(leftoversIn("functions/a.ts", "const todos = [];\n")).toEqual([]);
  });

  it("what a rollback forgot, lost or changed", () => {
    const before = new Map([
      ["table a", "x"],
      ["table b", "y"],
    ]);
    const after = new Map([
      ["table b", "z"],
      ["table c", "x"],
    ]);

    expect(differences(before, after)).toEqual([
      "table a is gone",
      "table c is left",
      'table b was "y" and is "z"',
    ]);
  });
});

describe("a run of the checks", () => {
  const check = (name: string, problems: string[]) => ({ name, run: async () => ({ problems }) });
  const run = (...checks: Parameters<typeof runChecks>[0]) =>
    runChecks(checks, openWorkbench(), () => undefined);

  it("goes on after a failure, and fails", async () => {
    const broken = { name: "broken", run: () => Promise.reject(new Error("boom")) };

    expect(await run(check("bad", ["no"]), broken, check("good", []))).toEqual({
      summary: "1 passed, 2 failed",
      ok: false,
    });
  });

  it("fails when nothing ran", async () => {
    expect((await run()).ok).toBe(false);
  });
});

describe("the arguments of npm test", () => {
  it("tell suites from parts of paths", () => {
    expect(parseTestArguments(["database", "agents", "--db-url", "postgres://x"])).toMatchObject({
      suites: ["database"],
      filters: ["agents"],
      dbUrl: "postgres://x",
    });
  });
});
