import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "./database.ts";

const AT_ONCE = 6;
const MEDIA = 8;

let database: pg.Client;
let clients: pg.Client[] = [];
let organization: string;
let agents: string[] = [];
let media: string[] = [];

const idsOf = ({ rows }: pg.QueryResult) => rows.map(({ id }) => id as string);

/** The counts that the media say, and those that there are. */
async function counts() {
  const { rows } = await database.query(
    `select media_library.assigned_agents_count as said, count(assignment.id)::int as found
    from public.media_library
    left join public.agent_media_assignments as assignment on assignment.media_id = media_library.id
    where media_library.organization_id = $1
    group by media_library.id`,
    [organization],
  );
  return {
    said: rows.map(({ said }) => said as number),
    found: rows.map(({ found }) => found as number),
  };
}

describe.runIf(process.env.TEST_DATABASE_KIND !== "embedded")("media assigned at once", () => {
  beforeAll(async () => {
    database = await connect();
    clients = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => connect(index % 2 ? "none" : "service_role")),
    );
    for (const client of clients) {
      await client.query(`set request.jwt.claims = '{"role": "service_role"}'`);
    }
    organization = idsOf(
      await database.query(
        "insert into public.organizations (name, slug) values ('Media', 'media') returning id",
      ),
    )[0] as string;
    agents = idsOf(
      await database.query(
        `insert into public.agents (organization_id, name)
        select $1, place::text from generate_series(1, ${AT_ONCE * 4}) as place returning id`,
        [organization],
      ),
    );
  });

  beforeEach(async () => {
    await database.query("delete from public.media_library where organization_id = $1", [
      organization,
    ]);
    media = idsOf(
      await database.query(
        `insert into public.media_library (organization_id, file_name, file_type, file_size)
        select $1, place || '.pdf', 'application/pdf', 1
        from generate_series(1, ${MEDIA}) as place returning id`,
        [organization],
      ),
    );
  });

  afterAll(async () => {
    await database?.query("delete from public.organizations where slug = 'media'");
    await Promise.all([database, ...clients].map((client) => client?.end()));
  });

  it("are counted right by each, one at a time", async () => {
    const services = clients.filter((_, index) => index % 2 === 0);

    await Promise.all(
      services.map(async (client, index) => {
        for (const agent of agents.slice(index * 4, index * 4 + 4)) {
          await client.query("select public.assign_media_to_agent($1, $2)", [agent, media[0]]);
        }
      }),
    );

    const { rows } = await database.query(
      "select assigned_agents_count as count from public.media_library where id = $1",
      [media[0]],
    );
    expect(rows[0].count).toBe(services.length * 4);
  });

  it("and many in whatever order, taken away again, and with agents that go", async () => {
    const own = clients.filter((_, index) => index % 2);

    const shareOf = (index: number) => agents.slice(index * 4, index * 4 + 4);
    const busy = await Promise.allSettled(
      own.map(async (client, index) => {
        for (let round = 0; round < 8; round += 1) {
          await client.query(
            `insert into public.agent_media_assignments (agent_id, media_id)
            select agent, medium from unnest($1::uuid[]) as agent
            cross join unnest($2::uuid[]) as medium order by random() on conflict do nothing`,
            [shareOf(index), media],
          );
          for (const medium of media.filter((_, place) => (place + round + index) % 3 === 0)) {
            const taken = [shareOf(index)[round % 4], medium];
            await client.query("select public.unassign_media_from_agent($1, $2)", taken);
          }
        }
      }),
    );
    const going = await Promise.allSettled(
      own.map(async (client, index) => {
        const [first, second] = shareOf(index);
        await client.query("delete from public.agents where id = $1", [first]);
        await client.query("delete from public.media_library where id = $1", [media[index]]);
        await client.query("delete from public.agents where id = $1", [second]);
      }),
    );
    const ends = [...busy, ...going];

    expect(ends.filter(({ status }) => status === "rejected")).toEqual([]);
    const { said, found } = await counts();
    expect(said).toEqual(found);
    expect(found.some((count) => count > 0)).toBe(true);
  });

  it("do not come back when the medium goes meanwhile", async () => {
    const [deleter, assigner] = [clients[1], clients[0]] as [pg.Client, pg.Client];
    await deleter.query("begin");
    await deleter.query("delete from public.media_library where id = $1", [media[0]]);

    const assigned = assigner
      .query("select public.assign_media_to_agent($1, $2)", [agents.at(-1), media[0]])
      .then(
        () => "assigned",
        (error) => error.detail,
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
    await deleter.query("commit");

    expect(await assigned).toBe("media_not_found");
  });
});
