import { describe, expect, it } from "vitest";
import { runPgTap } from "../support/database/pgtap.ts";

describe("a pgTAP file", () => {
  it("is run to its end, as whoever it acts as", async () => {
    const { result, problem } = await runPgTap(`
      begin;
      select plan(1);
      select tests.create_user('alice');
      select tests.act_as('alice');
      select is(current_user::text, 'authenticated', 'alice is signed in');
      select * from finish();
      rollback;
    `);

    expect(problem).toBeUndefined();
    expect(result.assertions).toMatchObject([{ passed: true, description: "alice is signed in" }]);
  });

  it("leaves nothing behind", async () => {
    const { result } = await runPgTap(`
      begin;
      select plan(2);
      select is_empty('select from auth.users where email = ''alice@example.test''', 'no user');
      select is(current_user::text, 'postgres', 'no role');
      select * from finish();
      rollback;
    `);

    expect(result.assertions.map(({ passed }) => passed)).toEqual([true, true]);
  });

  it("fails with the line of an error, and keeps what ran before", async () => {
    const { result, problem } = await runPgTap(
      "begin;\nselect plan(2);\nselect pass('before');\nselect 1 / 0;\nselect pass('after');\nrollback;",
    );

    expect(problem).toContain("line 4: division by zero");
    expect(result.assertions).toHaveLength(1);
  });

  it("fails when a comparison does not hold, with both sides", async () => {
    const { result } = await runPgTap(
      "begin;\nselect plan(1);\nselect is(1, 2, 'one is two');\nselect * from finish();\nrollback;",
    );

    expect(result.assertions[0]).toMatchObject({ passed: false, description: "one is two" });
    expect(result.assertions[0]?.diagnostics).toMatch(/have: 1[\s\S]*want: 2/);
  });

  it("fails when it does not keep to one transaction", async () => {
    expect((await runPgTap("select plan(1);")).problem).toContain("must begin with begin;");
    expect((await runPgTap("begin;\nselect plan(1);\ncommit;\nrollback;")).problem).toContain(
      "inside the file's one transaction",
    );
  });
});
