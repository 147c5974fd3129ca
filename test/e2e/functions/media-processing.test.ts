import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { sharedStack } from "../../support/stack.ts";
import { processMedia } from "./add-medium.ts";
import { must, newPerson, type Person } from "./people.ts";

const stack = sharedStack();
const folder = new URL("../../support/documents/", import.meta.url);
const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/** Uploads a file and inserts its row, as a client with nothing but supabase-js does. */
async function add(person: Person, path: string, type: string): Promise<string> {
  const id = crypto.randomUUID();
  const name = path.replace(/.*\//, "");
  const file = new Blob([await readFile(new URL(path, folder))], { type });
  const place = `${person.organizationId}/${id}/${name}`;
  must(await person.client.storage.from("media-library").upload(place, file));
  const row = { id, organization_id: person.organizationId, file_name: name, file_type: type };
  must(await person.client.from("media_library").insert({ ...row, file_size: file.size }));
  return id;
}

describe("processing media", () => {
  it("reads files into chunks, tells how far it is, and says what it cannot read", async () => {
    const person = await newPerson(stack);
    const stranger = await newPerson(stack);
    const ids = {
      pdf: await add(person, "pdf/constitution.pdf", "application/pdf"),
      docx: await add(person, "office/manual-libreoffice.docx", docx),
      broken: await add(person, "hostile/truncated.pdf", "application/pdf"),
    };
    const find = async (id: string) =>
      must(await person.client.from("media_library").select().eq("id", id).single());

    await processMedia(stack);
    // Another file's worker may have taken some of them.
    const statuses = async () => {
      const media = await Promise.all(Object.values(ids).map(find));
      return media.map(({ processing_status: status }) => status);
    };
    await expect.poll(statuses, { timeout: 20_000 }).toEqual(["completed", "completed", "failed"]);

    const pdf = await find(ids.pdf);
    expect(pdf).toMatchObject({
      processing_status: "completed",
      processing_percent: 100,
      processing_error: null,
      generation: 1,
      language: "en",
      embedding_model: null,
    });
    expect(pdf.page_count).toBeGreaterThan(1);
    expect((await find(ids.broken)).processing_error).toMatch(/^The .*damaged.*\.$/);

    const { client } = person;
    const chunks = must(
      await client.from("media_chunks").select().eq("media_id", ids.pdf).order("chunk_index"),
    );
    expect(chunks).toHaveLength(pdf.chunk_count);
    expect(chunks.at(-1)).toMatchObject({ page_end: pdf.page_count, language: "english" });
    const found = must(
      await client.from("media_chunks").select("page").textSearch("fts", "treason", {
        type: "websearch",
        config: "english",
      }),
    );
    expect(found.length).toBeGreaterThan(0);

    const logs = must(
      await client
        .from("media_processing_logs")
        .select("processing_step, status")
        .eq("media_id", ids.pdf)
        .in("status", ["completed", "skipped"])
        .order("created_at"),
    );
    expect(
      logs.map(({ processing_step: step, status }: Record<string, string>) => `${step} ${status}`),
    ).toEqual([
      ...["download", "identify", "extract", "chunk"].map((step) => `${step} completed`),
      "embed skipped",
      "publish completed",
    ]);
    expect(must(await stranger.client.from("media_chunks").select("id"))).toEqual([]);
    expect(must(await stranger.client.from("media_processing_logs").select("id"))).toEqual([]);
  });
});
