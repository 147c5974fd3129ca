import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OutboundFailure } from "../../../functions/_shared/guard/outbound-failure.ts";
import { generate } from "../../../functions/_shared/model/generate.ts";
import type { ModelSettings } from "../../../functions/_shared/model/model-settings.ts";
import { resolveModel } from "../../../functions/_shared/model/resolve-model.ts";
import { toModelFailure } from "../../../functions/_shared/model/to-model-failure.ts";
import { Internet } from "../../support/internet/internet.ts";
import { organizationId } from "../samples.ts";

const functions = new URL("../../../functions/", import.meta.url);

/** What leaves a function past the guard, as its source says it. */
const WAYS_OUT = [
  /\bfetch\(/,
  /\bglobalThis\.fetch\b(?!;|,)/,
  /\bDeno\.(connect|startTls|createHttpClient)/,
  /\bnew (WebSocket|EventSource|XMLHttpRequest)\b/,
  /from "((node:)?(https?|http2|net|tls|dgram)|nodemailer)"/,
];

/** Files that may leave past it, each with its reason. */
const allowed: Record<string, string> = {
  "_shared/connections/identity.ts": "uses the fetch that it is handed",
  "_shared/connections/revoke-tokens.ts": "uses the fetch that it is handed",
  "_shared/connections/token-dialect.ts": "uses the fetch that it is handed",
  "_shared/embeddings/find-embedder.ts": "the operator's own address is trusted",
  "_shared/http/deno-connect.ts": "the guard's own way out",
  "_shared/integrations/compose-message.ts": "writes messages and connects to nothing",
  "_shared/integrations/smtp.ts": "connects to addresses that the guard checked",
  "_shared/mail/smtp-mailer.ts": "the operator's own mail server is trusted",
  "_shared/model/operator-settings.ts": "the operator's own address is trusted",
  "connect-service/try-key.ts": "uses the fetch that it is handed",
  "connect-service/try-smtp.ts": "connects to addresses that the guard checked",
};

function leavesPastTheGuard(source: string): boolean {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "");
  // A fetch that is handed in is for whoever hands it in to account for.
  const own = code.replace(/\b\w+\.fetch\(/g, "");
  return WAYS_OUT.some((way) => way.test(own));
}

describe("the way out of functions", () => {
  it("is the guard, but for those who are listed", () => {
    const files = readdirSync(functions, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .filter((name) => leavesPastTheGuard(readFileSync(new URL(name, functions), "utf8")));

    expect(files.toSorted()).toEqual(Object.keys(allowed).toSorted());
  });

  it.each([
    "await fetch(url)",
    "const get = globalThis.fetch.bind(null)",
    'await Deno.connect({ hostname: "x" })',
    "new WebSocket(url)",
    'import { get } from "node:https";',
  ])("is seen to be left by %s", (source) => {
    expect(leavesPastTheGuard(source)).toBe(true);
    expect(leavesPastTheGuard(`// ${source}`)).toBe(false);
  });

  it("is guarded at every request to a model, not only when it is chosen", async () => {
    const internet = new Internet();
    internet.names.set("models.example.com", [["93.184.215.14"], ["10.0.0.1"], ["10.0.0.1"]]);
    const settings = await resolveModel(organizationId, null, {
      env: {},
      rpc: async () => ({
        provider: "openai-compatible",
        base_url: "https://models.example.com/v1",
        api_key: "key",
        model: "m",
      }),
      network: internet.network(),
    });

    const answer = generate({
      settings,
      prompt: { system: "", messages: [{ role: "user", content: "Hello" }] },
      promptTokens: 1,
      maxTokens: 1,
      temperature: null,
      count: () => 1,
    });

    await expect(answer).rejects.toMatchObject({ status: 422, code: "url_not_allowed" });
    // Refused once and for all, so not tried again.
    expect(internet.lookUps).toHaveLength(2);
    expect(internet.connections).toEqual([]);
  });

  it.each([
    ["outbound_unreachable", 502, "model_unavailable"],
    ["outbound_bad_answer", 502, "model_unavailable"],
    ["outbound_timeout", 504, "model_timeout"],
  ] as const)("reports %s of a model in the words of models", (code, status, then) => {
    const settings = { timeoutMs: 90_000, model: "m" } as ModelSettings;

    const failure = toModelFailure(new OutboundFailure(code, "The server."), settings);

    expect(failure).toMatchObject({ status, code: then, retryable: true });
  });
});
