import { describe, expect, it } from "vitest";
import { decodeBytes } from "../../../functions/_shared/documents/decode-bytes.ts";
import { sample } from "./read-blocks.ts";

describe("text of any encoding", () => {
  it.each([
    ["german-utf-8-marked", /^Die Fähre .* außer am Heiligabend\. Größere .* – „pünktlich“/],
    ["german-utf-16", /^Die Fähre .* außer am Heiligabend\. Größere .* – „pünktlich“/],
    ["german-utf-16be-unmarked", /^Die Fähre .* außer am Heiligabend\. Größere .* – „pünktlich“/],
    ["german-windows-1252", /^Die Fähre .* außer am Heiligabend\. Größere .* – „pünktlich“/],
    ["polish-iso-8859-2", /^Prom odpływa .* żeby zdążyć na odprawę\. Źle .* Łódź nocna/],
    ["russian-koi8-r", /^Паром отправляется .* иначе он поплывёт следующим рейсом\./],
    ["russian-windows-1251", /^Паром отправляется .* иначе он поплывёт следующим рейсом\./],
    ["japanese-shift_jis", /^フェリーは毎朝七時に出航します。/],
    ["japanese-euc-jp", /^フェリーは毎朝七時に出航します。/],
    ["japanese-iso-2022-jp", /^フェリーは毎朝七時に出航します。/],
    ["chinese-gb18030", /^渡轮每天早上七点开船。/],
    ["chinese-big5", /^渡輪每天早上七點開船。/],
    ["korean-euc-kr", /^여객선은 매일 아침 일곱 시에 출항합니다\./],
  ])("is read: %s", (name, expected) => {
    const text = decodeBytes(sample(`text/${name}.txt`));

    expect(text).toMatch(expected);
    expect(text).not.toContain("\r");
  });

  it("is UTF-8 when it can be, whatever it says of itself", () => {
    expect(decodeBytes(new TextEncoder().encode("naïve"), "iso-8859-1")).toBe("naïve");
  });

  it("is what it says of itself when it can be that", () => {
    expect(decodeBytes(new Uint8Array([0xa9, 0xb9]), "iso-8859-2")).toBe("Šš");
  });

  it("is UTF-8 although a byte was lost, or its last letter is cut in two", () => {
    const bytes = new TextEncoder().encode(`${"Größe ".repeat(40)}Fähre`);

    const cut = decodeBytes(bytes.subarray(0, bytes.indexOf(0xa4)));

    expect(cut).toMatch(/^(Größe ){40}F\ufffd$/);
  });

  it("is not taken for Japanese because of a single odd byte", () => {
    const bytes = new TextEncoder().encode("The master decides whether a ship sails. ".repeat(20));
    bytes[7] = 0x93;

    expect(decodeBytes(bytes)).toMatch(/^The mas“er decides/);
  });
});
