import { describe, expect, it } from "vitest";
import { openEml } from "../../../functions/_shared/documents/eml.ts";
import { openDocument } from "../../../functions/_shared/documents/open-document.ts";
import { lines, optionsFor, readBlocks, sample } from "./read-blocks.ts";

describe("an e-mail", () => {
  it("comes to its subject, people, date and text, and names what is attached", async () => {
    const { title, blocks } = await readBlocks(openEml, sample("mail/storm.eml"));

    expect(title).toBe("Sturmwarnung für die Färöer – bitte lesen");
    expect(lines(blocks)).toEqual([
      "heading1: Sturmwarnung für die Färöer – bitte lesen",
      "paragraph: From: Inês Açores <ines@example.org>\nTo: Crew <crew@example.org>, Tom <tom@example.org>\nCc: office@example.org\nDate: 2026-03-03T06:15:00.000Z",
      "paragraph: Dear crew,",
      "paragraph: the storm reaches us at 18:00.\nStay ashore.",
      "paragraph: --\nInês",
      "list_item: Attachment: forecast für März.pdf",
      "list_item: Attachment: gauge.csv",
      "list_item: Attachment: Gale at Farrow",
    ]);
  });

  it("that is only a page is read as a page, without what nobody sees", async () => {
    const { blocks } = await readBlocks(openEml, sample("mail/newsletter.eml"));

    expect(lines(blocks).slice(2)).toEqual([
      "heading1: The new boat",
      "paragraph: She is called Corvina.",
      "paragraph: Sails on Friday.",
    ]);
  });

  it("whose text only points to its page is read as the page", async () => {
    const { blocks } = await readBlocks(
      openEml,
      mail("alternative", [
        ["text/plain", "Open this in a browser."],
        ["text/html", `<p>${"The timetable changes in June. ".repeat(5)}</p>`],
      ]),
    );

    expect(blocks.at(-1)?.text).toMatch(/^The timetable changes in June\./);
  });

  it("goes through parts within parts", async () => {
    let body = "Content-Type: text/plain\r\n\r\nin the middle\r\n";
    for (let level = 0; level < 20; level += 1) {
      body = `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n${body}\r\n--b${level}--\r\n`;
    }

    const { blocks } = await readBlocks(openEml, `Subject: Nested\r\n${body}`);

    expect(lines(blocks)).toEqual(["heading1: Nested", "paragraph: in the middle"]);
  });

  it("that nests parts without an end is refused with a sentence", async () => {
    let body = "";
    for (let level = 0; level < 2000; level += 1) {
      body += `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`;
    }
    const content = new TextEncoder().encode(
      `From: a@example.org\r\nTo: b@example.org\r\nSubject: Nested\r\n${body}`,
    );

    const opened = openDocument(content, optionsFor("nested.eml", "message/rfc822"));

    await expect(opened).rejects.toMatchObject({
      code: "document_broken",
      message: expect.stringContaining("e-mail"),
    });
  });

  it("without subject and text is refused as empty", async () => {
    const opened = openEml(new TextEncoder().encode("From: a@example.org\r\n\r\n"), optionsFor());

    await expect(opened).rejects.toMatchObject({ code: "document_empty" });
  });
});

function mail(kind: string, parts: [type: string, content: string][]): string {
  const sections = parts.map(([type, content]) => `--x\r\nContent-Type: ${type}\r\n\r\n${content}`);
  return `Subject: Parts\r\nContent-Type: multipart/${kind}; boundary=x\r\n\r\n${sections.join("\r\n")}\r\n--x--\r\n`;
}
