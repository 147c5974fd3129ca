import { createClient } from "@supabase/supabase-js";
import { describe, expect, it, vi } from "vitest";
import { clientRpc } from "../../functions/_shared/database/client-rpc.ts";

function clientWith(fetch: typeof globalThis.fetch) {
  return createClient("http://localhost:54321", "sb_secret_test", {
    auth: { persistSession: false },
    global: { fetch },
    realtime: { transport: class {} as never },
  });
}

function answers(...responses: Response[]) {
  return vi.fn<typeof globalThis.fetch>(async () => responses.shift() ?? Response.json(null));
}

function agentsIn(fetch: ReturnType<typeof answers>) {
  return fetch.mock.calls.map(([, init]) => new Headers(init?.headers).get("x-agent-id"));
}

describe("clientRpc", () => {
  it("names the agent in whose name the service acts", async () => {
    const fetch = answers();

    await clientRpc(clientWith(fetch), "service", "a1")("f", { p_name: "x" });

    expect(agentsIn(fetch)).toEqual(["a1"]);
  });

  it("names nobody when the service acts for itself", async () => {
    const fetch = answers();

    await clientRpc(clientWith(fetch), "service")("f");

    expect(agentsIn(fetch)).toEqual([null]);
  });

  it("names the agent again when it tries again", async () => {
    const fetch = answers(new Response(null, { status: 503 }));

    await clientRpc(clientWith(fetch), "service", "a1")("f");

    expect(agentsIn(fetch)).toEqual(["a1", "a1"]);
  });
});
