import { once } from "node:events";
import { createWriteStream } from "node:fs";
import PdfDocument from "pdfkit";

/** Words of which sentences are made, so that no two pages are the same. */
const WORDS =
  `the of and to in is that for it as was with be by on not he his but at are this have from or had
  an they which one you were all her she there would their we him been has when who will no more if
  out so said what up its about into than them can only other time new some could these two may first
  then do any my now such like our over man me even most made after also did many off before must
  well back through years where much your way down should because long each just state those people
  house every garden winter window kitchen letter harbour engine teacher market river mountain
  paper`.split(/\s+/);

/** Writes a PDF of so many pages: chapters, headings, paragraphs and a running header. */
export async function makePdf(path: string, pages: number): Promise<void> {
  const document = new PdfDocument({ size: "A4", margin: 56, autoFirstPage: false });
  const file = createWriteStream(path);
  document.pipe(file);
  const random = randomFrom(7);

  for (let page = 1; page <= pages; page += 1) {
    document.addPage();
    document.font("Helvetica").fontSize(8).text(`The annual report – page ${page}`);
    document.moveDown();
    if (page % 10 === 1) {
      document
        .font("Helvetica-Bold")
        .fontSize(20)
        .text(`Chapter ${Math.ceil(page / 10)}`);
    }
    document
      .font("Helvetica-Bold")
      .fontSize(13)
      .text(`Section ${page}: ${words(random, 4)}`);
    document.font("Times-Roman").fontSize(10.5);
    for (let paragraph = 0; paragraph < 6; paragraph += 1) {
      const sentences = Array.from({ length: 5 }, () => `${words(random, 14)}.`);
      document.text(sentences.map(capital).join(" ")).moveDown(0.5);
    }
  }
  document.end();
  await once(file, "finish");
}

function words(random: () => number, count: number): string {
  return Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(" ");
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** Numbers in [0, 1) that are the same every time (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
