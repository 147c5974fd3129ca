import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readOptions } from "../../../scripts/demo/options.ts";

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "demo-"));
  file = join(folder, "env");
  writeFileSync(file, 'SUPABASE_URL="http://127.0.0.1:54321/"\nSUPABASE_PUBLISHABLE_KEY=key\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the demonstration's options", () => {
  it("come from the env file", () => {
    expect(readOptions(["--env-file", file], {})).toEqual({
      supabaseUrl: "http://127.0.0.1:54321",
      publishableKey: "key",
      secretKey: null,
      model: null,
      help: false,
    });
  });

  it("come from the environment where it says otherwise", () => {
    const options = readOptions(["--env-file", file], {
      SUPABASE_URL: "http://127.0.0.1:1",
      LLM_BASE_URL: "https://models.example.com/v1",
      LLM_MODEL: "llama",
    });

    expect(options).toMatchObject({
      supabaseUrl: "http://127.0.0.1:1",
      model: { provider: "openai-compatible", name: "llama", apiKey: null },
    });
  });

  it("say to start the stack when nothing is known of one", () => {
    expect(() => readOptions(["--env-file", join(folder, "none")], {})).toThrow("There is no file");
    writeFileSync(join(folder, "empty"), "");
    expect(() => readOptions(["--env-file", join(folder, "empty")], {})).toThrow(/neither set/);
  });

  it("refuse what they do not know", () => {
    expect(() => readOptions(["--fast"], {})).toThrow(/--fast/);
  });
});
