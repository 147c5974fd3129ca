import { HttpError } from "../errors/http-error.ts";
import { cleanBlocks, cleanTitle } from "./clean-blocks.ts";
import {
  DocumentError,
  type DocumentFormat,
  type OpenDocument,
  type OpenFormat,
  type OpenOptions,
} from "./document.ts";
import { FORMAT_NAMES } from "./format-names.ts";
import { identifyFormat } from "./identify-format.ts";

/** Each format's reader, loaded with the first file that needs it: together they fill the memory. */
const READERS: Readonly<Record<DocumentFormat, () => Promise<OpenFormat>>> = {
  pdf: async () => (await import("./pdf.ts")).openPdf,
  docx: async () => (await import("./docx.ts")).openDocx,
  pptx: async () => (await import("./pptx.ts")).openPptx,
  xlsx: async () => (await import("./xlsx.ts")).openXlsx,
  odt: async () => (await import("./odt.ts")).openOdt,
  html: async () => (await import("./html.ts")).openHtml,
  markdown: async () => (await import("./markdown.ts")).openMarkdown,
  text: async () => (await import("./plain-text.ts")).openPlainText,
  csv: async () => (await import("./csv.ts")).openCsv,
  json: async () => (await import("./json.ts")).openJson,
  eml: async () => (await import("./eml.ts")).openEml,
  image: async () => (await import("./image.ts")).openImage,
};

/**
 * Opens a file by what it holds. Takes the bytes over: nobody else may use them afterwards.
 *
 * Whatever a reader stumbles over in the file is a `DocumentError` with a sentence for the
 * uploader, its cause for the log; what a model or the caller's signal throws stays what it is.
 */
export async function openDocument(bytes: Uint8Array, options: OpenOptions): Promise<OpenDocument> {
  const format = await identifyFormat(bytes, options);
  const open = await READERS[format]();
  const document = await explained(format, options.signal, () => open(bytes, options));
  return {
    ...document,
    title: cleanTitle(document.title),
    read: (from, to, signal) =>
      explained(format, signal, async () => cleanBlocks(await document.read(from, to, signal))),
    close: () => document.close(),
  };
}

async function explained<Result>(
  format: DocumentFormat,
  signal: AbortSignal,
  action: () => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  try {
    return await action();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DocumentError || error instanceof HttpError) {
      throw error;
    }
    throw new DocumentError(
      "document_broken",
      `The file looks like ${FORMAT_NAMES[format]} but is damaged. Open it in the program it was made with, save it anew and upload that.`,
      { cause: error },
    );
  }
}
