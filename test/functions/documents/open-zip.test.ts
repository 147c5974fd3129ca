import { describe, expect, it } from "vitest";
import { openZip } from "../../../functions/_shared/documents/open-zip.ts";
import { sample } from "./read-blocks.ts";
import { zipOf } from "./zip-of.ts";

const { signal } = new AbortController();

describe("a zip file", () => {
  it("gives its members as they were packed", async () => {
    const members = await openZip(await zipOf({ "a.xml": "<a>ä</a>", "b.bin": new Uint8Array(3) }));

    expect(members.names).toEqual(["a.xml", "b.bin"]);
    expect(members.has("c")).toBe(false);
    expect(await members.text("a.xml", signal)).toBe("<a>ä</a>");
    expect([...(await members.bytes("b.bin", signal))]).toEqual([0, 0, 0]);
    await expect(members.text("c", signal)).rejects.toMatchObject({ code: "document_broken" });
  });

  it("is refused when it has more members than any document", async () => {
    const opening = openZip(emptyMembers(10_001));

    await expect(opening).rejects.toMatchObject({ code: "document_too_large" });
  });

  it("is not unpacked beyond what it declares", async () => {
    const members = await openZip(sample("hostile/bomb-lying.docx"));

    const unpacking = members.check(signal);

    await expect(unpacking).rejects.toMatchObject({
      code: expect.stringMatching(/^document_(broken|too_large)$/),
    });
  });

  it("stops unpacking when its caller does", async () => {
    const members = await openZip(await zipOf({ "a.xml": "<a/>" }));
    const reason = new Error("enough");

    await expect(members.check(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

/** A zip file of so many empty members. */
function emptyMembers(count: number): Uint8Array {
  const name = (place: number) => new TextEncoder().encode(String(place).padStart(8, "0"));
  const local = new Uint8Array(38 * count);
  const central = new Uint8Array(54 * count);
  for (let place = 0; place < count; place += 1) {
    const header = new DataView(local.buffer, 38 * place);
    header.setUint32(0, 0x504b0304);
    header.setUint16(26, 8, true);
    local.set(name(place), 38 * place + 30);
    const entry = new DataView(central.buffer, 54 * place);
    entry.setUint32(0, 0x504b0102);
    entry.setUint16(28, 8, true);
    entry.setUint32(42, 38 * place, true);
    central.set(name(place), 54 * place + 46);
  }
  const end = new Uint8Array(22);
  const view = new DataView(end.buffer);
  view.setUint32(0, 0x504b0506);
  view.setUint16(8, count, true);
  view.setUint16(10, count, true);
  view.setUint32(12, central.length, true);
  view.setUint32(16, local.length, true);
  return new Uint8Array([...local, ...central, ...end]);
}
