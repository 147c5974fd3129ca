/** What a file is, by its content. */
export type DocumentFormat =
  | "pdf"
  | "docx"
  | "pptx"
  | "xlsx"
  | "odt"
  | "html"
  | "markdown"
  | "text"
  | "csv"
  | "json"
  | "eml"
  | "image";

/** One piece of a document's text, with its place in the structure. */
export interface Block {
  kind: "heading" | "paragraph" | "list_item" | "table_row" | "code";
  text: string;
  /** Of a heading: 1 to 6. */
  level?: number;
  /** Page, slide or sheet, from 1. */
  page?: number;
  /** Of a table row: the header cells of its table. */
  columns?: string[];
}

/** A document that is open for reading, part by part. */
export interface OpenDocument {
  format: DocumentFormat;
  /** As the document itself says. */
  title: string | null;
  /** How many parts it is read by: pages, slides, ranges of rows. At least 1. */
  units: number;
  /** Whether its blocks tell their page. */
  hasPages: boolean;
  /** The blocks of the units `from` to `to`, from 1, both included. Throws a `DocumentError`. */
  read: (from: number, to: number, signal: AbortSignal) => Promise<Block[]>;
  close: () => Promise<void>;
}

/** Puts an image into words. Answers an empty text when there is nothing on it. */
export type DescribeImage = (
  bytes: Uint8Array,
  mediaType: string,
  signal: AbortSignal,
) => Promise<string>;

/** What opening a document takes. */
export interface OpenOptions {
  /** As uploaded, with its extension. */
  fileName: string;
  /** Media type, as the uploader said. */
  fileType: string;
  signal: AbortSignal;
  /** Absent when no model for images is configured. */
  describeImage?: DescribeImage | undefined;
}

/** Opens files of one format, which open-document.ts has identified. Throws a `DocumentError`. */
export type OpenFormat = (bytes: Uint8Array, options: OpenOptions) => Promise<OpenDocument>;

/** Why a file gives no text. */
export type DocumentErrorCode =
  | "document_broken"
  | "document_encrypted"
  | "document_empty"
  | "document_mislabelled"
  | "document_too_large"
  | "document_has_macros"
  | "document_unsupported"
  /** Only a model could read it, and none is configured. */
  | "image_model_missing";

/** A file that gives no text. Its message is a sentence for whoever uploaded it. */
export class DocumentError extends Error {
  override name = "DocumentError";

  constructor(
    readonly code: DocumentErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
