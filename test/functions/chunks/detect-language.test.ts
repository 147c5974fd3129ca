import { describe, expect, it } from "vitest";
import { detectLanguage } from "../../../functions/_shared/chunks/detect-language.ts";

describe("the language of a text", () => {
  it.each([
    ["en", "english", "All persons born or naturalized in the United States are its citizens."],
    [
      "de",
      "german",
      "Die Würde des Menschen ist unantastbar. Sie zu achten ist Pflicht des Staates.",
    ],
    ["fr", "french", "Les hommes naissent et demeurent libres et égaux en droits."],
    [
      "es",
      "spanish",
      "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, vivía un hidalgo.",
    ],
    ["it", "italian", "Nel mezzo del cammin di nostra vita mi ritrovai per una selva oscura."],
    [
      "pt",
      "portuguese",
      "Todos os seres humanos nascem livres e iguais em dignidade e em direitos.",
    ],
    ["nl", "dutch", "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren."],
    ["ru", "russian", "Все люди рождаются свободными и равными в своём достоинстве и правах."],
    ["tr", "turkish", "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar."],
    [
      "ja",
      "simple",
      "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    ],
    [
      "pl",
      "simple",
      "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw.",
    ],
  ])("is told: %s", (language, configuration, text) => {
    expect(detectLanguage(text)).toEqual({ language, configuration });
  });

  it.each(["", "OK", "4711 / 0815", "SKU-99 12.50 €"])("is not guessed from %j", (text) => {
    expect(detectLanguage(text)).toEqual({ language: null, configuration: "simple" });
  });

  it("is not that of names, addresses and numbers", () => {
    const mail = `From: Inês Açores <ines@example.org>
      Date: 2026-03-03T06:15:00.000Z
      Dear crew, the storm reaches us at 18:00. Stay ashore, and mind that it is not over by noon.
      Attachment: forecast für März.pdf`;
    const table =
      "Item | Litres | Used\nRape oil | 120.5 | 35%\nParaffin & wicks | 80 | 10%\nTran; Öl";

    expect(detectLanguage(mail).language).toBe("en");
    expect(["english", "simple"]).toContain(detectLanguage(table).configuration);
  });

  it("is told quickly of a text of a million letters", () => {
    const text = "Die Katze schläft auf dem Sofa und träumt von Mäusen. ".repeat(20_000);

    expect(detectLanguage(text).configuration).toBe("german");
  });

  it("is that of the whole, whatever the title page says", () => {
    const text =
      "Terms of use of this file. ".repeat(3) +
      "Der Vertrag wird schriftlich geschlossen und gilt für ein Jahr. ".repeat(400);

    expect(detectLanguage(text).language).toBe("de");
  });
});
