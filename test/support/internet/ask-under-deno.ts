/**
 * Run by Deno, as the functions are: asks for each URL of the first argument through the guard,
 * with the way out of functions, and writes down what came of it. The second argument says on which
 * ports of this machine the addresses of the stubbed internet really are, the third which names
 * lead there.
 */
import { guardedFetch } from "../../../functions/_shared/guard/guarded-fetch.ts";
import { outboundNetwork } from "../../../functions/_shared/guard/outbound-network.ts";
import { denoPlatform } from "../../../functions/_shared/http/deno-platform.ts";

interface Question {
  url: string;
  body?: string;
  timeoutMs?: number;
  /** Leaves after the first piece of the answer. */
  leave?: boolean;
}

const { Deno } = globalThis as unknown as { Deno: { args: string[] } };
const questions: Question[] = JSON.parse(Deno.args[0] ?? "[]");
const ports: Record<string, number> = JSON.parse(Deno.args[1] ?? "{}");
const names: Record<string, string[]> = JSON.parse(Deno.args[2] ?? "{}");

const platform = denoPlatform();
const network = outboundNetwork({
  ...platform,
  resolveHost: async (host) => names[host] ?? [],
  connect: (endpoint, signal) => {
    const port = ports[`${endpoint.address}:${endpoint.port}`];
    return platform.connect(
      port === undefined ? endpoint : { ...endpoint, address: "127.0.0.1", port },
      signal,
    );
  },
});

for (const { url, body, timeoutMs, leave } of questions) {
  const init = body === undefined ? {} : { method: "POST", body };
  try {
    const response = await guardedFetch(url, init, network, timeoutMs ? { timeoutMs } : {});
    const pieces = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    let count = 0;
    for (let next = await pieces?.read(); next && !next.done; next = await pieces?.read()) {
      text += next.value;
      count += 1;
      if (leave) {
        await pieces?.cancel();
        break;
      }
    }
    const { status } = response;
    console.log(JSON.stringify({ status, text: text.slice(0, 100), length: text.length, count }));
  } catch (error) {
    const { code, name } = error as { code?: string; name: string };
    console.log(JSON.stringify({ code: code ?? name }));
  }
}
