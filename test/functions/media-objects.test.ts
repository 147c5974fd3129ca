import type { SupabaseClient } from "@supabase/supabase-js";
import { describe, expect, it } from "vitest";
import { storageObjects } from "../../functions/media-processor/media-objects.ts";

const { signal } = new AbortController();

/** Storage that answers every download with this. */
function storage(answer: { parts?: Uint8Array[]; status?: number }): SupabaseClient {
  const data = new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = answer.parts?.shift();
      if (part) {
        controller.enqueue(part);
      } else {
        controller.close();
      }
    },
  });
  const error = answer.status ? Object.assign(new Error("No"), { status: answer.status }) : null;
  const download = () => ({ asStream: async () => ({ data: error ? null : data, error }) });
  return { storage: { from: () => ({ download }) } } as unknown as SupabaseClient;
}

describe("the files of media", () => {
  it("are loaded in one piece, however they come", async () => {
    const parts = [1, 100_000, 3, 300_000].map((length, n) => new Uint8Array(length).fill(n + 1));
    const expected = Buffer.concat(parts);

    const bytes = await storageObjects(storage({ parts })).download("b", "p", signal);

    expect(Buffer.from(bytes).equals(expected)).toBe(true);
  });

  it("are not loaded further than they may be long", async () => {
    const parts = Array.from({ length: 53 }, () => new Uint8Array(1024 * 1024));

    const loading = storageObjects(storage({ parts })).download("b", "p", signal);

    await expect(loading).rejects.toMatchObject({ code: "document_too_large" });
  });

  it.each([400, 404])("that are gone end the medium with a sentence (%i)", async (status) => {
    const loading = storageObjects(storage({ status })).download("b", "p", signal);

    await expect(loading).rejects.toMatchObject({
      name: "DocumentError",
      message: "The file is not there any more. Upload it again.",
    });
  });

  it("are tried again when Storage fails", async () => {
    const loading = storageObjects(storage({ status: 503 })).download("b", "p", signal);

    await expect(loading).rejects.toMatchObject({ name: "HttpError", status: 503 });
  });
});
