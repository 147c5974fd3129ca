import { describe, expect, it } from "vitest";
import { openDocument } from "../../../functions/_shared/documents/open-document.ts";
import { openPptx } from "../../../functions/_shared/documents/pptx.ts";
import { lines, optionsFor, readBlocks, sample } from "./read-blocks.ts";
import { relations, zipOf } from "./zip-of.ts";

describe("a presentation", () => {
  it.each(["lectures-pandoc", "lectures-libreoffice"])(
    "comes slide by slide, with titles, items, tables and the speaker's notes: %s",
    async (name) => {
      const { title, units, hasPages, blocks } = await readBlocks(
        openPptx,
        sample(`office/${name}.pptx`),
      );

      expect({ title, units, hasPages }).toEqual({
        title: "Three Lectures on Tides",
        units: 5,
        hasPages: true,
      });
      expect(lines(blocks)).toEqual([
        "1 heading1: Three Lectures on Tides",
        "1 paragraph: Ada Keel",
        "2 heading1: Why tides",
        "3 heading1: Two bulges",
        "3 list_item: The moon pulls the near side more than the centre.",
        "3 list_item: The far side is left behind.",
        "3 list_item: So there are two tides a day.",
        "3 paragraph: Notes: Draw the earth first, then the moon.\nAsk who has lived by the sea.",
        "4 heading1: Spring and neap",
        "4 table_row: Spring | in line | 5.1 m <- Tide, Sun and moon, Range",
        "4 table_row: Neap | at right angles | 2.3 m <- Tide, Sun and moon, Range",
        "5 heading1: A picture says more",
        "5 paragraph: A paragraph of its own.",
      ]);
    },
  );

  it("keeps the order of its slides, counts hidden ones and does not read them", async () => {
    const content = await pptxOf(["r2", "r1", "r3"], {
      slide1: slide(text("body", "first file")),
      slide2: `<p:sld show="0">${text("title", "hidden")}</p:sld>`,
      slide3: slide(text("body", "below") + text("title", "Title above") + text("sldNum", "3")),
    });

    const { units, blocks } = await readBlocks(openPptx, content);

    expect(units).toBe(3);
    expect(lines(blocks)).toEqual([
      "2 list_item: first file",
      "3 heading1: Title above",
      "3 list_item: below",
    ]);
  });

  it("that shows only pictures is refused as empty", async () => {
    const opened = openPptx(await pptxOf(["r1"], { slide1: slide("<p:pic/>") }), optionsFor());

    await expect(opened).rejects.toMatchObject({ code: "document_empty" });
  });

  it("whose slide is damaged is refused with a sentence", async () => {
    const content = await pptxOf(["r1"], { slide1: "<p:sld><p:sp>" });

    const opened = openDocument(content, optionsFor("talk.pptx"));

    await expect(opened).rejects.toMatchObject({
      code: "document_broken",
      message: expect.stringContaining("PowerPoint"),
    });
  });
});

function text(placeholder: string, words: string): string {
  return `<p:sp><p:nvPr><p:ph type="${placeholder}"/></p:nvPr><p:txBody><a:p><a:r><a:t>${words}</a:t></a:r></a:p></p:txBody></p:sp>`;
}

function slide(shapes: string): string {
  return `<p:sld>${shapes}</p:sld>`;
}

function pptxOf(order: string[], slides: Record<string, string>): Promise<Uint8Array> {
  const names = Object.keys(slides);
  const parts = names.map((name, place) => [`r${place + 1}`, ["slide", `slides/${name}.xml`]]);
  const type = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml";
  return zipOf({
    "[Content_Types].xml": `<Types><Override PartName="/ppt/presentation.xml" ContentType="${type}"/></Types>`,
    "_rels/.rels": relations({ r1: ["officeDocument", "ppt/presentation.xml"] }),
    "ppt/_rels/presentation.xml.rels": relations(Object.fromEntries(parts)),
    "ppt/presentation.xml": `<p:presentation><p:sldIdLst>${order
      .map((id) => `<p:sldId r:id="${id}"/>`)
      .join("")}</p:sldIdLst></p:presentation>`,
    ...Object.fromEntries(names.map((name) => [`ppt/slides/${name}.xml`, slides[name] ?? ""])),
  });
}
