import { describe, expect, it, vi } from "vitest";
import type { Rpc } from "../../../functions/_shared/database/rpc.ts";
import { imageDescriber } from "../../../functions/_shared/documents/describe-image.ts";
import { openDocument } from "../../../functions/_shared/documents/open-document.ts";
import { lines, optionsFor, sample } from "./read-blocks.ts";

const ORGANIZATION = "00000000-0000-4000-8000-000000000001";
const CALL = "00000000-0000-4000-8000-000000000002";
const ENV = {
  LLM_BASE_URL: "http://model.test/v1",
  LLM_MODEL: "chatty",
  LLM_IMAGE_MODEL: "seeing",
};
const { signal } = new AbortController();

describe("an image", () => {
  it.each([
    ["declaration.png", "image/png"],
    ["declaration.jpg", "image/jpeg"],
    ["declaration.gif", "image/gif"],
    ["declaration.webp", "image/webp"],
  ])("is put into words by the model: %s", async (name, mediaType) => {
    const describeImage = vi.fn(
      async () => "# A Declaration\n\nWhen in the Course of human events",
    );

    const document = await openDocument(sample(`images/${name}`), {
      ...optionsFor(name, mediaType),
      describeImage,
    });

    expect(lines(await document.read(1, document.units, signal))).toEqual([
      "heading1: A Declaration",
      "paragraph: When in the Course of human events",
    ]);
    expect(describeImage).toHaveBeenCalledExactlyOnceWith(
      expect.any(Uint8Array),
      mediaType,
      expect.any(AbortSignal),
    );
  });

  it("says what it takes when no model is configured", async () => {
    const opening = openDocument(sample("images/declaration.png"), optionsFor("a.png"));

    await expect(opening).rejects.toMatchObject({ code: "image_model_missing" });
  });

  it("on which there is nothing has no text", async () => {
    const opening = openDocument(sample("images/declaration.png"), {
      ...optionsFor("a.png"),
      describeImage: async () => "",
    });

    await expect(opening).rejects.toMatchObject({ code: "document_empty" });
  });
});

describe("the model that reads images", () => {
  function model(content: string, status = 200) {
    const fetch = vi.fn(async (_input: RequestInfo | URL, _init?: RequestInit) =>
      Response.json(
        {
          id: "1",
          object: "chat.completion",
          created: 1,
          model: "seeing",
          choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
          usage: { prompt_tokens: 900, completion_tokens: 40, total_tokens: 940 },
        },
        { status },
      ),
    );
    const rpc = vi.fn<Rpc>(async (name) =>
      name === "begin_model_call" ? CALL : { id: CALL, cost_usd: 0 },
    );
    const reading = { env: ENV, organizationId: ORGANIZATION, rpc, log: vi.fn(), fetch };
    return { reading, rpc, fetch };
  }

  it("is none when the operator names none", () => {
    const { reading } = model("");

    expect(imageDescriber({ ...reading, env: { ...ENV, LLM_IMAGE_MODEL: "" } })).toBeNull();
  });

  it("is shown the image, and its call is entered for the organization", async () => {
    const { reading, rpc, fetch } = model("The ramp is closed.");

    const text = await imageDescriber(reading)?.(
      sample("images/declaration.png"),
      "image/png",
      signal,
    );

    expect(text).toBe("The ramp is closed.");
    const body = JSON.parse(String(fetch.mock.calls[0]?.[1]?.body));
    expect(body.model).toBe("seeing");
    expect(body.messages.at(-1).content[0].image_url.url).toMatch(/^data:image\/png;base64,iVBOR/);
    expect(rpc).toHaveBeenCalledWith(
      "begin_model_call",
      expect.objectContaining({ p_organization_id: ORGANIZATION, p_model: "seeing" }),
    );
    expect(rpc).toHaveBeenCalledWith(
      "finish_model_call",
      expect.objectContaining({
        p_status: "completed",
        p_prompt_tokens: 900,
        p_completion_tokens: 40,
      }),
    );
  });

  it("gives an empty text for an image with nothing on it", async () => {
    const { reading } = model("NOTHING.");

    expect(await imageDescriber(reading)?.(new Uint8Array([1]), "image/png", signal)).toBe("");
  });

  it("settles its call as failed when the provider refuses", async () => {
    const { reading, rpc } = model("", 401);

    const describing = imageDescriber(reading)?.(new Uint8Array([1]), "image/png", signal);

    await expect(describing).rejects.toMatchObject({ code: "model_unauthorized" });
    expect(rpc).toHaveBeenCalledWith(
      "finish_model_call",
      expect.objectContaining({ p_status: "failed" }),
    );
  });
});
