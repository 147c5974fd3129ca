import { describe, expect, it } from "vitest";
import { identifyFormat } from "../../../functions/_shared/documents/identify-format.ts";
import { optionsFor } from "./read-blocks.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("what text is, its name says", () => {
  it.each([
    ["notes.md", "markdown"],
    ["notes.TXT", "text"],
    ["notes.csv", "csv"],
    ["notes.tsv", "csv"],
    ["notes.json", "json"],
    ["notes.eml", "eml"],
    ["notes.yaml", "text"],
    ["notes", "text"],
  ])("%s is %s", async (name, format) => {
    expect(await identifyFormat(bytes("a;b\n1;2\n"), optionsFor(name))).toBe(format);
  });

  it("is asked of its type when its name says nothing", async () => {
    const options = optionsFor("notes", "text/csv; charset=utf-8");

    expect(await identifyFormat(bytes("a;b\n1;2\n"), options)).toBe("csv");
  });

  it("does not mind that Windows calls CSV a sheet of Excel", async () => {
    const options = optionsFor("notes.csv", "application/vnd.ms-excel");

    expect(await identifyFormat(bytes("a;b\n1;2\n"), options)).toBe("csv");
  });

  it("is a web page when it begins as one, however it is named", async () => {
    const page = bytes("<!-- saved --><!DOCTYPE html><html></html>");

    expect(await identifyFormat(page, optionsFor("page.txt"))).toBe("html");
  });
});

it("believes neither name nor type over the content", async () => {
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]);

  await expect(identifyFormat(png, optionsFor("notes.txt"))).rejects.toMatchObject({
    code: "document_mislabelled",
  });
  await expect(identifyFormat(png, optionsFor("picture", "text/plain"))).rejects.toMatchObject({
    code: "document_mislabelled",
    message: expect.stringContaining("was uploaded as plain text but holds an image"),
  });
});
