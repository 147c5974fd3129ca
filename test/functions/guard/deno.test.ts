import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { denoPath } from "../../../scripts/stack/functions/deno-path.ts";
import { authority } from "../../support/internet/certificate.ts";
import { Internet } from "../../support/internet/internet.ts";

const ADDRESS = "93.184.215.14";
const root = new URL("../../../", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "ensemble-guard-"));
const certificates = join(folder, "authority.pem");
writeFileSync(certificates, authority);

const internet = new Internet();
afterEach(() => internet.forget());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await internet.close();
});

/** Asks under Deno, where example.com is at that port of this machine. */
async function ask(
  port: number,
  questions: object[],
  env: Record<string, string> = {},
): Promise<unknown[]> {
  const { stdout } = await promisify(execFile)(
    denoPath(),
    [
      ...["run", "--no-prompt", "--no-lock", "--no-remote", "--no-check"],
      ...["--node-modules-dir=manual", `--config=${root}functions/deno.json`],
      ...["--allow-net", "--allow-env", `--allow-read=${root}`],
      `${root}test/support/internet/ask-under-deno.ts`,
      JSON.stringify(questions),
      JSON.stringify({ [`${ADDRESS}:443`]: port }),
      JSON.stringify({ "example.com": [ADDRESS], "other.test": [ADDRESS], inside: ["10.0.0.1"] }),
    ],
    { env: { PATH: process.env.PATH, HOME: folder, DENO_CERT: certificates, ...env } },
  );
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("the way out of functions, under Deno", () => {
  it("speaks TLS to the address that was checked, for the name that was asked", async () => {
    const spoken: unknown[] = [];
    const { localPort } = await internet.serve(ADDRESS, async (request, response) => {
      let body = "";
      for await (const piece of request) body += piece;
      spoken.push([request.headers.host, body]);
      if (request.url === "/inside") {
        response.writeHead(302, { location: "https://169.254.169.254/" }).end();
      } else if (request.url === "/large") {
        response.end("x".repeat(2_000_000));
      } else if (request.url === "/silent") {
        response.write("x");
      } else {
        response.write("one");
        setTimeout(() => response.end("two"), 50);
      }
    });

    const answers = await ask(localPort, [
      { url: "https://example.com/", body: "hello" },
      { url: `https://${ADDRESS}/` },
      { url: "https://example.com/large" },
      { url: "https://other.test/" },
      { url: "https://inside/" },
      { url: "https://example.com/inside" },
      { url: "https://example.com/silent", timeoutMs: 300 },
      { url: "https://example.com/silent", leave: true },
      { url: "https://8.8.8.8.:1/" },
      { url: "http://127.0.0.1/" },
    ]);

    expect(answers).toEqual([
      { status: 200, text: "onetwo", length: 6, count: 2 },
      { status: 200, text: "onetwo", length: 6, count: 2 },
      expect.objectContaining({ status: 200, length: 2_000_000 }),
      { code: "outbound_unreachable" },
      { code: "url_not_allowed" },
      { code: "url_not_allowed" },
      { code: "outbound_timeout" },
      { status: 200, text: "x", length: 1, count: 1 },
      { code: "url_not_allowed" },
      { code: "url_not_allowed" },
    ]);
    expect(spoken).toHaveLength(6);
    expect(spoken[0]).toEqual(["example.com", "hello"]);
    await vi.waitFor(() => expect(internet.open).toBe(0));
  });

  it("trusts nobody whom the machine does not trust", async () => {
    const spoken = vi.fn();
    const { localPort } = await internet.serve(ADDRESS, spoken);

    const answers = await ask(localPort, [{ url: "https://example.com/" }], { DENO_CERT: "" });

    expect(answers).toEqual([{ code: "outbound_unreachable" }]);
    expect(spoken).not.toHaveBeenCalled();
  });

  it("reaches this machine in the embedded stack alone", async () => {
    const port = await internet.serveHere((_, response) => response.end("here"));
    const questions = [{ url: `http://localhost:${port}/` }, { url: `http://127.0.0.1:${port}/` }];

    const inside = await ask(0, questions, { ENSEMBLE_ALLOW_LOOPBACK: "1" });
    const elsewhere = await ask(0, questions);

    expect(inside).toEqual([
      { status: 200, text: "here", length: 4, count: 1 },
      { status: 200, text: "here", length: 4, count: 1 },
    ]);
    expect(elsewhere).toEqual([{ code: "url_not_allowed" }, { code: "url_not_allowed" }]);
  });
});
