import { describe, expect, it, vi } from "vitest";
import { resolveReferences } from "../../functions/_shared/secrets/resolve-references.ts";
import { organizationId } from "./samples.ts";

const keeping = (secrets: Record<string, string>) => vi.fn(async () => secrets);

describe("resolving references to secrets", () => {
  it("gives every <x>_ref also as <x>, however deep, and leaves the configuration as it was", async () => {
    const config = {
      api_key_ref: "mailer",
      limit: 5,
      hooks: [{ token_ref: "bot" }, "text", null],
      nested: { deep: { password_ref: "mailer" } },
    };
    const before = structuredClone(config);
    const rpc = keeping({ mailer: "m-value", bot: "b-value" });

    const resolved = await resolveReferences(config, organizationId, rpc);

    expect(resolved).toEqual({
      api_key_ref: "mailer",
      api_key: "m-value",
      limit: 5,
      hooks: [{ token_ref: "bot", token: "b-value" }, "text", null],
      nested: { deep: { password_ref: "mailer", password: "m-value" } },
    });
    expect(config).toEqual(before);
    expect(rpc).toHaveBeenCalledExactlyOnceWith("resolve_organization_secrets", {
      p_organization_id: organizationId,
      p_references: ["mailer", "bot"],
    });
  });

  it("lets the secret take the place of what stood there", async () => {
    const config = { api_key: "left over", api_key_ref: "mailer" };

    const resolved = await resolveReferences(config, organizationId, keeping({ mailer: "m" }));

    expect(resolved.api_key).toBe("m");
  });

  it.each([
    {},
    { limit: 5, list: [1, "x", null], _ref: "x", prefer: "y" },
    { api_key_ref: "", token_ref: null, other_ref: 5, more_ref: { text: "x" } },
  ])("asks for nothing when nothing is referred to: %j", async (config) => {
    const rpc = keeping({});

    expect(await resolveReferences(config, organizationId, rpc)).toEqual(config);
    expect(rpc).not.toHaveBeenCalled();
  });

  it("makes plain properties of strange names", async () => {
    const config = JSON.parse('{"__proto___ref": "mailer", "a": {"__proto__": {"b": 1}}}');

    const resolved = await resolveReferences(config, organizationId, keeping({ mailer: "m" }));

    expect(Object.getPrototypeOf(resolved)).toBe(Object.prototype);
    expect(Object.entries(resolved)).toContainEqual(["__proto__", "m"]);
    expect(({} as Record<string, unknown>).b).toBeUndefined();
  });

  it("fails when a secret is missing", async () => {
    const rpc = vi.fn().mockRejectedValue(new Error("secret_not_found"));

    await expect(resolveReferences({ a_ref: "x" }, organizationId, rpc)).rejects.toThrow(
      "secret_not_found",
    );
  });
});
