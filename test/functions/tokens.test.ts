import { beforeAll, describe, expect, it } from "vitest";
import { type CountTokens, loadTokenizer } from "../../functions/_shared/tokens/count-tokens.ts";
import { fitText } from "../../functions/_shared/tokens/fit-text.ts";
import { countPrompt, trimMessages } from "../../functions/_shared/tokens/trim-messages.ts";

let count: CountTokens;
beforeAll(async () => {
  count = await loadTokenizer();
});

const turn = (content: string, role: "user" | "assistant" = "user") => ({ role, content });

describe("counting tokens", () => {
  it("counts as the model does", () => {
    expect(count("")).toBe(0);
    expect(count("hello world")).toBe(2);
    expect(count("The quick brown fox jumps over the lazy dog. ".repeat(100))).toBe(1001);
  });

  it("takes control tokens as text", () => {
    expect(count("<|endoftext|>")).toBeGreaterThan(1);
  });

  it("stays quick on a single word of 100,000 letters", () => {
    const begun = performance.now();

    const tokens = count("x".repeat(100_000));

    expect(tokens).toBeGreaterThan(5_000);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});

describe("fitting a text", () => {
  it("leaves a short text alone", () => {
    expect(fitText("short", 10, count)).toBe("short");
  });

  it("keeps the beginning and the end of a long one", () => {
    const text = `BEGIN ${"filler ".repeat(2_000)}END`;

    const fitted = fitText(text, 100, count);

    expect(count(fitted)).toBeLessThanOrEqual(100);
    expect(count(fitted)).toBeGreaterThan(80);
    expect(fitted).toMatch(/^BEGIN.*shortened.*END$/s);
  });

  it("gives nothing where nothing fits", () => {
    expect(fitText("word ".repeat(100), 3, count)).toBe("");
  });
});

describe("trimming messages", () => {
  it("keeps instructions and the newest messages, each whole", () => {
    const messages = Array.from({ length: 20 }, (_, at) => turn(`Message number ${at} ok`));

    const { prompt, tokens } = trimMessages({ system: "Be brief.", messages }, 60, count);

    expect(prompt.system).toBe("Be brief.");
    expect(prompt.messages).toEqual(messages.slice(-prompt.messages.length));
    expect(prompt.messages.length).toBeGreaterThan(1);
    expect(tokens).toBeLessThanOrEqual(60);
    expect(tokens).toBe(countPrompt(prompt, count));
  });

  it("leaves no gap: an older message that would fit is dropped with the long one", () => {
    const messages = [turn("old"), turn("long ".repeat(100)), turn("new")];

    const { prompt } = trimMessages({ system: "", messages }, 40, count);

    expect(prompt.messages).toEqual([turn("new")]);
  });

  it("says how long a message is that does not fit at all", () => {
    const messages = [turn("long ".repeat(100))];

    expect(() => trimMessages({ system: "Be brief.", messages }, 50, count)).toThrow(
      /take 1\d\d tokens; the agent's context_window_size is 50/,
    );
  });
});
