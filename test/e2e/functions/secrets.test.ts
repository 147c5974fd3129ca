import type { SupabaseClient } from "@supabase/supabase-js";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { clientRpc } from "../../../functions/_shared/database/client-rpc.ts";
import { resolveReferences } from "../../../functions/_shared/secrets/resolve-references.ts";
import { clientOf, sharedStack } from "../../support/stack.ts";
import { must, newPerson, type Person } from "./people.ts";

const stack = sharedStack();
let service: SupabaseClient;
let person: Person;
beforeAll(async () => {
  service = clientOf(stack, stack.keys.secretKey);
});
beforeEach(async () => {
  person = await newPerson(stack);
});

const create = (name: string, value: string, by = person) =>
  by.client.rpc("create_organization_secret", {
    p_organization_id: by.organizationId,
    p_name: name,
    p_value: value,
  });

const denials = async () =>
  must(
    await service
      .from("audit_logs")
      .select("actor_id, new_values")
      .eq("organization_id", person.organizationId)
      .eq("action", "permission.denied"),
  );

describe("secrets of an organization", () => {
  it("are kept, listed, used by reference, rotated and deleted, and never shown", async () => {
    const secret = must(await create("mailer", "hunter2"));
    must(
      await person.client
        .from("agents")
        .update({ config: { mail: { api_key_ref: "mailer" } } })
        .eq("id", person.agentId)
        .select()
        .single(),
    );

    const listed = must(await person.client.from("organization_secrets").select());
    expect(listed).toEqual([secret]);
    expect(JSON.stringify(listed)).not.toContain("hunter2");

    const { config } = must(
      await service.from("agents").select("config").eq("id", person.agentId).single(),
    );
    const rpc = clientRpc(service, "service");
    const { mail } = await resolveReferences(config, person.organizationId, rpc);
    expect(mail).toEqual({ api_key_ref: "mailer", api_key: "hunter2" });

    const rotated = must(
      await person.client.rpc("rotate_organization_secret", {
        p_secret_id: secret.id,
        p_value: "hunter3",
      }),
    );
    expect(rotated).toMatchObject({ version: 2, rotated_at: expect.any(String) });
    expect(await resolveReferences({ x_ref: secret.id }, person.organizationId, rpc)).toEqual({
      x_ref: secret.id,
      x: "hunter3",
    });

    const inUse = await person.client.rpc("delete_organization_secret", { p_secret_id: secret.id });
    expect(inUse.error).toMatchObject({ details: "secret_in_use" });
    expect(inUse.status).toBe(409);
    must(
      await person.client
        .from("agents")
        .update({ config: {} })
        .eq("id", person.agentId)
        .select()
        .single(),
    );
    must(await person.client.rpc("delete_organization_secret", { p_secret_id: secret.id }));
    expect(must(await person.client.from("organization_secrets").select())).toEqual([]);
  });

  it("are renamed and described anew", async () => {
    const secret = must(await create("mailer", "hunter2"));

    const renamed = must(
      await person.client.rpc("update_organization_secret", {
        p_secret_id: secret.id,
        p_name: "post",
        p_description: "For the newsletter",
      }),
    );

    expect(renamed).toMatchObject({ name: "post", description: "For the newsletter" });
  });

  it("are told to nobody else: not to strangers, not to their owner", async () => {
    const secret = must(await create("mailer", "hunter2"));
    const stranger = await newPerson(stack);
    const references = { p_organization_id: person.organizationId, p_references: ["mailer"] };

    const byOwner = await person.client.rpc("resolve_organization_secrets", references);
    const byStranger = await stranger.client.rpc("rotate_organization_secret", {
      p_secret_id: secret.id,
      p_value: "mine",
    });

    expect(byOwner.error).toMatchObject({ code: "42501" });
    expect(byStranger.error).toMatchObject({ details: "secret_not_found" });
    expect(must(await stranger.client.from("organization_secrets").select())).toEqual([]);
  });

  it("stay out of configurations themselves", async () => {
    const refused = await person.client
      .from("agents")
      .update({ config: { mail: { api_key: "hunter2" } } })
      .eq("id", person.agentId);

    expect(refused.status).toBe(400);
    expect(refused.error).toMatchObject({
      details: "plain_credential",
      message: "There is a plain credential in config.mail.api_key",
    });
    expect(JSON.stringify(refused.error)).not.toContain("hunter2");
  });
});

describe("permissions", () => {
  it("can be asked for, and a denial is written down", async () => {
    const ask = async (permission: string, by = person) =>
      must(
        await by.client.rpc("check_permission", {
          p_organization_id: person.organizationId,
          p_permission: permission,
        }),
      );
    const stranger = await newPerson(stack);

    expect(await ask("secrets.manage")).toBe(true);
    expect(await ask("secrets.manage", stranger)).toBe(false);

    expect(await denials()).toMatchObject([{ new_values: { permission: "secrets.manage" } }]);
  });

  it("that a function was refused are written down once it has answered", async () => {
    const stranger = await newPerson(stack);

    const response = await fetch(`${stack.url}/functions/v1/invitation-email`, {
      method: "POST",
      headers: {
        apikey: stack.keys.publishableKey,
        authorization: `Bearer ${stranger.token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        organization_id: person.organizationId,
        email: "friend@example.test",
        role_id: must(await service.from("roles").select("id").eq("name", "owner").single()).id,
      }),
    });

    expect(response.status).toBe(403);
    await expect
      .poll(denials, { timeout: 5_000 })
      .toMatchObject([{ new_values: { function: "invitation-email" } }]);
  });
});
