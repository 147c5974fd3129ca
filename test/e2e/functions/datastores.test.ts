import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startZepCloud, type TestZep } from "../../support/datastores/zep.ts";
import { sharedStack } from "../../support/stack.ts";
import { must, newPerson, type Person } from "./people.ts";

const stack = sharedStack();
const KEY = "z_correct-horse";
let cloud: TestZep;
let database: pg.Client;

beforeAll(async () => {
  cloud = await startZepCloud(KEY, "ensemble");
  database = new pg.Client({ connectionString: stack.databaseUrl, ssl: false });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await cloud?.close();
});

/** A medium as processing leaves it. */
async function publish(person: Person, passages: string[]): Promise<string> {
  const medium = must(
    await person.client
      .from("media_library")
      .insert({
        organization_id: person.organizationId,
        file_name: "handbook.txt",
        file_type: "text/plain",
        file_size: 1,
      })
      .select("id")
      .single(),
  );
  await database.query(
    `insert into public.media_chunks
      (media_id, generation, chunk_index, content, char_start, char_end, tokens, content_hash)
    select $1, 1, place, passage, 0, 1, 1, ''
    from unnest($2::text[]) with ordinality as passages (passage, place)`,
    [medium.id, passages],
  );
  await database.query("update public.media_library set generation = 1 where id = $1", [medium.id]);
  return medium.id;
}

/** What the engine does with its next turn, as far as datastores go. */
async function sync(): Promise<string[]> {
  await database.query("select private.enqueue_datastore_syncs()");
  const response = await fetch(`${stack.url}/functions/v1/datastore-sync`, {
    method: "POST",
    headers: { apikey: stack.keys.secretKey, "content-type": "application/json" },
    body: "{}",
  });
  const { jobs } = await response.json();
  return jobs.map(({ outcome }: { outcome: string }) => outcome);
}

const episodes = () =>
  [...(cloud.graphs.get("ensemble")?.values() ?? [])].map(({ content }) => content);

describe("a datastore of an organization", () => {
  it("has what its agents were given, and nothing after it was deleted", async () => {
    const person = await newPerson(stack);
    const { client, organizationId: organization_id, agentId: agent_id } = person;
    const secret = { p_organization_id: organization_id, p_name: "zep", p_value: KEY };
    must(await client.rpc("create_organization_secret", secret));
    const config = { graph_id: "ensemble", base_url: cloud.url, api_key_ref: "zep" };
    const { id } = must(
      await client
        .from("datastores")
        .insert({ organization_id, name: "Graph", type: "getzep", config })
        .select("id")
        .single(),
    );
    const find = async () => must(await client.from("datastores").select().eq("id", id).single());
    must(await client.from("agent_datastores").insert({ agent_id, datastore_id: id }).select());
    const media_id = await publish(person, ["Tea is served at four.", "Coffee is not."]);
    must(await client.rpc("assign_media_to_agent", { p_agent_id: agent_id, p_media_id: media_id }));

    expect(await sync()).toEqual(["synced"]);
    expect(episodes()).toEqual(["Tea is served at four.", "Coffee is not."]);
    expect(await find()).toMatchObject({ status: "ready", last_error: null });

    cloud.answerNext({ status: 500, json: { message: "internal server error" } });
    must(await client.rpc("sync_datastore", { p_datastore_id: id }));
    expect(await sync()).toEqual(["refused"]);
    expect(await find()).toMatchObject({
      status: "error",
      last_error: 'Zep failed with status 500: "internal server error"',
    });

    must(await client.from("datastores").delete().eq("id", id).select());
    expect(await sync()).toEqual(["synced"]);
    expect(episodes()).toEqual([]);
  });
});
