import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../../../scripts/stack/index.ts";
import { certificate } from "../../support/smtp/certificate.ts";
import { readMail, startSmtpServer, type TestSmtpServer } from "../../support/smtp/index.ts";
import { clientOf, startTestStack } from "../../support/stack.ts";
import { must } from "./people.ts";

let stack: Stack;
let smtp: TestSmtpServer;
let owner: SupabaseClient;
let organizationId: string;
let roleOf: Record<string, string>;

beforeAll(async () => {
  smtp = await startSmtpServer();
  stack = await startTestStack({
    functionsEnv: {
      INVITATION_URL: "https://app.example.test/join",
      SMTP_HOST: "127.0.0.1",
      SMTP_PORT: String(smtp.port),
      SMTP_USER: "ensemble",
      SMTP_PASSWORD: "correct horse",
      SMTP_FROM: "Ensemble <mail@example.test>",
      SMTP_CA: certificate,
    },
  });
  owner = await signUp("ada@example.test");
  organizationId = must(await owner.rpc("create_organization", { p_name: "Acme" })).id;
  const roles = must(await owner.from("roles").select("id, name").is("organization_id", null));
  roleOf = Object.fromEntries(
    roles.map(({ id, name }: { id: string; name: string }) => [name, id]),
  );
});
afterAll(() => Promise.all([stack?.stop(), smtp?.close()]));

async function signUp(email: string): Promise<SupabaseClient> {
  const client = clientOf(stack);
  must(
    await client.auth.signUp({
      email,
      password: crypto.randomUUID(),
      options: { data: { full_name: email.split("@")[0] } },
    }),
  );
  return client;
}

/** Calls the function as a user does; answers status and body. */
async function inviteByMail(by: SupabaseClient, body: Record<string, unknown>) {
  const { data, response } = await by.functions.invoke("invitation-email", { body });
  return { status: response?.status, body: data ?? (await response?.json()) };
}

const tokenIn = (text: string) => /invitation_token=([\w-]+)/.exec(text)?.[1];

describe("an invitation by mail", () => {
  it("arrives, and lets its reader in with what its role carries", async () => {
    const sent = await inviteByMail(owner, {
      organization_id: organizationId,
      email: "Nora@Example.test",
      role_id: roleOf.member,
      locale: "de",
    });
    const [mail] = smtp.mails;
    const { headers, bodies } = readMail(mail?.source ?? "");

    expect(sent).toMatchObject({
      status: 200,
      body: { sent: true, link: null, invitation: { email: "nora@example.test" } },
    });
    expect(sent.body.invitation).not.toHaveProperty("token");
    expect(mail).toMatchObject({ to: ["nora@example.test"], secure: true, user: "ensemble" });
    expect(headers.get("subject")).toEqual(["ada lädt dich zu Acme ein"]);

    const nora = await signUp("nora@example.test");
    const token = tokenIn(bodies[0] ?? "");
    const member = must(await nora.rpc("accept_invitation", { p_token: token }));

    expect(member).toMatchObject({ organization_id: organizationId, role_id: roleOf.member });
    expect(must(await nora.from("organizations").select("name").eq("name", "Acme"))).toHaveLength(
      1,
    );
    expect((await nora.rpc("accept_invitation", { p_token: token })).error).toMatchObject({
      code: "PT410",
      details: "invitation_answered",
    });
  });

  it("lets nobody else in", async () => {
    await inviteByMail(owner, {
      organization_id: organizationId,
      email: "otto@example.test",
      role_id: roleOf.member,
    });
    const eve = await signUp("eve@example.test");
    const { bodies } = readMail(smtp.mails.at(-1)?.source ?? "");

    const { error } = await eve.rpc("accept_invitation", { p_token: tokenIn(bodies[0] ?? "") });

    expect(error).toMatchObject({ code: "PT404", details: "invitation_not_found" });
  });

  it("is not sent by those who may not invite", async () => {
    const mails = smtp.mails.length;
    const stranger = await signUp("stranger@example.test");

    const refused = await inviteByMail(stranger, {
      organization_id: organizationId,
      email: "friend@example.test",
      role_id: roleOf.guest,
    });

    expect(refused).toMatchObject({ status: 403, body: { code: "permission_denied" } });
    expect(smtp.mails).toHaveLength(mails);
  });

  it("stays when the server refuses its address, with the link for the inviter", async () => {
    const refused = await inviteByMail(owner, {
      organization_id: organizationId,
      email: "refused@example.test",
      role_id: roleOf.guest,
    });
    const stored = must(
      await owner.from("organization_invitations").select().eq("email", "refused@example.test"),
    );

    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: "mail_recipient_refused",
        details: {
          invitation: { id: stored[0]?.id },
          link: expect.stringMatching(/^https:\/\/app\.example\.test\/join\?invitation_token=/),
        },
      },
    });
    expect(stored).toMatchObject([{ status: "pending" }]);
  });

  it("is sent again, not sooner than a minute later", async () => {
    const made = must(
      await owner.rpc("invite_member", {
        p_organization_id: organizationId,
        p_email: "again@example.test",
        p_role_id: roleOf.guest,
      }),
    );

    const early = await inviteByMail(owner, { invitation_id: made.id });
    const service = clientOf(stack, stack.keys.secretKey);
    await service
      .from("organization_invitations")
      .update({ sent_at: new Date(Date.now() - 120_000).toISOString() })
      .eq("id", made.id);
    const late = await inviteByMail(owner, { invitation_id: made.id });

    expect(early).toMatchObject({ status: 429, body: { code: "resend_too_soon" } });
    expect(late).toMatchObject({ status: 200, body: { sent: true } });
    expect(smtp.mails.at(-1)?.to).toEqual(["again@example.test"]);
  });

  it("leads to no site that is not ours", async () => {
    const response = await inviteByMail(owner, {
      organization_id: organizationId,
      email: "led@example.test",
      role_id: roleOf.guest,
      redirect_to: "https://evil.example/join",
    });

    expect(response).toMatchObject({ status: 422, body: { code: "redirect_not_allowed" } });
    expect(
      must(await owner.from("organization_invitations").select().eq("email", "led@example.test")),
    ).toEqual([]);
  });
});
