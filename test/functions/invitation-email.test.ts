import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import type { Mail } from "../../functions/_shared/mail/mail.ts";
import { plainLine } from "../../functions/_shared/mail/plain-line.ts";
import { smtpMailer } from "../../functions/_shared/mail/smtp-mailer.ts";
import { smtpSettings } from "../../functions/_shared/mail/smtp-settings.ts";
import {
  handleInvitationEmail,
  type InvitationEmailTools,
} from "../../functions/invitation-email/handler.ts";
import { invitationPage } from "../../functions/invitation-email/invitation-link.ts";
import { invitationMail } from "../../functions/invitation-email/invitation-mail.ts";
import { type Invitation, invitationEmailBody } from "../../types/schemas.ts";
import { certificate } from "../support/smtp/certificate.ts";
import { readMail, startSmtpServer, type TestSmtpServer } from "../support/smtp/index.ts";
import { organizationId, otherId, userId } from "./samples.ts";

const token = "Zm9yIHRoZSBpbnZpdGVkIGFsb25lLCBzaG93biBvbmNlLg";
const invitation: Invitation = {
  id: otherId,
  organization_id: organizationId,
  organization_name: "Acme",
  email: "nora@example.test",
  role_id: otherId,
  role_name: "Member",
  status: "pending",
  invited_by_user_id: userId,
  invited_by_name: "Ada",
  expires_at: "2026-03-08T10:00:00+00:00",
  sent_at: "2026-03-01T10:00:00+00:00",
  created_at: "2026-03-01T10:00:00+00:00",
};
const body = { organization_id: organizationId, email: "nora@example.test", role_id: otherId };
const link = `https://app.example.test/join?invitation_token=${token}`;

function tools(more: Partial<InvitationEmailTools> = {}) {
  return {
    rpc: vi.fn(async () => ({ ...invitation, token })),
    sendMail: vi.fn(async () => {}),
    env: { INVITATION_URL: "https://app.example.test/join" },
    log: vi.fn(),
    ...more,
  };
}

describe("inviting by mail", () => {
  it("makes the invitation as the user and sends its link", async () => {
    const deps = tools();

    const result = await handleInvitationEmail({ ...body, expires_in_days: 3 }, deps);

    expect(deps.rpc).toHaveBeenCalledExactlyOnceWith("invite_member", {
      p_organization_id: organizationId,
      p_email: "nora@example.test",
      p_role_id: otherId,
      p_expires_in_days: 3,
    });
    expect(deps.sendMail).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ to: "nora@example.test", text: expect.stringContaining(link) }),
    );
    expect(result).toEqual({ invitation, sent: true, link: null });
  });

  it("gives an invitation that is there a new link", async () => {
    const deps = tools();

    await handleInvitationEmail({ invitation_id: otherId }, deps);

    expect(deps.rpc).toHaveBeenCalledExactlyOnceWith("resend_invitation", {
      p_invitation_id: otherId,
    });
  });

  it("answers the link where no mail server is configured", async () => {
    const result = await handleInvitationEmail(body, tools({ sendMail: null }));

    expect(result).toEqual({ invitation, sent: false, link });
  });

  it("writes the token into no log", async () => {
    const log = vi.fn();
    const failing = async () => {
      throw new HttpError(503, "mail_unavailable", "The mail server cannot be reached.");
    };

    await handleInvitationEmail(body, tools({ log }));
    await handleInvitationEmail(body, tools({ log, sendMail: null }));
    await handleInvitationEmail(body, tools({ log, sendMail: failing })).catch(() => undefined);

    expect(log).toHaveBeenCalledTimes(3);
    expect(JSON.stringify(log.mock.calls)).not.toContain(token);
  });

  it("keeps the invitation when the mail fails, and hands its link to the inviter", async () => {
    const deps = tools({
      sendMail: async () => {
        throw new HttpError(503, "mail_unavailable", "The mail server cannot be reached.");
      },
    });

    const error = await handleInvitationEmail(body, deps).catch((error) => error);

    expect(error).toMatchObject({
      status: 503,
      code: "mail_unavailable",
      message:
        "The invitation was made, but its mail was not sent. The mail server cannot be reached.",
      details: { invitation, link },
    });
  });

  it("sends nothing when the database refuses", async () => {
    const refused = new HttpError(403, "exceeds_own_permissions", "That goes beyond …");
    const deps = tools({ rpc: vi.fn(async () => Promise.reject(refused)) });

    await expect(handleInvitationEmail(body, deps)).rejects.toBe(refused);

    expect(deps.sendMail).not.toHaveBeenCalled();
  });

  it("makes no invitation that would lead nowhere or elsewhere", async () => {
    const [nowhere, elsewhere] = [tools({ env: {} }), tools()];

    await expect(handleInvitationEmail(body, nowhere)).rejects.toMatchObject({
      status: 503,
      code: "invitation_url_not_configured",
    });
    await expect(
      handleInvitationEmail({ ...body, redirect_to: "https://evil.example/join" }, elsewhere),
    ).rejects.toMatchObject({ status: 422, code: "redirect_not_allowed" });

    expect(nowhere.rpc).not.toHaveBeenCalled();
    expect(elsewhere.rpc).not.toHaveBeenCalled();
  });

  it("takes a body of one kind alone", () => {
    expect(invitationEmailBody.safeParse(body).success).toBe(true);
    expect(invitationEmailBody.safeParse({ invitation_id: otherId }).success).toBe(true);
    expect(invitationEmailBody.safeParse({ ...body, invitation_id: otherId }).success).toBe(false);
    expect(invitationEmailBody.safeParse({ ...body, token }).success).toBe(false);
    expect(invitationEmailBody.safeParse({}).success).toBe(false);
  });
});

