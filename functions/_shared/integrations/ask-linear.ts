import { type ZodType, z } from "zod";
import type { CapabilityContext } from "./capability.ts";
import { linearError } from "./linear-error.ts";
import { bearerApi } from "./provider-api.ts";

const failed = z.object({
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z
          .object({
            code: z.string().optional(),
            type: z.string().optional(),
            userPresentableMessage: z.string().optional(),
          })
          .optional(),
      }),
    )
    .min(1),
});

/** Linear says of failures `errors`, with status 200 or 400; of half an answer nothing is used. */
export async function askLinear<A extends object>(
  context: CapabilityContext,
  data: ZodType<A>,
  query: string,
  variables: unknown,
): Promise<A> {
  const answer = z.union([failed, z.object({ data })]);
  const said = await bearerApi("Linear", { ...context, fetch: withErrorsRead(context.fetch) }).json(
    answer,
    { method: "POST", path: "graphql", json: { query, variables } },
  );
  if ("errors" in said) {
    throw linearError(said.errors[0]);
  }
  return said.data;
}

/** Lets the errors of a refused query be read as those of one that was run. */
function withErrorsRead(ask: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await ask(input, init);
    if (response.status !== 400) {
      return response;
    }
    const text = await response.text();
    const isQuery = failed.safeParse(parse(text)).success;
    return new Response(text, { status: isQuery ? 200 : 400, headers: response.headers });
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
