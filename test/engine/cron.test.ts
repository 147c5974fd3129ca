import { Cron } from "croner";
import { type Client, escapeLiteral } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomExpression } from "./cron/expressions.ts";
import { randomInstant, zones } from "./cron/instants.ts";
import { Random } from "./cron/random.ts";
import { connect } from "./database.ts";

const count = 12_000;
const batch = 2_000;
const seed = Number(process.env.CRON_SEED ?? 20260101);

interface Case {
  expression: string;
  zone: string;
  after: Date;
}

let database: Client;

beforeAll(async () => {
  database = await connect();
});

afterAll(async () => {
  await database.end();
});

function croner({ expression, zone, after }: Case): string | null {
  const cron = new Cron(expression, {
    timezone: zone,
    mode: "5-part",
    fixedTimeRule: "no-wildcard",
  });
  return cron.nextRun(after)?.toISOString() ?? null;
}

async function ours(cases: Case[]): Promise<(string | null)[]> {
  const { rows } = await database.query<{ occurrence: Date | null }>(
    `select public.next_cron_occurrence(cases.expression, cases.zone, cases.after) as occurrence
    from unnest($1::text[], $2::text[], $3::timestamptz[])
      with ordinality as cases (expression, zone, after, place)
    order by cases.place`,
    [
      cases.map(({ expression }) => expression),
      cases.map(({ zone }) => zone),
      cases.map(({ after }) => after.toISOString()),
    ],
  );
  return rows.map(({ occurrence }) => occurrence?.toISOString() ?? null);
}

/** One occurrence, asked in the simple protocol: its errors are answered alike by every server. */
async function next(expression: string, zone: string, after: string): Promise<string | null> {
  const [literalExpression, literalZone, literalAfter] = [expression, zone, after].map(
    escapeLiteral,
  );
  const { rows } = await database.query<{ occurrence: Date | null }>(
    `select public.next_cron_occurrence(${literalExpression}, ${literalZone}, ${literalAfter})
      as occurrence`,
  );
  return rows[0]?.occurrence?.toISOString() ?? null;
}

async function sequence(expression: string, zone: string, after: string, length: number) {
  const occurrences: (string | null)[] = [];
  for (let from: string | null = after; from && occurrences.length < length; ) {
    from = await next(expression, zone, from);
    occurrences.push(from);
  }
  return occurrences;
}

