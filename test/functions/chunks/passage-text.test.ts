import { expect, it } from "vitest";
import { passageText } from "../../../functions/_shared/chunks/passage-text.ts";

it("embeds a chunk with the headings that it does not say itself", () => {
  const heading_path = ["Handbook", "Leave"];

  expect(passageText({ heading_path, content: "Leave\n\nThirty days." })).toBe(
    "Handbook\n\nLeave\n\nThirty days.",
  );
  expect(passageText({ heading_path, content: "Thirty days." })).toBe(
    "Handbook > Leave\n\nThirty days.",
  );
  expect(passageText({ heading_path: [], content: "Thirty days." })).toBe("Thirty days.");
});
