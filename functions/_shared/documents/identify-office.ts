import { DocumentError, type DocumentFormat } from "./document.ts";
import { openZip, type ZipMembers } from "./open-zip.ts";

/**
 * Which office document a zip file is, by what its parts declare. Unpacks all of it once, so that
 * what reads it later meets no member larger than it says, and refuses programs within it.
 */
export async function identifyOffice(
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<DocumentFormat> {
  const members = await openZip(bytes);
  const format = members.has("[Content_Types].xml")
    ? await officeFormat(members, signal)
    : await openDocumentFormat(members, signal);
  await members.check(signal);
  return format;
}

async function officeFormat(members: ZipMembers, signal: AbortSignal): Promise<DocumentFormat> {
  const types = await members.text("[Content_Types].xml", signal);
  if (/macroEnabled|vbaProject/i.test(types) || members.names.some(isMacro)) {
    throw hasMacros();
  }
  const main =
    /openxmlformats-officedocument\.(\w+)\.(document|template|presentation|slideshow|sheet)\.main\+xml/;
  switch (main.exec(types)?.[1]) {
    case "wordprocessingml":
      return "docx";
    case "presentationml":
      return "pptx";
    case "spreadsheetml":
      return "xlsx";
    default:
      throw unsupported("an office document of a kind");
  }
}

async function openDocumentFormat(
  members: ZipMembers,
  signal: AbortSignal,
): Promise<DocumentFormat> {
  if (!members.has("mimetype")) {
    throw new DocumentError(
      "document_unsupported",
      "The file is an archive. Unpack it and upload the files within it.",
    );
  }
  const type = (await members.text("mimetype", signal)).trim();
  if (members.has("META-INF/manifest.xml")) {
    const manifest = await members.text("META-INF/manifest.xml", signal);
    if (/<(\w+:)?encryption-data\b/.test(manifest)) {
      throw new DocumentError(
        "document_encrypted",
        "The file is protected by a password. Remove the password and upload it again.",
      );
    }
  }
  if (members.names.some((name) => /^(Basic|Scripts)\/.+\/.+/.test(name))) {
    throw hasMacros();
  }
  if (/^application\/vnd\.oasis\.opendocument\.text(-template)?$/.test(type)) {
    return "odt";
  }
  if (type.includes("opendocument.spreadsheet")) {
    throw unsupported("an OpenDocument spreadsheet (.ods)", "XLSX");
  }
  if (type.includes("opendocument.presentation")) {
    throw unsupported("an OpenDocument presentation (.odp)", "PPTX");
  }
  throw unsupported(type.includes("epub") ? "an e-book (.epub)" : "a document of a kind");
}

function isMacro(name: string): boolean {
  return /(^|\/)(vbaProject|vbaData|macrosheets?\/)/i.test(name);
}

function hasMacros(): DocumentError {
  return new DocumentError(
    "document_has_macros",
    "The file holds macros, which are programs. Save it without them (as DOCX, XLSX, PPTX or ODT) and upload that.",
  );
}

function unsupported(called: string, newer = "PDF or DOCX"): DocumentError {
  return new DocumentError(
    "document_unsupported",
    `The file is ${called}${called.endsWith("kind") ? " that" : ", which"} cannot be read. Save it as ${newer} and upload that.`,
  );
}
