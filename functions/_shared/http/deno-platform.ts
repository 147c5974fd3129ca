import { denoConnect } from "./deno-connect.ts";
import type { Platform } from "./platform.ts";

/** The parts of Deno and of Supabase's Edge Runtime that the platform is made of. */
interface Runtime {
  Deno: {
    env: { toObject(): Record<string, string> };
    resolveDns(name: string, type: "A" | "AAAA"): Promise<string[]>;
  };
  EdgeRuntime?: { waitUntil(promise: Promise<unknown>): void };
}

/** The platform under Deno. Typed by hand, so that this file also compiles for Node's tools. */
export function denoPlatform(): Platform {
  const { Deno, EdgeRuntime } = globalThis as unknown as Runtime;
  return {
    env: Deno.env.toObject(),
    resolveHost: async (host) => {
      const found = await Promise.allSettled([
        Deno.resolveDns(host, "A"),
        Deno.resolveDns(host, "AAAA"),
      ]);
      return found.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    },
    connect: denoConnect,
    // Outside the Edge Runtime the process outlives its responses anyway.
    waitUntil: (promise) => EdgeRuntime?.waitUntil(promise),
  };
}
