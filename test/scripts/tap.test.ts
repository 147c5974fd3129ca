import { describe, expect, it } from "vitest";
import { parseTap, planProblem } from "../support/database/tap.ts";

const problemOf = (...lines: string[]) => planProblem(parseTap(lines));

describe("reading TAP", () => {
  it("keeps each assertion with its diagnostics", () => {
    const { assertions } = parseTap([
      "1..3",
      "ok 1 - guests read",
      "not ok 2 - guests write nothing",
      "# Failed test 2",
      "#     have: 1",
      "ok 3 - not here # SKIP no pg_cron",
    ]);

    expect(assertions).toMatchObject([
      { passed: true, description: "guests read", diagnostics: "" },
      { passed: false, diagnostics: "# Failed test 2\n#     have: 1\n" },
      { passed: true, skipped: true, description: "not here" },
    ]);
  });

  it("finds nothing wrong with a plan that holds", () => {
    expect(problemOf("1..1", "ok 1 - yes")).toBeUndefined();
    expect(problemOf("ok 1 - yes", "1..1")).toBeUndefined();
    expect(problemOf("1..0 # SKIP no server")).toBeUndefined();
  });

  it("fails when more or fewer assertions ran than planned", () => {
    expect(problemOf("1..2", "ok 1 - yes")).toContain("Planned 2 assertions but ran 1");
    expect(problemOf("1..1", "ok 1 - yes", "ok 2 - too")).toContain("but ran 2");
  });

  it("fails without a plan, without an assertion and when the file gives up", () => {
    expect(problemOf("ok 1 - yes")).toContain("No plan");
    expect(problemOf("1..0")).toContain("no assertion");
    expect(problemOf("1..1", "ok 1 - yes", "Bail out! The sky fell")).toContain("The sky fell");
  });
});
