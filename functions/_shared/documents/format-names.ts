import type { DocumentFormat } from "./document.ts";

/** What a format is called towards its uploader. */
export const FORMAT_NAMES: Readonly<Record<DocumentFormat, string>> = {
  pdf: "a PDF",
  docx: "a Word document",
  pptx: "a PowerPoint presentation",
  xlsx: "an Excel workbook",
  odt: "an OpenDocument text",
  html: "a web page",
  markdown: "a Markdown text",
  text: "plain text",
  csv: "a CSV table",
  json: "JSON",
  eml: "an e-mail",
  image: "an image",
};

/** Formats that are text, so that only their name can tell one from another. */
const TEXTUAL: ReadonlySet<DocumentFormat> = new Set([
  "html",
  "markdown",
  "text",
  "csv",
  "json",
  "eml",
]);

/** Whether files of a format are text. */
export function isTextual(format: DocumentFormat): boolean {
  return TEXTUAL.has(format);
}

const BY_EXTENSION: Readonly<Record<string, DocumentFormat>> = {
  pdf: "pdf",
  docx: "docx",
  dotx: "docx",
  docm: "docx",
  dotm: "docx",
  pptx: "pptx",
  ppsx: "pptx",
  potx: "pptx",
  pptm: "pptx",
  ppsm: "pptx",
  xlsx: "xlsx",
  xltx: "xlsx",
  xlsm: "xlsx",
  xltm: "xlsx",
  odt: "odt",
  ott: "odt",
  html: "html",
  htm: "html",
  xhtml: "html",
  md: "markdown",
  markdown: "markdown",
  txt: "text",
  text: "text",
  log: "text",
  csv: "csv",
  tsv: "csv",
  json: "json",
  jsonl: "json",
  ndjson: "json",
  geojson: "json",
  eml: "eml",
  png: "image",
  jpg: "image",
  jpeg: "image",
  gif: "image",
  webp: "image",
};

/** What a file's name says that it is; null when it says nothing that is known here. */
export function formatOfName(fileName: string): DocumentFormat | null {
  const extension = /\.([a-z0-9]+)$/i.exec(fileName.trim())?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(BY_EXTENSION, extension) ? (BY_EXTENSION[extension] ?? null) : null;
}

const BY_TYPE: readonly (readonly [RegExp, DocumentFormat])[] = [
  [/^application\/pdf$/, "pdf"],
  [/^application\/vnd\.(openxmlformats-officedocument\.wordprocessingml|ms-word)\./, "docx"],
  [/^application\/vnd\.(openxmlformats-officedocument\.presentationml|ms-powerpoint)\./, "pptx"],
  [/^application\/vnd\.(openxmlformats-officedocument\.spreadsheetml|ms-excel)\./, "xlsx"],
  [/^application\/vnd\.oasis\.opendocument\.text/, "odt"],
  [/^(text\/html|application\/xhtml\+xml)$/, "html"],
  [/^text\/(x-)?markdown$/, "markdown"],
  [/^text\/(csv|tab-separated-values)$/, "csv"],
  [/^application\/(.+\+)?(json|x-ndjson|jsonl)$/, "json"],
  [/^message\/rfc822$/, "eml"],
  [/^text\//, "text"],
  [/^image\/(?!svg)/, "image"],
];

/** What a media type says; null for those that uploaders' systems give to anything. */
export function formatOfType(mediaType: string): DocumentFormat | null {
  const type = mediaType.split(";")[0]?.trim().toLowerCase() ?? "";
  return BY_TYPE.find(([pattern]) => pattern.test(type))?.[1] ?? null;
}
