import { describe, expect, it, vi } from "vitest";
import { guardOutboundUrl } from "../../functions/_shared/guard/outbound-url.ts";

const publicHost = async () => ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"];
const guard = { resolveHost: publicHost, allowLoopback: false };

describe("the guard of outbound URLs", () => {
  it("lets a public https address through", async () => {
    const url = await guardOutboundUrl("https://api.example.com/v1", guard);

    expect(url.href).toBe("https://api.example.com/v1");
  });

  it("lets an address literal through only when it is public", async () => {
    await expect(guardOutboundUrl("https://8.8.8.8/v1", guard)).resolves.toBeInstanceOf(URL);
    await expect(
      guardOutboundUrl("https://[2606:4700:4700::1111]/v1", guard),
    ).resolves.toBeInstanceOf(URL);
  });

  it.each([
    "not a url",
    "http://api.example.com/v1",
    "ftp://api.example.com/v1",
    "file:///etc/passwd",
    "https://user:password@api.example.com/v1",
    "http://127.0.0.1:8000/v1",
    "http://localhost:8000/v1",
  ])("refuses %s", async (text) => {
    await expect(guardOutboundUrl(text, guard)).rejects.toMatchObject({
      status: 422,
      code: "url_not_allowed",
    });
  });

  it.each([
    ["loopback", "127.0.0.1"],
    ["loopback written short", "127.1"],
    ["loopback as a number", "2130706433"],
    ["loopback in octal", "0177.0.0.1"],
    ["unspecified", "0.0.0.0"],
    ["private, 10", "10.1.2.3"],
    ["private, 172.16", "172.31.255.255"],
    ["private, 192.168", "192.168.1.1"],
    ["carrier-grade NAT", "100.64.0.1"],
    ["link-local: cloud metadata", "169.254.169.254"],
    ["benchmarks", "198.18.0.1"],
    ["multicast", "224.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["IPv6 loopback", "[::1]"],
    ["IPv6 unspecified", "[::]"],
    ["IPv6 link-local", "[fe80::1]"],
    ["IPv6 unique local", "[fd00:ec2::254]"],
    ["IPv6 multicast", "[ff02::1]"],
    ["IPv6 documentation", "[2001:db8::1]"],
    ["mapped loopback", "[::ffff:127.0.0.1]"],
    ["mapped private in hex", "[::ffff:a00:1]"],
    ["NAT64 of metadata", "[64:ff9b::a9fe:a9fe]"],
    ["6to4 of loopback", "[2002:7f00:1::]"],
    ["compatible loopback", "[::127.0.0.1]"],
  ])("refuses a host that is %s", async (_, host) => {
    const resolveHost = vi.fn(publicHost);

    const refusal = guardOutboundUrl(`https://${host}/v1`, { resolveHost, allowLoopback: false });

    await expect(refusal).rejects.toMatchObject({ code: "url_not_allowed" });
  });

  it.each([
    ["a private address", ["10.0.0.5"]],
    ["a public and a private address", ["93.184.215.14", "127.0.0.1"]],
    ["a mapped private address", ["::ffff:10.0.0.5"]],
    ["cloud metadata", ["169.254.169.254"]],
    ["no address", []],
    ["something unreadable", ["nonsense"]],
  ])("refuses a name that leads to %s", async (_, addresses) => {
    const resolveHost = async () => addresses;

    const refusal = guardOutboundUrl("https://api.example.com", {
      resolveHost,
      allowLoopback: false,
    });

    await expect(refusal).rejects.toMatchObject({ code: "url_not_allowed" });
  });

  it("allows plain http to this machine only where loopback is allowed", async () => {
    const open = { resolveHost: publicHost, allowLoopback: true };

    await expect(guardOutboundUrl("http://127.0.0.1:9000/v1", open)).resolves.toBeInstanceOf(URL);
    await expect(guardOutboundUrl("http://localhost:9000/v1", open)).resolves.toBeInstanceOf(URL);
    await expect(guardOutboundUrl("http://[::1]:9000/v1", open)).resolves.toBeInstanceOf(URL);
    await expect(guardOutboundUrl("http://10.0.0.1/v1", open)).rejects.toThrow();
    await expect(guardOutboundUrl("http://api.example.com/v1", open)).rejects.toThrow();
  });

  it("says nothing of the address it found", async () => {
    const resolveHost = async () => ["10.11.12.13"];

    const error = await guardOutboundUrl("https://x.example", {
      resolveHost,
      allowLoopback: false,
    }).catch((error) => error);

    expect(error.message).not.toContain("10.11");
  });
});
