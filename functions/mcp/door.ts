import { errorResponse } from "../_shared/errors/error-response.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import { CORRELATION_HEADER, correlationIdOf } from "../_shared/http/correlation-id.ts";
import { corsHeaders } from "../_shared/http/cors.ts";

type Env = Record<string, string | undefined>;

/** What assistants in browsers send and read, beyond what other callers do. */
const mcpCorsHeaders = {
  "access-control-allow-headers": [
    corsHeaders["access-control-allow-headers"],
    "mcp-protocol-version, mcp-session-id, last-event-id",
  ].join(", "),
  "access-control-expose-headers": [
    corsHeaders["access-control-expose-headers"],
    "www-authenticate",
  ].join(", "),
};

/** Beneath the function, as the root of the domain is not ours. */
const METADATA_PATH = "/oauth-protected-resource";

/**
 * What MCP asks of its HTTP endpoint beyond what every function does: pages of other sites are
 * refused by their Origin (a name that was rebound to this address included), a 401 says where to
 * get a token (RFC 9728), and a 405 which methods there are.
 */
export function mcpDoor(
  env: Env,
  answer: (request: Request) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const response = await reply(request);
    for (const [name, value] of Object.entries({ ...corsHeaders, ...mcpCorsHeaders })) {
      response.headers.set(name, value);
    }
    return response;
  };

  async function reply(request: Request): Promise<Response> {
    const origin = request.headers.get("origin");
    if (origin !== null && !isAllowed(origin, env)) {
      const correlationId = correlationIdOf(request.headers.get(CORRELATION_HEADER));
      const refusal = new HttpError(
        403,
        "origin_not_allowed",
        "Pages of that origin may not call.",
        {
          hint: "Add it to MCP_ALLOWED_ORIGINS.",
        },
      );
      return errorResponse(refusal, correlationId);
    }
    if (request.method === "GET" && new URL(request.url).pathname.endsWith(METADATA_PATH)) {
      return Response.json(resourceMetadata(env));
    }

    const response = await answer(request);
    if (response.status === 401) {
      const metadata = `${resourceUrl(env)}${METADATA_PATH}`;
      response.headers.set("www-authenticate", `Bearer resource_metadata="${metadata}"`);
    } else if (response.status === 405) {
      response.headers.set("allow", "POST, OPTIONS");
    }
    return response;
  }
}

/**
 * Programs send no origin. Of pages, those of the site may call, of MCP_ALLOWED_ORIGINS (separated
 * by commas), and of the user's own machine.
 */
function isAllowed(origin: string, env: Env): boolean {
  if (!URL.canParse(origin)) {
    return false;
  }
  const allowed = [...(env.MCP_ALLOWED_ORIGINS ?? "").split(","), env.SITE_URL, projectUrl(env)]
    .map((text) => text?.trim() ?? "")
    .flatMap((text) => (URL.canParse(text) ? [new URL(text).origin] : []));
  const { origin: normal, protocol, hostname } = new URL(origin);
  return (
    allowed.includes(normal) ||
    (["http:", "https:"].includes(protocol) &&
      ["localhost", "127.0.0.1", "[::1]"].includes(hostname))
  );
}

function resourceMetadata(env: Env): Record<string, unknown> {
  return {
    resource: resourceUrl(env),
    resource_name: "Ensemble",
    authorization_servers: [`${projectUrl(env)}/auth/v1`],
    bearer_methods_supported: ["header"],
  };
}

const resourceUrl = (env: Env) => `${projectUrl(env)}/functions/v1/mcp`;

/** Functions may reach the project under another address than the world does. */
function projectUrl(env: Env): string {
  return (env.SUPABASE_PUBLIC_URL || env.SUPABASE_URL || "").replace(/\/+$/, "");
}