describe("where an invitation leads", () => {
  const env = { INVITATION_URL: "https://app.example.test/join?from=mail, http://localhost:3000" };

  it("is the first page that is configured, or the site", () => {
    expect(invitationPage(env, null).href).toBe("https://app.example.test/join?from=mail");
    expect(invitationPage({ SITE_URL: "https://site.example.test" }, "").href).toBe(
      "https://site.example.test/",
    );
  });

  it("may be another page of the same origins", () => {
    expect(invitationPage(env, "https://app.example.test/welcome#x").pathname).toBe("/welcome");
    expect(invitationPage(env, "http://localhost:3000/join").port).toBe("3000");
  });

  it.each([
    "https://evil.example/join",
    "https://app.example.test.evil.example/join",
    "https://app.example.test@evil.example/join",
    "https://user:word@app.example.test/join",
    "http://app.example.test/join",
    "https://app.example.test:8443/join",
    "//evil.example/join",
    "/join",
    "javascript:alert(1)//https://app.example.test/",
    "data:text/html,hello",
  ])("is never %s", (redirectTo) => {
    expect(() => invitationPage(env, redirectTo)).toThrow(/cannot lead/);
  });
});

describe("the mail of an invitation", () => {
  it("names who asks whom where, and until when", () => {
    const mail = invitationMail(invitation, link);

    expect(mail.subject).toBe("Ada invites you to Acme");
    expect(mail.text).toContain("Ada asks you to join Acme as Member.");
    expect(mail.text).toContain("It holds until March 8, 2026, for nora@example.test alone");
    expect(mail.html).toContain(`href="${link}"`);
  });

  it("speaks German where asked, and English for what it does not know", () => {
    expect(invitationMail(invitation, link, "de-AT")).toMatchObject({
      subject: "Ada lädt dich zu Acme ein",
      text: expect.stringContaining("8. März 2026"),
    });
    expect(invitationMail(invitation, link, "tlh").subject).toBe("Ada invites you to Acme");
  });

  it("does without a name of the inviter", () => {
    const mail = invitationMail({ ...invitation, invited_by_name: null }, link);

    expect(mail.subject).toBe("You are invited to Acme");
    expect(mail.text).toContain("Somebody asks you to join Acme");
  });

  it("has the token in its link alone", () => {
    const { subject, text, html } = invitationMail(invitation, link);

    expect(subject).not.toContain(token);
    expect(text.split(token)).toHaveLength(2);
    expect(html.split(token)).toHaveLength(2);
  });

  it("shows names as text, whatever they are made of", () => {
    const mail = invitationMail(
      {
        ...invitation,
        organization_name: `<script>alert("x")</script> & 'co'`,
        invited_by_name: "Ada\r\nBcc: eve@example.test\u202e\u2028https://evil.example",
      },
      link,
    );

    expect(mail.subject).toBe(
      `Ada Bcc: eve@example.test https evil.example invites you to <script>alert("x")</script> & 'co'`,
    );
    expect(mail.html).toContain(
      "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;co&#39;",
    );
    expect(mail.html).not.toContain("<script>");
    expect(plainLine("x".repeat(300))).toHaveLength(80);
  });
});

describe("the settings of the mail server", () => {
  const env = { SMTP_HOST: "mail.example.test", SMTP_FROM: "Ensemble <mail@example.test>" };

  it("are none without a host", () => {
    expect(smtpSettings({ SMTP_FROM: "mail@example.test" })).toBeNull();
  });

  it("demand STARTTLS unless told otherwise", () => {
    expect(smtpSettings(env)).toMatchObject({ port: 587, security: "starttls", login: null });
    expect(smtpSettings({ ...env, SMTP_PORT: "465" })).toMatchObject({ security: "tls" });
    expect(smtpSettings({ ...env, SMTP_SECURE: "true" })).toMatchObject({ security: "tls" });
    expect(smtpSettings({ ...env, SMTP_SECURE: "none" })).toMatchObject({ security: "none" });
  });

  it.each([
    [{ SMTP_PORT: "smtp" }, "SMTP_PORT"],
    [{ SMTP_SECURE: "maybe" }, "SMTP_SECURE"],
    [{ SMTP_FROM: "" }, "SMTP_FROM"],
    [{ SMTP_FROM: "Ensemble <mail@example.test>\r\nBcc: eve@example.test" }, "SMTP_FROM"],
    [{ SMTP_USER: "ensemble" }, "SMTP_PASSWORD"],
    [{ SMTP_SECURE: "none", SMTP_USER: "ensemble", SMTP_PASSWORD: "word" }, "in the clear"],
    [{ SMTP_HOST: "mail.example.test\nevil" }, "SMTP_HOST"],
  ])("are refused with what is wrong: %j", (more, named) => {
    expect(() => smtpSettings({ ...env, ...more })).toThrow(named);
  });
});

