import { type ZodType, z } from "zod";
import type { CapabilityContext } from "./capability.ts";
import { bearerApi, type ProviderRequest } from "./provider-api.ts";
import { slackError } from "./slack-error.ts";

const failed = z.object({ ok: z.literal(false), error: z.string(), needed: z.string().optional() });

/** Calls a method of Slack's, which tells most failures as `ok: false` with status 200. */
export async function askSlack<A extends object>(
  context: CapabilityContext,
  method: string,
  answer: ZodType<A>,
  request: Pick<ProviderRequest, "query" | "json">,
): Promise<A> {
  const isWrite = request.json !== undefined;
  const said = await bearerApi("Slack", context).json(z.union([failed, answer]), {
    path: method,
    ...request,
    ...(isWrite
      ? { method: "POST", headers: { "content-type": "application/json; charset=utf-8" } }
      : {}),
  });
  if ("ok" in said && said.ok === false) {
    throw slackError(said as z.infer<typeof failed>);
  }
  return said as A;
}