describe("next_cron_occurrence", () => {
  it(`agrees with croner on ${count} random expressions, zones and instants`, async () => {
    console.log(`cron oracle: seed ${seed} (set CRON_SEED to repeat another)`);
    const random = new Random(seed);
    const cases = Array.from({ length: count }, () => {
      const zone = random.pick(zones);
      return { expression: randomExpression(random), zone, after: randomInstant(random, zone) };
    });

    const differences: object[] = [];
    let occurring = 0;
    for (let start = 0; start < count; start += batch) {
      const slice = cases.slice(start, start + batch);
      const answers = await ours(slice);
      for (const [place, example] of slice.entries()) {
        const expected = croner(example);
        occurring += expected ? 1 : 0;
        if (answers[place] !== expected) {
          differences.push({ ...example, ours: answers[place], croner: expected });
        }
      }
    }

    expect(differences.slice(0, 10)).toEqual([]);
    expect(occurring).toBeGreaterThan(count * 0.95);
  }, 60_000);

  it("stays in step with croner hour by hour, past clock changes and a skipped day", async () => {
    const starts = [Date.UTC(2011, 2, 26, 20), Date.UTC(2011, 9, 29, 20), Date.UTC(2011, 11, 29)];
    const expressions = ["30 2 * * *", "*/30 * * * *", "0,30 0-3 * * *", "15 */2 * * sun"];
    const cases = zones.flatMap((zone) =>
      expressions.flatMap((expression) =>
        starts.flatMap((start) =>
          Array.from({ length: 30 }, (_, place) => ({
            expression,
            zone,
            after: new Date(start + place * 61 * 60_000),
          })),
        ),
      ),
    );

    const answers = await ours(cases);

    expect(answers).toEqual(cases.map(croner));
  }, 60_000);

  it("runs a fixed time that daylight saving skips at the first instant after the gap", async () => {
    expect(await sequence("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3)).toEqual([
      "2026-03-28T01:30:00.000Z",
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
    expect(await next("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z")).toBe(
      "2018-11-04T03:00:00.000Z",
    );
  });

  it("runs fixed times that meet at the end of a gap once", async () => {
    expect(await sequence("0,30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2)).toEqual([
      "2026-03-29T01:00:00.000Z",
      "2026-03-29T01:30:00.000Z",
    ]);
  });

  it("leaves a fixed time out when its whole day does not exist", async () => {
    expect(await next("0 12 * * *", "Pacific/Apia", "2011-12-29T23:00:00Z")).toBe(
      "2011-12-30T22:00:00.000Z",
    );
    expect(await next("0 12 30 12 *", "Pacific/Apia", "2011-12-29T23:00:00Z")).toBe(
      "2012-12-29T22:00:00.000Z",
    );
  });

  it("runs a fixed time in a repeated hour once, in the first pass", async () => {
    expect(await sequence("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
    expect(await sequence("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", 2)).toEqual([
      "2026-04-04T14:45:00.000Z",
      "2026-04-05T15:15:00.000Z",
    ]);
  });

  it("keeps the cadence of a wildcard through gap and repeated hour", async () => {
    expect(await sequence("30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", 3)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-25T01:30:00.000Z",
      "2026-10-25T02:30:00.000Z",
    ]);
    expect(await sequence("30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2)).toEqual([
      "2026-03-29T00:30:00.000Z",
      "2026-03-29T01:30:00.000Z",
    ]);
  });

  it("comes back to the start of a repeated half hour from its last minute", async () => {
    expect(await next("*/30 * * * *", "Australia/Lord_Howe", "2026-04-04T14:59:30Z")).toBe(
      "2026-04-04T15:00:00.000Z",
    );
  });
});

describe("where cron dialects differ, next_cron_occurrence", () => {
  it("takes either day field when both are set, also for a step, unlike vixie cron", async () => {
    expect(await sequence("0 0 13 * fri", "UTC", "2026-11-10T00:00:00Z", 3)).toEqual([
      "2026-11-13T00:00:00.000Z",
      "2026-11-20T00:00:00.000Z",
      "2026-11-27T00:00:00.000Z",
    ]);
    expect(await next("0 0 */2 * mon", "UTC", "2026-01-01T00:00:00Z")).toBe(
      "2026-01-03T00:00:00.000Z",
    );
  });

  it("counts lists and ranges of hours as fixed times, as vixie cron, unlike croner's default", async () => {
    const example = {
      expression: "30 1,2 * * *",
      zone: "Europe/Berlin",
      after: new Date("2026-10-25T00:30:00Z"),
    };

    const default_ = new Cron(example.expression, { timezone: example.zone }).nextRun(
      example.after,
    );

    expect(await ours([example])).toEqual(["2026-10-26T00:30:00.000Z"]);
    expect(default_?.toISOString()).toBe("2026-10-25T01:30:00.000Z");
  });

  it("has no occurrence for a day that no month has", async () => {
    expect(await next("0 0 30 2 *", "UTC", "2026-01-01T00:00:00Z")).toBeNull();
    expect(await next("0 0 31 4,6,9,11 *", "Asia/Tokyo", "2026-01-01T00:00:00Z")).toBeNull();
  });

  it("waits eight years for a leap day over a turn of the century", async () => {
    expect(await next("0 0 29 2 *", "UTC", "2096-02-29T00:00:00Z")).toBe(
      "2104-02-29T00:00:00.000Z",
    );
  });

  it.each([
    ["a seconds field", "0 0 12 * * *"],
    ["L, W, # and ?", "0 0 L * *"],
    ["L, W, # and ?", "0 0 15W * *"],
    ["L, W, # and ?", "0 0 * * 5#2"],
    ["L, W, # and ?", "0 0 ? * 1"],
    ["the modifier +", "0 0 1 * +mon"],
  ])("refuses croner's extension %s in %s", async (_, expression) => {
    expect(() => new Cron(expression)).not.toThrow();
    await expect(next(expression, "UTC", "2026-01-01T00:00:00Z")).rejects.toMatchObject({
      code: "PT400",
      detail: "cron_expression_invalid",
    });
  });

  it.each([
    "5/10 * * * *",
    "0 22-2 * * *",
    "0 0 * * fri-mon",
    "0 0 0 * *",
    "60 * * * *",
    "@reboot",
  ])("refuses %s, as croner does", async (expression) => {
    expect(() => new Cron(expression, { mode: "5-part" })).toThrow();
    await expect(next(expression, "UTC", "2026-01-01T00:00:00Z")).rejects.toMatchObject({
      code: "PT400",
      detail: "cron_expression_invalid",
    });
  });
});
