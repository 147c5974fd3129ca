import { describe, expect, it } from "vitest";
import { openHtml } from "../../../functions/_shared/documents/html.ts";
import { htmlBlocks } from "../../../functions/_shared/documents/html-blocks.ts";
import { lines, optionsFor, readBlocks, sample } from "./read-blocks.ts";

describe("a web page", () => {
  it.each(["manual-pandoc", "manual-libreoffice"])(
    "comes to headings, items, rows and code: %s",
    async (name) => {
      const { title, blocks } = await readBlocks(openHtml, sample(`web/${name}.html`));

      expect(title).toBe("The Keeper’s Manual");
      expect(lines(blocks)).toEqual(
        expect.arrayContaining([
          "heading1: Lamps",
          "heading2: Trimming",
          "list_item: straight across,",
          "table_row: Inner | 6 miles | 1 litre <- Lamp, Range, Oil a night",
          "code: log: 21:04 lit\nlog: 05:12 out",
          "paragraph: The horn sounds three times every ninety seconds. Umlauts: Größe, naïve, 日本語.",
        ]),
      );
    },
  );

  it("keeps nothing of scripts, styles, navigation and what is hidden", () => {
    const { blocks } = htmlBlocks(`<nav>menu</nav><div role="navigation">crumbs</div>
      <script>let a = "<p>script</p>"</script><style>p { color: red }</style><noscript>turn it on</noscript>
      <p hidden>h1</p><p aria-hidden="true">h2</p><p style="color:red; DISPLAY : none">h3</p>
      <p style="font-size:0">h4</p><p style="font-size:0.9em">small</p><template>t</template>
      <select><option>o</option></select><svg><title>s</title><text>x</text></svg><p>seen</p>`);

    expect(lines(blocks)).toEqual(["paragraph: small", "paragraph: seen"]);
  });

  it("says a cell over several rows in each, and joins the rows of a header", () => {
    const { blocks } = htmlBlocks(`<table><thead><tr><th rowspan=2>Place<th colspan=2>Wind</tr>
      <tr><th>day<th>night</tr></thead><tr><td rowspan=2>Oster<td>5<td>6<tr><td>7<td>8</table>`);

    expect(lines(blocks)).toEqual([
      "table_row: Oster | 5 | 6 <- Place, Wind day, night",
      "table_row: Oster | 7 | 8 <- Place, Wind day, night",
    ]);
  });

  it("reads tables that only place things as what is in them", () => {
    const { blocks } = htmlBlocks(`<table role="presentation"><tr><td>left<td>right</table>
      <table><tr><td><h2>Inner</h2><p>text</p><td><table><tr><td>a<td>b</table></table>`);

    expect(lines(blocks)).toEqual([
      "paragraph: left",
      "paragraph: right",
      "heading2: Inner",
      "paragraph: text",
      "table_row: a | b",
    ]);
  });

  it("is decoded as it declares, or as its header did", async () => {
    const page = (head: string) =>
      new Uint8Array(Buffer.from(`${head}<p>Gr\u00f6\u00dfe \u2013 na\u00efve</p>`, "latin1"));
    const declared = await openHtml(page(`<meta charset="iso-8859-1">`), optionsFor());
    const told = await openHtml(page(""), optionsFor("a.html", "text/html; charset=windows-1252"));
    const { signal } = new AbortController();

    for (const document of [declared, told]) {
      expect((await document.read(1, 1, signal))[0]?.text).toMatch(/^Größe .* naïve$/);
    }
  });

  it("without text is refused as empty", async () => {
    const opened = openHtml(new TextEncoder().encode("<script>1</script>"), optionsFor());

    await expect(opened).rejects.toMatchObject({ code: "document_empty" });
  });
});

describe("a hostile web page", () => {
  it("that nests its elements by ten thousands is refused", () => {
    expect(() => htmlBlocks(`${"<div>".repeat(200_000)}deep`)).toThrow(
      expect.objectContaining({ code: "document_unsupported" }),
    );
  });

  it("comes to no more text than it holds, whatever its cells claim", () => {
    const wide = `<td rowspan=65534 colspan=1000>${"wide ".repeat(100)}</td>`;
    const page = `<table><tr>${wide.repeat(100)}</tr>${"<tr><td>x</td></tr>".repeat(20_000)}</table>`;

    const { blocks } = htmlBlocks(page);

    const length = blocks.reduce((sum, { text }) => sum + text.length, 0);
    expect(length).toBeLessThan(page.length + 600_000);
  });

  it("whose tags are wrong in every way keeps its text", () => {
    const { blocks } = htmlBlocks(
      `</td></table><li>a<td>b</tr><table><h1>c</table></h1></li></p><p <b>d</b><!-- x <p>e`,
    );

    const text = blocks.map((block) => block.text).join(" ");
    expect(text).toMatch(/a.*b.*c/);
  });
});
