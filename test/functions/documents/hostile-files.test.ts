import { describe, expect, it } from "vitest";
import { DocumentError } from "../../../functions/_shared/documents/document.ts";
import { openDocument } from "../../../functions/_shared/documents/open-document.ts";
import { optionsFor, sample } from "./read-blocks.ts";

/** Why a file of the collection gives no text, or what it gives. */
async function outcome(path: string, fileName = path, fileType = ""): Promise<string> {
  const { signal } = new AbortController();
  try {
    const document = await openDocument(sample(path), optionsFor(fileName, fileType));
    const blocks = await document.read(1, document.units, signal);
    await document.close();
    return blocks.map(({ text }) => text).join("\n");
  } catch (error) {
    if (!(error instanceof DocumentError)) {
      throw error;
    }
    expect(error.message).toMatch(/^[A-Z].*\.$/);
    return error.code;
  }
}

describe("a file that cannot be read ends with a sentence", () => {
  it.each([
    ["document_empty", "empty.pdf"],
    ["document_empty", "blank.txt"],
    ["document_empty", "blank-page.pdf"],
    ["document_empty", "no-pages.pdf"],
    ["document_empty", "deep-content.pdf"],
    ["document_broken", "truncated.pdf"],
    ["document_broken", "truncated.docx"],
    ["document_broken", "damaged.docx"],
    ["document_broken", "noise-after-header.pdf"],
    ["document_broken", "looping-pages.pdf"],
    ["document_encrypted", "encrypted.pdf"],
    ["document_encrypted", "encrypted.docx"],
    ["document_encrypted", "encrypted.odt"],
    ["document_has_macros", "macro.docm"],
    ["document_has_macros", "macro-in-disguise.docx"],
    ["document_mislabelled", "image.pdf"],
    ["document_mislabelled", "document.pdf"],
    ["document_mislabelled", "words.docx"],
    ["document_mislabelled", "sign-in.csv"],
    ["document_too_large", "bomb-ratio.docx"],
    ["document_too_large", "bomb-declared.docx"],
    ["document_too_large", "bomb-overlapping.docx"],
    ["document_too_large", "bomb.pdf"],
    ["document_too_large", "bomb-twice.pdf"],
    ["document_broken", "bomb-lying.docx"],
    ["document_broken", "external-entity.docx"],
    ["document_broken", "billion-laughs.docx"],
    ["document_unsupported", "deep.docx"],
    ["document_unsupported", "unnamed-letters.pdf"],
    ["document_unsupported", "old.doc"],
    ["document_unsupported", "old.xls"],
    ["document_unsupported", "rich.rtf"],
    ["document_unsupported", "slides.odp"],
    ["document_unsupported", "plain.zip"],
    ["document_unsupported", "noise.bin"],
    ["document_unsupported", "declaration.tif"],
  ])("%s: %s", async (code, name) => {
    expect(await outcome(`hostile/${name}`)).toBe(code);
  });

  it.each([
    ["document_broken", "noise.bin", "noise.docx"],
    ["document_unsupported", "old.doc", "new.docx"],
    ["document_mislabelled", "plain.zip", "notes.zip", "application/pdf"],
    ["document_mislabelled", "rich.rtf", "rich.pdf"],
    ["document_mislabelled", "declaration.tif", "declaration.xlsx"],
    ["document_unsupported", "declaration.tif", "declaration.png", "image/png"],
  ])("%s: %s as %s", async (code, path, fileName, fileType = "") => {
    const unsupportedArchive = path === "plain.zip";

    const found = await outcome(`hostile/${path}`, fileName, fileType);

    expect(found).toBe(unsupportedArchive ? "document_unsupported" : code);
  });

  it("names what the file is and what it should be", async () => {
    const error = await openDocument(
      sample("hostile/image.pdf"),
      optionsFor("report.pdf", "application/pdf"),
    ).catch((each) => each);

    expect(error.message).toBe(
      'The file is named "report.pdf" but holds an image. Upload the right file, or this one under its right name.',
    );
  });
});

describe("a file that is odd but can be read", () => {
  const RAMP = "The ramp is closed while the master is on the bridge.";

  it.each([
    ["javascript.pdf", RAMP],
    ["looping-form.pdf", `${RAMP}\n${RAMP}`],
    ["looping-outline.pdf", RAMP],
    ["lying-count.pdf", RAMP],
    ["archive-within.docx", "The archive within stays packed."],
  ])("%s gives its text and nothing more", async (name, text) => {
    expect(await outcome(`hostile/${name}`)).toBe(text);
  });
});

it("stops when its caller does, with the caller's reason", async () => {
  const reason = new Error("The worker's time is over");
  const signal = AbortSignal.abort(reason);

  const opening = openDocument(sample("pdf/constitution.pdf"), {
    fileName: "constitution.pdf",
    fileType: "application/pdf",
    signal,
  });

  await expect(opening).rejects.toBe(reason);
});

it("takes every file of the collection for what it is when its type is not known", async () => {
  const found = async (path: string) => {
    const bytes = sample(path);
    return (await openDocument(bytes, optionsFor("file", "application/octet-stream"))).format;
  };

  expect(await found("pdf/fares.pdf")).toBe("pdf");
  expect(await found("office/manual-pandoc.docx")).toBe("docx");
  expect(await found("office/lectures-pandoc.pptx")).toBe("pptx");
  expect(await found("office/stores.xlsx")).toBe("xlsx");
  expect(await found("office/manual-libreoffice.odt")).toBe("odt");
  expect(await found("web/manual-pandoc.html")).toBe("html");
  expect(await found("text/constitution.txt")).toBe("text");
});
