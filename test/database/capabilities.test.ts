import { describe, expect, it } from "vitest";
import { capabilities } from "../../functions/_shared/integrations/index.ts";
import { inputSchema } from "../../functions/_shared/integrations/input-schema.ts";
import { inRolledBackSession } from "../support/database/prepared.ts";

interface Row {
  key: string;
  provider: string;
  effect: string;
  input_schema: unknown;
  required_scopes: string[];
  scopes_supported: { scope: string }[];
  display_order: number;
}

const catalogue = () =>
  inRolledBackSession((session) =>
    session.query<Row>(`
      select
        integration_capabilities.capability_key as key,
        integration_capabilities.effect,
        integration_capabilities.input_schema,
        integration_capabilities.required_scopes,
        integration_capabilities.display_order,
        service_providers.name as provider,
        service_providers.scopes_supported
      from public.integration_capabilities
      join public.service_providers
        on service_providers.id = integration_capabilities.integration_id
      order by 1`),
  );

describe("the catalogue of capabilities", () => {
  it("has a program for every row, and a row for every program", async () => {
    const rows = await catalogue();

    expect(rows.map(({ key }) => key)).toEqual(Object.keys(capabilities).sort());
    expect(rows.length).toBeGreaterThan(15);
  });

  it("shows models the input that each program takes", async () => {
    const rows = await catalogue();
    const seeded = Object.fromEntries(rows.map(({ key, input_schema }) => [key, input_schema]));
    const taken = Object.fromEntries(
      Object.values(capabilities).map((capability) => [capability.key, inputSchema(capability)]),
    );

    expect(seeded).toEqual(taken);
  });

  it("takes nothing that a schema does not name, so that a slip is told and not passed over", () => {
    const open = Object.values(capabilities).filter(
      (capability) => inputSchema(capability).additionalProperties !== false,
    );

    expect(open.map(({ key }) => key)).toEqual([]);
  });

  it("asks for no scope that its provider does not know", async () => {
    const rows = await catalogue();
    const unknown = rows.flatMap(({ key, required_scopes, scopes_supported }) =>
      required_scopes
        .filter((scope) => !scopes_supported.some((supported) => supported.scope === scope))
        .map((scope) => `${key}: ${scope}`),
    );

    expect(unknown).toEqual([]);
  });

  it("lets nothing pass without a scope where its provider has some", async () => {
    const rows = await catalogue();
    const free = rows.filter(
      ({ required_scopes, scopes_supported }) =>
        required_scopes.length === 0 && scopes_supported.length > 0,
    );

    expect(free.map(({ key }) => key)).toEqual([]);
  });

  it("gives the capabilities of a provider a place each", async () => {
    const rows = await catalogue();
    const places = rows.map(({ provider, display_order }) => `${provider} ${display_order}`);

    expect(new Set(places).size).toBe(places.length);
  });

  it("counts as reading only what is called so", async () => {
    const rows = await catalogue();
    const reading = /_(list|read|search|query)(_|$)/;
    const amiss = rows.filter(({ key, effect }) => (effect === "read") !== reading.test(key));

    expect(amiss.map(({ key }) => key)).toEqual([]);
  });
});
