import { describe, expect, it, vi } from "vitest";
import { clientRpc } from "../../functions/_shared/database/client-rpc.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { recordDenial } from "../../functions/_shared/http/record-denial.ts";
import { organizationId, otherId, userId } from "./samples.ts";

const refusal = new HttpError(403, "permission_denied", "You may not.", {
  hint: "It takes the permission members.invite.",
  deniedIn: organizationId,
});
const denied = { userId, organizationId: null, door: "invitation-email" };

describe("recording what was denied", () => {
  it("says who was denied what, where and by which function", async () => {
    const rpc = vi.fn();

    await recordDenial(refusal, denied, rpc, vi.fn());

    expect(rpc).toHaveBeenCalledExactlyOnceWith("record_permission_denied", {
      p_user_id: userId,
      p_organization_id: organizationId,
      p_permission: "members.invite",
      p_error: "permission_denied",
      p_function: "invitation-email",
    });
  });

  it.each([
    ["the organization that the caller names", otherId, otherId],
    ["nothing, when that is no id", "'; drop table", null],
    ["nothing, when the caller names none", null, null],
  ])("takes for an organization that the error does not know %s", async (_, header, expected) => {
    const rpc = vi.fn();

    await recordDenial(
      new HttpError(403, "exceeds_own_permissions", "No.", { hint: "Ask someone." }),
      { ...denied, organizationId: header },
      rpc,
      vi.fn(),
    );

    expect(rpc.mock.lastCall?.[1]).toMatchObject({
      p_organization_id: expected,
      p_permission: null,
      p_error: "exceeds_own_permissions",
    });
  });

  it("never fails: the answer does not depend on it", async () => {
    const rpc = vi.fn().mockRejectedValue(new Error("the database is away"));
    const log = vi.fn();

    await recordDenial(refusal, denied, rpc, log);

    expect(log).toHaveBeenCalledExactlyOnceWith("warn", "denial not recorded", {
      error: expect.stringContaining("the database is away"),
    });
  });

  it("learns from the refused call which organization it was about", async () => {
    const client = {
      rpc: async () => ({
        data: null,
        error: { code: "PT403", message: "No.", details: "permission_denied", hint: "Ask." },
        status: 403,
      }),
    };

    const answer = clientRpc(client as never, "user")("f", { p_organization_id: organizationId });

    await expect(answer).rejects.toMatchObject({ status: 403, deniedIn: organizationId });
  });
});
