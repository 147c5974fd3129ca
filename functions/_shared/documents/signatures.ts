import type { DocumentFormat } from "./document.ts";

/** A kind of binary file that its first bytes tell. */
export interface BinaryKind {
  name: string;
  /** What it is towards its uploader. */
  called: string;
  /** What to do with it, when it cannot be read. */
  advice: string;
  /** Formats whose names people give to it in good faith. */
  mayBecome: readonly DocumentFormat[];
}

/** The media type of an image that a model may be shown; null for anything else. */
export function imageType(bytes: Uint8Array): string | null {
  if (begins(bytes, "\x89PNG\r\n\x1a\n")) {
    return "image/png";
  }
  if (begins(bytes, "\xff\xd8\xff")) {
    return "image/jpeg";
  }
  if (begins(bytes, "GIF87a") || begins(bytes, "GIF89a")) {
    return "image/gif";
  }
  return begins(bytes, "RIFF") && begins(bytes, "WEBP", 8) ? "image/webp" : null;
}

/** What binary data is, by its signature; null when it has none that is known. */
export function binaryKind(bytes: Uint8Array): BinaryKind | null {
  if (latin(bytes, 0, 1024).includes("%PDF-")) {
    return { name: "pdf", called: "a PDF", advice: "", mayBecome: ["pdf"] };
  }
  if (["PK\x03\x04", "PK\x05\x06", "PK\x07\x08"].some((mark) => begins(bytes, mark))) {
    return { name: "zip", called: "an archive", advice: "", mayBecome: [] };
  }
  if (begins(bytes, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
    return compoundKind(bytes);
  }
  const other = OTHERS.find(({ marks }) => marks.some((mark) => begins(bytes, mark)));
  return other ? { name: other.called, mayBecome: [], ...other } : null;
}

/** What the office programs of before 2007 wrote, and what wraps an encrypted newer document. */
function compoundKind(bytes: Uint8Array): BinaryKind {
  if (holdsWide(bytes, "EncryptedPackage")) {
    return { name: "encrypted office", called: "an encrypted document", advice: "", mayBecome: [] };
  }
  const old = (called: string, newer: string, mayBecome: DocumentFormat[]): BinaryKind => ({
    name: "old office",
    called,
    advice: `The file is ${called}, which cannot be read. Save it as ${newer} and upload that.`,
    mayBecome,
  });
  if (holdsWide(bytes, "WordDocument")) {
    return old("an old Word document (.doc)", "DOCX", ["docx"]);
  }
  if (holdsWide(bytes, "Workbook") || holdsWide(bytes, "Book")) {
    return old("an old Excel workbook (.xls)", "XLSX", ["xlsx"]);
  }
  if (holdsWide(bytes, "PowerPoint Document")) {
    return old("an old PowerPoint presentation (.ppt)", "PPTX", ["pptx"]);
  }
  return old("a file of an old office program", "PDF or DOCX", ["docx", "pptx", "xlsx"]);
}

const ARCHIVE = "The file is an archive. Unpack it and upload the files within it.";
const PROGRAM = "The file is a program, which holds nothing to read.";
const PICTURE =
  "The image is of a kind that cannot be read. Save it as PNG or JPEG and upload that.";
const RECORDING = "The file is a recording. Upload its words as text.";

interface OtherKind extends Omit<BinaryKind, "name" | "mayBecome"> {
  marks: readonly string[];
  mayBecome?: readonly DocumentFormat[];
}

const OTHERS: readonly OtherKind[] = [
  {
    called: "rich text (.rtf)",
    advice: "The file is rich text (.rtf), which cannot be read. Save it as DOCX and upload that.",
    marks: ["{\\rtf"],
  },
  {
    called: "an archive",
    advice: ARCHIVE,
    marks: [
      "\x1f\x8b",
      "7z\xbc\xaf\x27\x1c",
      "Rar!\x1a\x07",
      "BZh",
      "\xfd7zXZ\0",
      "\x28\xb5\x2f\xfd",
    ],
  },
  {
    called: "a program",
    advice: PROGRAM,
    marks: ["\x7fELF", "MZ\x90", "\xca\xfe\xba\xbe", "\xcf\xfa\xed\xfe"],
  },
  {
    called: "an image",
    advice: PICTURE,
    marks: ["II*\0", "MM\0*", "\0\0\x01\0", "8BPS"],
    mayBecome: ["image"],
  },
  {
    called: "a recording",
    advice: RECORDING,
    marks: ["ID3", "OggS", "fLaC", "RIFF", "\x1a\x45\xdf\xa3"],
  },
  {
    called: "a database",
    advice: "The file is a database. Export what is to be read as CSV and upload that.",
    marks: ["SQLite format 3\0"],
  },
];

function begins(bytes: Uint8Array, mark: string, at = 0): boolean {
  return latin(bytes, at, at + mark.length) === mark;
}

function latin(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/** Whether a name stands in the directory of a compound file, which is UTF-16. */
function holdsWide(bytes: Uint8Array, name: string): boolean {
  const wide = [...name].flatMap((letter) => [letter.charCodeAt(0), 0]);
  const last = bytes.length - wide.length;
  for (let at = bytes.indexOf(wide[0] ?? 0); at !== -1 && at <= last; ) {
    if (wide.every((byte, offset) => bytes[at + offset] === byte)) {
      return true;
    }
    at = bytes.indexOf(wide[0] ?? 0, at + 1);
  }
  return false;
}
