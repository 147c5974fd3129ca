/**
 * Serves all edge functions in one Deno process; started by functions-host.ts, not by hand.
 * A function may call Deno.serve(handler) or export default { fetch }, as on Supabase.
 */
type Handler = (request: Request, info?: unknown) => Response | Promise<Response>;

const functions: Record<string, string> = JSON.parse(Deno.env.get("ENSEMBLE_FUNCTIONS") ?? "{}");
const listen = Deno.serve.bind(Deno);
const loaded = new Map<string, Promise<Handler>>();
let loading: Promise<unknown> = Promise.resolve();
let served: Handler | undefined;

// A module that serves by itself hands its handler over instead of opening a port of its own.
Object.defineProperty(Deno, "serve", {
  value: (...args: unknown[]) => {
    const last = args.at(-1);
    const handler = typeof last === "function" ? last : (last as { handler?: Handler })?.handler;
    served = handler as Handler;
    return { finished: new Promise(() => undefined), shutdown: async () => undefined };
  },
});

// On Supabase it keeps a worker alive after its response; this process stays alive anyway.
Object.defineProperty(globalThis, "EdgeRuntime", {
  value: {
    waitUntil(promise: Promise<unknown>) {
      promise.catch((error) => console.error("background work failed:", error));
    },
  },
});

/** Modules are loaded one after the other, so that each call of Deno.serve finds its owner. */
function load(name: string, entrypoint: string): Promise<Handler> {
  const result = loading.then(async () => {
    served = undefined;
    const module = await import(entrypoint);
    const handler = served ?? module.default?.fetch?.bind(module.default) ?? module.default;
    if (typeof handler !== "function") {
      throw new Error(`${name} neither calls Deno.serve nor exports default { fetch }`);
    }
    return handler as Handler;
  });
  loading = result.catch(() => undefined);
  return result;
}

async function answer(request: Request, info: unknown): Promise<Response> {
  const name = new URL(request.url).pathname.split("/")[1] ?? "";
  if (name === "_health") return Response.json({ ok: true });
  const entrypoint = functions[name];
  if (!entrypoint) return failure(404, "function_not_found", `No function is called ${name}.`);

  let handler = loaded.get(name);
  if (!handler) {
    handler = load(name, entrypoint);
    loaded.set(name, handler);
    // A function that cannot be loaded is tried again at its next request.
    handler.catch(() => loaded.delete(name));
  }
  try {
    return await (await handler)(request, info);
  } catch (error) {
    console.error(`${name} failed:`, error);
    return failure(500, "function_failed", `The function ${name} failed; its log says why.`);
  }
}

function failure(status: number, code: string, message: string): Response {
  return Response.json({ code, message, details: null }, { status });
}

listen(
  {
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(`ENSEMBLE_LISTENING ${port}`),
  },
  answer,
);

// The stack holds the other end of our input: when it is gone, however that came, so are we.
for await (const _ of Deno.stdin.readable) {
  // Nothing is ever sent.
}
Deno.exit(0);
