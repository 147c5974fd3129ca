import type { ZodType } from "zod";
import type { CapabilityContext } from "./capability.ts";
import { ProviderError, toProviderError } from "./provider-error.ts";

/** A value of a query string; those that are undefined or null are left out. */
export type QueryValue = string | number | boolean | readonly string[] | null | undefined;

/** One request to a provider's API. */
export interface ProviderRequest {
  /** GET unless said. */
  method?: string;
  /** Beneath the base URL, without a slash at the beginning; made with `pathOf`. */
  path: string;
  query?: Record<string, QueryValue>;
  headers?: Record<string, string>;
  /** A body as JSON. */
  json?: unknown;
  /** Any other body. */
  body?: BodyInit;
}

/** A provider's API as one connection sees it. Both throw a `ProviderError` for all but 2xx. */
export interface ProviderApi {
  send(request: ProviderRequest): Promise<Response>;
  /** Sends, and reads what the documentation promises of the answer. */
  json<T>(schema: ZodType<T>, request: ProviderRequest): Promise<T>;
}

/** The API of an OAuth provider. `provider` is its name for people. */
export function bearerApi(provider: string, context: CapabilityContext): ProviderApi {
  if (!context.accessToken) {
    throw new ProviderError(
      "provider_unauthorized",
      `The connection to ${provider} has no token.`,
      {
        hint: `Ask the connection's owner to connect ${provider} again.`,
      },
    );
  }
  return providerApi(provider, context, { authorization: `Bearer ${context.accessToken}` });
}

/** The API of a provider whose requests carry these headers. */
export function providerApi(
  provider: string,
  context: CapabilityContext,
  credentialHeaders: Record<string, string>,
): ProviderApi {
  const { baseUrl, signal, accessToken, credential, metadata } = context;
  const secrets = [accessToken, credential?.api_key, credential?.password].filter(
    (secret) => typeof secret === "string",
  );

  async function send({ method = "GET", path, query, headers, json, body }: ProviderRequest) {
    const url = new URL(`${baseUrl.replace(/\/+$/, "")}/${path}`);
    for (const [name, value] of Object.entries(query ?? {})) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined && one !== null) {
          url.searchParams.append(name, String(one));
        }
      }
    }
    // A space as %20: not every API reads a plus as one.
    url.search = url.search.replaceAll("+", "%20");
    const response = await context.fetch(url, {
      method,
      headers: {
        accept: "application/json",
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...(metadata.headers as Record<string, string> | undefined),
        ...headers,
        ...credentialHeaders,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(body === undefined ? {} : { body }),
      signal,
    });
    if (!response.ok) {
      throw await toProviderError(provider, response, secrets);
    }
    return response;
  }

  return {
    send,
    async json(schema, request) {
      const response = await send(request);
      const answer = schema.safeParse(await readJson(response));
      if (!answer.success) {
        throw new ProviderError(
          "provider_bad_answer",
          `${provider} answered with something other than its documentation says.`,
          { providerStatus: response.status, cause: answer.error },
        );
      }
      return answer.data;
    },
  };
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no schema takes it
  }
}

/**
 * A path whose values stay within their segments: encoded, and never `.` or `..`, which would lead
 * to another of the API's methods.
 */
export function pathOf(parts: TemplateStringsArray, ...values: string[]): string {
  return parts.reduce((path, part, index) => `${path}${segment(values[index - 1] ?? "")}${part}`);
}

function segment(value: string): string {
  if (/^\.{0,2}$/.test(value)) {
    throw new ProviderError(
      "provider_invalid_input",
      "An identifier is empty or consists of dots.",
      {
        hint: "Give the identifier as the provider names it: list or search first.",
      },
    );
  }
  return encodeURIComponent(value);
}