describe("a mail over SMTP", () => {
  const mail: Mail = invitationMail({ ...invitation, organization_name: "Zürich & Söhne" }, link);
  let server: TestSmtpServer;
  const login = { SMTP_USER: "ensemble", SMTP_PASSWORD: "correct horse" };

  function send(more: Record<string, string> = {}, patienceMs?: number, what: Partial<Mail> = {}) {
    const settings = smtpSettings({
      SMTP_HOST: "127.0.0.1",
      SMTP_PORT: String(server.port),
      SMTP_FROM: "Ensemble <mail@example.test>",
      SMTP_CA: certificate,
      ...login,
      ...more,
    });
    return smtpMailer(settings as NonNullable<typeof settings>, patienceMs)({ ...mail, ...what });
  }

  beforeAll(async () => {
    server = await startSmtpServer();
  });
  beforeEach(() => {
    server.mails.length = 0;
  });
  afterAll(() => server?.close());

  it("goes out by STARTTLS, signed in, with text and HTML", async () => {
    await send();

    const [received] = server.mails;
    const { headers, bodies } = readMail(received?.source ?? "");
    expect(received).toMatchObject({
      from: "mail@example.test",
      to: ["nora@example.test"],
      secure: true,
      user: "ensemble",
    });
    expect(headers.get("subject")).toEqual(["Ada invites you to Zürich & Söhne"]);
    expect(headers.get("to")).toEqual(["nora@example.test"]);
    expect(headers.get("auto-submitted")).toEqual(["auto-generated"]);
    expect(bodies[0]).toContain(link);
    expect(bodies[1]).toContain("Zürich &amp; Söhne");
  });

  it("goes out by TLS from the start", async () => {
    const secure = await startSmtpServer({ secure: true });

    await send({ SMTP_PORT: String(secure.port), SMTP_SECURE: "tls" });

    expect(secure.mails).toHaveLength(1);
    await secure.close();
  });

  it("is not sent in the clear when the server offers no TLS", async () => {
    const plain = await startSmtpServer({ disabledCommands: ["STARTTLS"] });

    await expect(send({ SMTP_PORT: String(plain.port) })).rejects.toMatchObject({
      status: 503,
      code: "mail_misconfigured",
    });

    expect(plain.mails).toEqual([]);
    await plain.close();
  });

  it("is not sent to a server whose certificate nobody vouches for", async () => {
    await expect(send({ SMTP_CA: "" })).rejects.toMatchObject({ status: 503 });

    expect(server.mails).toEqual([]);
  });

  it("goes without TLS or login to a mail catcher on this machine, where told so", async () => {
    const catcher = await startSmtpServer({ authOptional: true, disabledCommands: ["STARTTLS"] });

    await send({
      SMTP_PORT: String(catcher.port),
      SMTP_SECURE: "none",
      SMTP_USER: "",
      SMTP_PASSWORD: "",
    });

    expect(catcher.mails).toMatchObject([{ secure: false, user: null }]);
    await catcher.close();
  });

  it("fails with the operator's settings named when the login is refused", async () => {
    const error = await send({ SMTP_PASSWORD: "wrong battery" }).catch((error) => error);

    expect(error).toMatchObject({ status: 503, code: "mail_misconfigured" });
    expect(`${error.message} ${error.cause.message}`).not.toContain("wrong battery");
  });

  it("fails with the address named when the server refuses it", async () => {
    await expect(send({}, undefined, { to: "refused@example.test" })).rejects.toMatchObject({
      status: 422,
      code: "mail_recipient_refused",
    });
  });

  it("says to try again when the server puts it off", async () => {
    await expect(send({}, undefined, { to: "later@example.test" })).rejects.toMatchObject({
      status: 503,
      code: "mail_unavailable",
    });
  });

  it("fails when nobody answers", async () => {
    const gone = await startSmtpServer();
    await gone.close();

    await expect(send({ SMTP_PORT: String(gone.port) })).rejects.toMatchObject({
      status: 503,
      code: "mail_unavailable",
    });
  });

  it("fails in time when the server says nothing", async () => {
    const mute = createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const { port } = mute.address() as { port: number };

    await expect(send({ SMTP_PORT: String(port) }, 300)).rejects.toMatchObject({
      status: 503,
      code: "mail_unavailable",
    });

    await new Promise<void>((resolve) => mute.close(() => resolve()));
  });

  it("carries no header that a name or an address brought along", async () => {
    await send({}, undefined, {
      subject: "Hello\r\nBcc: eve@example.test",
      to: "nora@example.test",
    });

    const { headers } = readMail(server.mails[0]?.source ?? "");
    expect(headers.has("bcc")).toBe(false);
    expect(server.mails[0]?.to).toEqual(["nora@example.test"]);
  });
});
