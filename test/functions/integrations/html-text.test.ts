import { describe, expect, it } from "vitest";
import { htmlText } from "../../../functions/_shared/integrations/html-text.ts";

describe("the text of HTML", () => {
  it.each([
    ["<p>One</p><p>Two</p>", "One\n\nTwo"],
    ["One<br>Two<br/>Three", "One\nTwo\nThree"],
    ["<table><tr><td>a</td><td>b</td></tr></table>", "a b"],
    ["<ul><li>a</li><li>b</li></ul>", "a\n\nb"],
    ["<b>Bold</b> and <a href='x'>linked</a>", "Bold and linked"],
    ["Fish &amp; chips &lt;3 &#8364;&#x20AC;&nbsp;&unknown;", "Fish & chips <3 €€ &unknown;"],
    ["<script>alert('</p>')</script>Seen", "Seen"],
    ["<STYLE>p { }</STYLE>Seen<head><title>No</title></head>", "Seen"],
    ["Seen<!-- not > this --> too", "Seen too"],
    ["<!doctype html><html><body>Seen</body></html>", "Seen"],
    ["1 < 2 and 3 > 2", "1 < 2 and 3 > 2"],
    ["Cut <b", "Cut"],
    ["<script>never closed", ""],
    ["&#0;&#xD800;&#1114112;x", "x"],
    ["", ""],
  ])("of %j is %j", (html, text) => {
    expect(htmlText(html)).toBe(text);
  });

  it.each([
    ["opening brackets", "<".repeat(1_000_000)],
    ["tags that do not end", "<a ".repeat(300_000)],
    ["scripts that do not end", "<script>".repeat(150_000)],
    ["comments that do not end", "<!--".repeat(250_000)],
    ["spaces", " ".repeat(1_000_000)],
    ["entities that do not end", "&".repeat(1_000_000)],
  ])("comes to its end with a million characters of %s", (_, html) => {
    expect(htmlText(html).length).toBeLessThanOrEqual(html.length);
  });
});
