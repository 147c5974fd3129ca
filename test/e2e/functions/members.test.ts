import type { SupabaseClient } from "@supabase/supabase-js";
import { beforeAll, describe, expect, it } from "vitest";
import { clientOf, sharedStack } from "../../support/stack.ts";
import { must } from "./people.ts";

interface Somebody {
  client: SupabaseClient;
  id: string;
  email: string;
  token: string;
}

const stack = sharedStack();
let roleOf: Record<string, string>;
let people = 0;

beforeAll(async () => {
  const { client } = await signUp("reader");
  const roles = must(await client.from("roles").select("id, name").is("organization_id", null));
  roleOf = Object.fromEntries(
    roles.map(({ id, name }: { id: string; name: string }) => [name, id]),
  );
});

async function signUp(name: string): Promise<Somebody> {
  people += 1;
  const email = `${name}-${people}@example.test`;
  const client = clientOf(stack);
  const { user, session } = must(
    await client.auth.signUp({
      email,
      password: crypto.randomUUID(),
      options: { data: { full_name: name } },
    }),
  );
  return { client, id: user.id, email, token: session.access_token };
}

/** An organization of two: its owner, and somebody who came by the link of an invitation. */
async function foundTogether(role = "member") {
  const [owner, member] = [await signUp("Ada"), await signUp("Bob")];
  const { id } = must(await owner.client.rpc("create_organization", { p_name: "Acme" }));
  const { data } = await owner.client.functions.invoke("invitation-email", {
    body: { organization_id: id, email: member.email, role_id: roleOf[role] },
  });
  const token = new URL(data.link).searchParams.get("invitation_token");
  must(await member.client.rpc("accept_invitation", { p_token: token }));
  return { id: id as string, owner, member, link: data.link as string };
}

const organizationsOf = async ({ client }: Somebody) =>
  must(await client.from("organizations").select("id").eq("is_personal", false));

const permissionsOf = async ({ client }: Somebody, id: string): Promise<string[]> =>
  must(await client.rpc("my_permissions", { p_organization_id: id }));

describe("members and roles", () => {
  it("begin with a link that the inviter passes on where no mail is configured", async () => {
    const { id, member, link } = await foundTogether();

    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:3000\/\?invitation_token=[\w-]{43}$/);
    expect(await organizationsOf(member)).toEqual([{ id }]);
  });

  it("come and decline by their own list of invitations, without a link", async () => {
    const [owner, nora] = [await signUp("Ada"), await signUp("Nora")];
    const organizations: { id: string }[] = [];
    for (const name of ["One", "Two", "Three"]) {
      const made = must(await owner.client.rpc("create_organization", { p_name: name }));
      organizations.push(made);
      must(
        await owner.client.rpc("invite_member", {
          p_organization_id: made.id,
          p_email: nora.email.toUpperCase(),
          p_role_id: roleOf.guest,
        }),
      );
    }

    const listed = must(await nora.client.rpc("my_invitations"));
    const byName = Object.fromEntries(
      listed.map((each: { organization_name: string; id: string }) => [
        each.organization_name,
        each.id,
      ]),
    );
    must(await nora.client.rpc("accept_invitation", { p_invitation_id: byName.One }));
    must(await nora.client.rpc("decline_invitation", { p_invitation_id: byName.Two }));
    must(await owner.client.rpc("revoke_invitation", { p_invitation_id: byName.Three }));

    expect(Object.keys(byName).toSorted()).toEqual(["One", "Three", "Two"]);
    expect(must(await nora.client.rpc("my_invitations"))).toEqual([]);
    expect(await organizationsOf(nora)).toEqual([{ id: organizations[0]?.id }]);
    expect(
      must(
        await owner.client.from("organization_invitations").select("status").order("created_at"),
      ),
    ).toEqual([{ status: "accepted" }, { status: "declined" }, { status: "revoked" }]);
  });

  it("lose access at once when suspended, with a token that still lives", async () => {
    const { id, owner, member } = await foundTogether();
    must(await member.client.from("agents").insert({ organization_id: id, name: "Scribe" }));
    // The token itself, as an open session of another device sends it.
    const read = async () => {
      const response = await fetch(`${stack.url}/rest/v1/agents?organization_id=eq.${id}`, {
        headers: {
          apikey: stack.keys.publishableKey,
          authorization: `Bearer ${member.token}`,
        },
      });
      return response.json();
    };
    const who = { p_organization_id: id, p_user_id: member.id };

    const before = await read();
    must(await owner.client.rpc("suspend_member", who));
    const during = await read();
    const written = await member.client.from("agents").insert({ organization_id: id, name: "Spy" });
    must(await owner.client.rpc("reactivate_member", who));
    const after = await read();

    expect(before).toHaveLength(1);
    expect(during).toEqual([]);
    expect(written.error?.code).toBe("42501");
    expect(after).toHaveLength(1);
  });

  it("get another role, exceptions from it, and are removed", async () => {
    const { id, owner, member } = await foundTogether("guest");
    const who = { p_organization_id: id, p_user_id: member.id };

    must(await owner.client.rpc("set_member_role", { ...who, p_role_id: roleOf.manager }));
    const asManager = await permissionsOf(member, id);
    must(
      await owner.client.rpc("set_member_permissions", {
        ...who,
        p_grant: ["audit.read"],
        p_deny: ["agents.manage"],
      }),
    );
    const excepted = await permissionsOf(member, id);
    must(await owner.client.rpc("remove_member", who));

    expect(asManager).toContain("agents.manage");
    expect(excepted).toContain("audit.read");
    expect(excepted).not.toContain("agents.manage");
    expect(await organizationsOf(member)).toEqual([]);
  });

  it("define roles of their own, which change and go without leaving anyone behind", async () => {
    const { id, owner, member } = await foundTogether();
    const clerk = must(
      await owner.client.rpc("create_role", {
        p_organization_id: id,
        p_name: "clerk",
        p_display_name: "Clerk",
        p_permissions: ["organizations.read", "audit.read"],
      }),
    );
    must(
      await owner.client.rpc("set_member_role", {
        p_organization_id: id,
        p_user_id: member.id,
        p_role_id: clerk.id,
      }),
    );

    const first = await permissionsOf(member, id);
    const set = must(
      await owner.client.rpc("set_role_permissions", {
        p_role_id: clerk.id,
        p_permissions: ["organizations.read", "agents.read"],
      }),
    );
    const second = await permissionsOf(member, id);
    const refused = await owner.client.rpc("delete_role", { p_role_id: clerk.id });
    must(
      await owner.client.rpc("delete_role", {
        p_role_id: clerk.id,
        p_replacement_role_id: roleOf.guest,
      }),
    );

    expect(first).toEqual(["audit.read", "organizations.read"]);
    expect(set).toEqual(["agents.read", "organizations.read"]);
    expect(second).toEqual(set);
    expect(refused.error).toMatchObject({ code: "PT409", details: "role_in_use" });
    expect(await permissionsOf(member, id)).toContain("workspaces.read");
  });

  it("hand an organization over, and then may leave it", async () => {
    const { id, owner, member } = await foundTogether();

    const early = await owner.client.rpc("leave_organization", { p_organization_id: id });
    must(
      await owner.client.rpc("transfer_ownership", { p_organization_id: id, p_user_id: member.id }),
    );
    must(await owner.client.rpc("leave_organization", { p_organization_id: id }));

    expect(early.error).toMatchObject({ code: "PT409", details: "last_owner" });
    expect(await organizationsOf(owner)).toEqual([]);
    expect(await permissionsOf(member, id)).toContain("organizations.delete");
  });
});
