import { Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";

/** A zip file of these members. */
export async function zipOf(members: Record<string, string | Uint8Array>): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [name, content] of Object.entries(members)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await writer.add(name, new Blob([bytes as Uint8Array<ArrayBuffer>]).stream());
  }
  return writer.close();
}

const OFFICE = "http://schemas.openxmlformats.org";
const TYPES = "application/vnd.openxmlformats-officedocument";

/** The relations of a part: from identifiers to the last word of their type and their target. */
export function relations(parts: Record<string, [string, string]>): string {
  const each = Object.entries(parts).map(
    ([id, [type, target]]) =>
      `<Relationship Id="${id}" Type="${OFFICE}/officeDocument/2006/relationships/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${OFFICE}/package/2006/relationships">${each.join("")}</Relationships>`;
}

/** A Word document with that inside of its body, or with other members than usual. */
export function docxOf(body: string, members: Record<string, string> = {}): Promise<Uint8Array> {
  return zipOf({
    "[Content_Types].xml": contentType("word/document.xml", "wordprocessingml.document"),
    "_rels/.rels": relations({ r1: ["officeDocument", "word/document.xml"] }),
    "word/_rels/document.xml.rels": relations({ r1: ["styles", "styles.xml"] }),
    "word/styles.xml": `<w:styles><w:style w:styleId="Kop"><w:name w:val="heading 2"/></w:style></w:styles>`,
    "word/document.xml": `<?xml version="1.0"?><w:document><w:body>${body}</w:body></w:document>`,
    ...members,
  });
}

/** A workbook with one sheet that holds these rows. */
export function xlsxOf(rows: string, members: Record<string, string> = {}): Promise<Uint8Array> {
  return zipOf({
    "[Content_Types].xml": contentType("xl/workbook.xml", "spreadsheetml.sheet"),
    "_rels/.rels": relations({ r1: ["officeDocument", "xl/workbook.xml"] }),
    "xl/_rels/workbook.xml.rels": relations({ r1: ["worksheet", "worksheets/sheet1.xml"] }),
    "xl/workbook.xml": `<workbook><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>`,
    "xl/worksheets/sheet1.xml": `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
    ...members,
  });
}

function contentType(part: string, type: string): string {
  return `<Types xmlns="${OFFICE}/package/2006/content-types"><Override PartName="/${part}" ContentType="${TYPES}.${type}.main+xml"/></Types>`;
}
