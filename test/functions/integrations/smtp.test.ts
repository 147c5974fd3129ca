import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { OutboundNetwork } from "../../../functions/_shared/guard/outbound-network.ts";
import { smtpCapabilities } from "../../../functions/_shared/integrations/smtp.ts";
import { smtpAddresses } from "../../../functions/_shared/integrations/smtp-addresses.ts";
import { call, contextFor, failureOf, loopback } from "../../support/providers/run-capability.ts";
import { certificate } from "../../support/smtp/certificate.ts";
import { readMail, startSmtpServer, type TestSmtpServer } from "../../support/smtp/index.ts";

let server: TestSmtpServer;
beforeAll(async () => {
  server = await startSmtpServer();
});
beforeEach(() => {
  server.mails.length = 0;
});
afterAll(() => server.close());

const mail = { to: ["nora@example.test"], subject: "Hello", body: "How are you?" };

function smtp(input: unknown, more: Record<string, unknown> = {}, metadata = { ca: certificate }) {
  const credential = {
    host: "localhost",
    port: server.port,
    security: "starttls",
    username: "ensemble",
    password: "correct horse",
    from_email: "team@example.test",
    from_name: "The team",
    ...more,
  };
  const context = contextFor("", { credential, metadata });
  return call(smtpCapabilities, "smtp_send_email", input, context);
}

/** A network on which names have addresses. */
function network(addresses: string[]): OutboundNetwork {
  return { ...loopback, allowLoopback: false, resolveHost: async () => addresses };
}

describe("smtp_send_email", () => {
  it("sends through the connection's own server, logged in and encrypted", async () => {
    const result = await smtp({
      ...mail,
      cc: ["bob@example.test"],
      bcc: ["eve@example.test"],
      reply_to: "answers@example.test",
    });

    expect(result).toEqual({
      sent: true,
      message_id: expect.stringMatching(/^<.+@example\.test>$/),
      recipients: 3,
      refused: [],
    });
    const [received] = server.mails;
    expect(received).toMatchObject({
      from: "team@example.test",
      to: ["nora@example.test", "bob@example.test", "eve@example.test"],
      secure: true,
      user: "ensemble",
    });
    const { headers } = readMail(received?.source ?? "");
    expect(headers.get("from")).toEqual(["The team <team@example.test>"]);
    expect(headers.get("reply-to")).toEqual(["answers@example.test"]);
    expect(headers.has("bcc")).toBe(false);
  });

  it("speaks TLS from the start where that is said", async () => {
    const secure = await startSmtpServer({ secure: true });

    await smtp(mail, { port: secure.port, security: "tls" });

    expect(secure.mails).toHaveLength(1);
    await secure.close();
  });

  it("names those whom the server refuses, when it takes the others", async () => {
    const result = await smtp({ ...mail, cc: ["refused@example.test"] });

    expect(result).toMatchObject({ recipients: 1, refused: ["refused@example.test"] });
  });

  it.each([
    ["a server without TLS", { disabledCommands: ["STARTTLS"] }, /offers no TLS/],
    ["a server that is down", "down", /cannot be reached/],
  ])("says that it is %s, and sends nothing", async (_, options, words) => {
    const other = await startSmtpServer(typeof options === "string" ? {} : options);
    if (options === "down") {
      await other.close();
    }

    const error = await failureOf(smtp(mail, { port: other.port }));

    expect(error.code).toBe("provider_unavailable");
    expect(error.message).toMatch(words);
    expect(other.mails).toEqual([]);
    if (options !== "down") {
      await other.close();
    }
  });

  it("trusts no certificate that nobody vouches for", async () => {
    const error = await failureOf(smtp(mail, {}, {} as never));

    expect(error.code).toBe("provider_unavailable");
    expect(server.mails).toEqual([]);
  });

  it.each([
    ["a login", { password: "wrong battery" }, mail, "provider_unauthorized"],
    ["an address", {}, { ...mail, to: ["refused@example.test"] }, "provider_invalid_input"],
    ["a mail for now", {}, { ...mail, to: ["later@example.test"] }, "provider_unavailable"],
  ])("says that the server refuses %s", async (_, change, input, code) => {
    const error = await failureOf(smtp(input, change));

    expect(error.code).toBe(code);
    expect(`${error.message} ${error.hint}`).not.toMatch(/correct horse|wrong battery/);
  });

  it("ends when its caller no longer waits", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const credential = { host: "localhost", port, security: "tls", from_email: "a@example.test" };

    await expect(
      call(
        smtpCapabilities,
        "smtp_send_email",
        mail,
        contextFor("", { credential, signal: AbortSignal.timeout(100) }),
      ),
    ).rejects.toThrow(/timeout/);
    silent.close();
  });
});

describe("which servers mail may go to", () => {
  it("takes public addresses, IPv4 first", async () => {
    const addresses = await smtpAddresses(
      "mail.example.test",
      587,
      network(["2606:4700::1", "93.184.216.34"]),
    );

    expect(addresses).toEqual(["93.184.216.34", "2606:4700::1"]);
  });

  it.each([
    ["this machine", "localhost", 587, []],
    ["this machine by its address", "127.0.0.1", 587, []],
    ["a private address", "10.0.0.5", 587, []],
    ["the cloud's metadata", "169.254.169.254", 25, []],
    ["a name that leads inside", "mail.example.test", 587, ["10.0.0.5"]],
    ["a name that leads inside as well", "mail.example.test", 587, ["93.184.216.34", "10.0.0.5"]],
    ["a name of no address", "mail.example.test", 587, []],
    ["IPv4 within IPv6", "::ffff:127.0.0.1", 587, []],
    ["a database", "93.184.216.34", 5432, []],
    ["no port", "93.184.216.34", Number.NaN, []],
  ])("refuses %s", async (_, host, port, addresses) => {
    const error = await failureOf(smtpAddresses(host, port, network(addresses)));

    expect(error.code).toBe("provider_invalid_input");
    expect(error.message).toMatch(/^The mail server is refused: /);
  });
});
