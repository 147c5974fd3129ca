import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { clientOf, sharedStack } from "../../support/stack.ts";
import { must, newPerson, type Person } from "./people.ts";

const stack = sharedStack();
const bucket = "media-library";
const pdf = (text = "x") => new Blob([`%PDF-1.4\n${text}\n%%EOF`], { type: "application/pdf" });
const checksumOf = async (file: Blob) =>
  createHash("sha256")
    .update(Buffer.from(await file.arrayBuffer()))
    .digest("hex");

/** Calls media-upload-url; answers the status and the body. */
async function announce(person: Person, body: Record<string, unknown>) {
  const response = await fetch(`${stack.url}/functions/v1/media-upload-url`, {
    method: "POST",
    headers: {
      apikey: stack.keys.publishableKey,
      authorization: `Bearer ${person.token}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ organization_id: person.organizationId, ...body }),
  });
  return { status: response.status, body: await response.json() };
}

/** Uploads ahead of the row, as a client without functions does, and inserts it. */
async function add(person: Person, file: Blob, row: Record<string, unknown> = {}) {
  const id = crypto.randomUUID();
  const path = `${person.organizationId}/${id}/notes.pdf`;
  must(await person.client.storage.from(bucket).upload(path, file));
  return must(
    await person.client
      .from("media_library")
      .insert({
        id,
        organization_id: person.organizationId,
        file_name: "notes.pdf",
        file_type: "application/pdf",
        file_size: file.size,
        ...row,
      })
      .select()
      .single(),
  );
}

const find = async (person: Person, id: string) =>
  must(await person.client.from("media_library").select().eq("id", id).maybeSingle());

describe("the media library", () => {
  it("takes a file through a link: announced, uploaded, confirmed, and as a new version", async () => {
    const person = await newPerson(stack);
    const file = pdf("first");

    const { status, body } = await announce(person, {
      file_name: "Größe.pdf",
      file_type: "application/pdf",
      file_size: file.size,
      checksum: await checksumOf(file),
    });
    expect([status, body.medium?.display_name]).toEqual([200, "Größe.pdf"]);
    const { id, storage_path: path } = body.medium;
    const early = await person.client.rpc("confirm_media_upload", { p_media_id: id });
    expect(early.error?.details).toBe("media_object_missing");
    const objects = person.client.storage.from(bucket);
    must(await objects.uploadToSignedUrl(path, body.upload.token, file));
    const arrived = must(await person.client.rpc("confirm_media_upload", { p_media_id: id }));
    expect(arrived).toMatchObject({ file_size: file.size, upload_expires_at: null });
    expect(await must(await objects.download(path)).text()).toBe(await file.text());

    const again = await announce(person, {
      file_name: "copy.pdf",
      file_size: file.size,
      checksum: await checksumOf(file),
    });
    expect(again).toMatchObject({
      status: 409,
      body: { code: "media_duplicate", details: { media_id: id } },
    });

    const next = pdf("second, and longer");
    const version = await announce(person, {
      media_id: id,
      file_name: "other.pdf",
      file_size: next.size,
    });
    expect(version.body.medium).toMatchObject({ id, storage_path: path });
    must(await objects.uploadToSignedUrl(path, version.body.upload.token, next));
    const newer = must(await person.client.rpc("confirm_media_upload", { p_media_id: id }));
    expect(newer.file_size).toBe(next.size);
    expect(newer.object_version).not.toBe(arrived.object_version);
  });

  it("takes a file that was uploaded before its row, and removes it with the row", async () => {
    const person = await newPerson(stack);

    const medium = await add(person, pdf());
    expect(medium).toMatchObject({ upload_expires_at: null, processing_status: "uploaded" });
    expect(medium.uploaded_at).not.toBeNull();

    const objects = person.client.storage.from(bucket);
    expect(must(await objects.remove([medium.storage_path]))).toEqual([]);
    must(await person.client.from("media_library").delete().eq("id", medium.id));
    const cleaned = await fetch(`${stack.url}/functions/v1/storage-cleaner`, {
      method: "POST",
      headers: { apikey: stack.keys.secretKey, "content-type": "application/json" },
      body: "{}",
    });
    expect(cleaned.status).toBe(200);
    const service = clientOf(stack, stack.keys.secretKey);
    const folder = medium.storage_path.replace(/\/[^/]+$/, "");
    await expect
      .poll(async () => must(await service.storage.from(bucket).list(folder)))
      .toEqual([]);
  });

  it("refuses what is too large, of no known type, or more than there is room for", async () => {
    const person = await newPerson(stack);
    const refused = async (body: Record<string, unknown>) => {
      const answer = await announce(person, { file_name: "a.pdf", file_size: 10, ...body });
      return [answer.status, answer.body.code];
    };

    expect(await refused({ file_size: 52_428_801 })).toEqual([413, "media_too_large"]);
    expect(await refused({ file_name: "a.exe" })).toEqual([415, "media_type_unsupported"]);
    must(
      await person.client
        .from("organization_quotas")
        .update({ storage_bytes_limit: 5 })
        .eq("organization_id", person.organizationId),
    );
    expect(await refused({})).toEqual([429, "storage_quota_reached"]);
  });

  it("lets nobody reach in Storage what they do not reach in the table", async () => {
    const [owner, stranger] = await Promise.all([newPerson(stack), newPerson(stack)]);
    const medium = await add(owner, pdf("secret"));
    const path = medium.storage_path;
    const folder = path.replace(/\/[^/]+$/, "");
    const visitor = clientOf(stack);

    for (const client of [stranger.client, visitor]) {
      const objects = client.storage.from(bucket);
      const there = `${owner.organizationId}/${crypto.randomUUID()}/a.pdf`;
      const own = `${stranger.organizationId}/${crypto.randomUUID()}/a.pdf`;
      const attempts = await Promise.all([
        objects.download(path),
        objects.info(path),
        objects.createSignedUrl(path, 60),
        objects.upload(path, pdf("forged"), { upsert: true }),
        objects.upload(there, pdf("planted")),
        objects.createSignedUploadUrl(there),
        objects.createSignedUploadUrl(path, { upsert: true }),
        objects.update(path, pdf("forged")),
        objects.move(path, own),
        objects.copy(path, own),
      ]);
      expect(attempts.map(({ error }) => error !== null)).toEqual(attempts.map(() => true));
      expect((await objects.list(folder)).data ?? []).toEqual([]);
      expect((await objects.remove([path])).data ?? []).toEqual([]);
      expect((await client.storage.listBuckets()).data ?? []).toEqual([]);
      const bolder = await Promise.all([
        client.storage.updateBucket(bucket, { public: true }),
        client.storage.emptyBucket(bucket),
        client.storage.deleteBucket(bucket),
        client.storage.createBucket(crypto.randomUUID(), { public: true }),
      ]);
      expect(bolder.map(({ error }) => error !== null)).toEqual(bolder.map(() => true));
      const links = (await objects.createSignedUrls([path], 60)).data ?? [];
      expect(links.filter(({ signedUrl }) => signedUrl)).toEqual([]);
    }
    const answer = await announce(stranger, {
      organization_id: owner.organizationId,
      file_name: "a.pdf",
      file_size: 1,
    });
    expect([answer.status, answer.body.code]).toEqual([403, "permission_denied"]);
    const served = ({ token }: Person) =>
      fetch(stack.url + medium.file_url, {
        headers: { apikey: stack.keys.publishableKey, authorization: `Bearer ${token}` },
      });
    expect(await (await served(owner)).text()).toContain("secret");
    expect((await served(stranger)).ok).toBe(false);
    const [link] = must(await owner.client.storage.from(bucket).createSignedUrls([path], 60));
    expect(await (await fetch(link.signedUrl)).text()).toContain("secret");
    const kept = must(await owner.client.storage.from(bucket).download(path));
    expect(await kept.text()).toContain("secret");
    expect(await find(owner, medium.id)).toMatchObject({ object_version: medium.object_version });
  });

  it("assigns a medium to an agent, and counts", async () => {
    const person = await newPerson(stack);
    const medium = await add(person, pdf());

    const assignment = { p_agent_id: person.agentId, p_media_id: medium.id };
    must(
      await person.client.rpc("assign_media_to_agent", { ...assignment, p_assignment_type: "sop" }),
    );

    expect((await find(person, medium.id)).assigned_agents_count).toBe(1);
    expect(must(await person.client.rpc("unassign_media_from_agent", assignment))).toBe(true);
    expect((await find(person, medium.id)).assigned_agents_count).toBe(0);
  });
});
