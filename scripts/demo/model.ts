import type { SupabaseClient } from "@supabase/supabase-js";
import { startScriptedLlm } from "../../test/support/llm/index.ts";
import type { DemoOptions } from "./options.ts";
import { unwrap } from "./unwrap.ts";

/** The model that answers in the demonstration. */
export interface DemoModel {
  /** Says which it is. */
  description: string;
  /** Whether it does what `[[…]]` in a prompt tells it (test/support/llm). */
  isScripted: boolean;
  close: () => Promise<void>;
}

/** A model that has a price, so that the scripted answers show what real ones would cost. */
const PRICED_MODEL = "gpt-4o-mini";

/** Has a scripted model answer for as long as something is shown. */
export async function withScriptedModel<T>(
  client: SupabaseClient,
  organizationId: string,
  show: () => Promise<T>,
): Promise<T> {
  const server = await startScriptedLlm();
  try {
    unwrap(
      "set the organization's model provider",
      await client.rpc("set_model_provider", {
        p_organization_id: organizationId,
        p_provider: "openai-compatible",
        p_model: PRICED_MODEL,
        p_api_key: "scripted",
        p_base_url: server.url,
      }),
    );
    return await show();
  } finally {
    await client.rpc("remove_model_provider", { p_organization_id: organizationId });
    await server.close();
  }
}

/** Gives the organization its model: the environment's, or a scripted one started here. */
export async function provideModel(
  client: SupabaseClient,
  organizationId: string,
  { model }: DemoOptions,
): Promise<DemoModel> {
  const set = async (provider: string, name: string, apiKey: string, baseUrl: string | null) => {
    unwrap(
      "set the organization's model provider",
      await client.rpc("set_model_provider", {
        p_organization_id: organizationId,
        p_provider: provider,
        p_model: name,
        p_api_key: apiKey,
        p_base_url: baseUrl,
      }),
    );
  };

  if (!model) {
    // Slow enough to watch.
    const server = await startScriptedLlm({ latencyMs: 700 });
    await set("openai-compatible", PRICED_MODEL, "scripted", server.url);
    return {
      description: `a scripted model server at ${server.url}, as LLM_BASE_URL and LLM_MODEL are not set. Its answers are made up or quoted from what it was given, its prices are those of ${PRICED_MODEL}; nothing is billed.`,
      isScripted: true,
      close: server.close,
    };
  }
  const where = model.baseUrl ?? model.provider;
  if (model.baseUrl && !isReachableForOrganizations(model.baseUrl)) {
    // Only the operator may name such an address, so the functions' own settings have to.
    return {
      description: `the functions' own LLM_* settings (${where} is no public https address)`,
      isScripted: false,
      close: async () => {},
    };
  }
  await set(model.provider, model.name, model.apiKey ?? "none", model.baseUrl);
  return { description: `${model.name} at ${where}`, isScripted: false, close: async () => {} };
}

function isReachableForOrganizations(baseUrl: string): boolean {
  const { protocol, hostname } = new URL(baseUrl);
  return protocol === "https:" || ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}
