import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { guardedFetch } from "../../../functions/_shared/guard/guarded-fetch.ts";
import { guardOutboundUrl } from "../../../functions/_shared/guard/outbound-url.ts";
import { Internet } from "../../support/internet/internet.ts";

const PUBLIC = "93.184.215.14";
const OTHER_PUBLIC = "2606:2800:21f:cb07:6820:80da:af6b:8b2c";

const internet = new Internet();
let herePort: number;
const reached = vi.fn();

beforeAll(async () => {
  // What must never be reached: a service of this machine.
  herePort = await internet.serveHere((request, response) => {
    reached(request.url);
    response.end("inside");
  });
});
afterEach(() => {
  internet.forget();
  reached.mockClear();
});
afterAll(() => internet.close());

/** The URLs of the table name the port of the service as `PORT`. */
const withPort = (text: string) => text.replace("PORT", String(herePort));

describe("a URL that an organization gives", () => {
  it.each<[string, string]>([
    // Not https.
    ["plain http to a public name", "http://example.com/"],
    ["plain http on the port of https", "http://example.com:443/"],
    ["ftp", "ftp://example.com/"],
    ["a file", "file:///etc/passwd"],
    ["data", "data:text/plain,hello"],
    ["javascript", "javascript:alert(1)"],
    ["gopher", "gopher://127.0.0.1:6379/_FLUSHALL"],
    ["a web socket", "wss://example.com/"],
    ["a blob", "blob:https://example.com/1"],
    ["no scheme", "//example.com/"],
    ["a path", "/etc/passwd"],
    ["words", "not a url"],
    ["nothing", ""],
    ["an unfinished host", "https://"],

    // This machine, as people write it.
    ["loopback", "https://127.0.0.1:PORT/"],
    ["loopback over http", "http://127.0.0.1:PORT/"],
    ["loopback, another of its addresses", "https://127.8.8.8:PORT/"],
    ["loopback, short", "https://127.1:PORT/"],
    ["loopback, three parts", "https://127.0.1:PORT/"],
    ["loopback, decimal", "https://2130706433:PORT/"],
    ["loopback, hexadecimal", "https://0x7f000001:PORT/"],
    ["loopback, hexadecimal parts", "https://0x7f.0x0.0x0.0x1:PORT/"],
    ["loopback, octal", "https://0177.0.0.1:PORT/"],
    ["loopback, octal at length", "https://0000000177.0.0.01:PORT/"],
    ["loopback, mixed", "https://0x7f.1:PORT/"],
    ["loopback with a final dot", "https://127.0.0.1.:PORT/"],
    ["loopback in full width", "https://１２７.０.０.１:PORT/"],
    ["loopback in circles", "https://①②⑦.⓪.⓪.①:PORT/"],
    ["loopback with ideographic dots", "https://127。0。0。1:PORT/"],
    ["loopback, percent-encoded", "https://%31%32%37.0.0.1:PORT/"],
    ["unspecified", "https://0.0.0.0:PORT/"],
    ["unspecified, one digit", "https://0:PORT/"],
    ["localhost", "https://localhost:PORT/"],
    ["localhost over http", "http://localhost:PORT/"],
    ["localhost in capitals with a dot", "https://LOCALHOST.:PORT/"],
    ["a name under localhost", "https://api.localhost:PORT/"],

    // Private and special IPv4.
    ["private, 10", "https://10.1.2.3/"],
    ["private, 172.16", "https://172.31.255.255/"],
    ["private, 192.168", "https://192.168.1.1/"],
    ["private, decimal", "https://3232235777/"],
    ["metadata", "https://169.254.169.254/latest/meta-data/"],
    ["metadata over http", "http://169.254.169.254/latest/meta-data/"],
    ["metadata, decimal", "https://2852039166/"],
    ["metadata, hexadecimal", "https://0xa9fea9fe/"],
    ["metadata, octal", "https://0251.0376.0251.0376/"],
    ["metadata of Alibaba", "https://100.100.100.200/"],
    ["metadata of Oracle", "https://192.0.0.192/"],
    ["the host agent of Azure", "https://168.63.129.16/machine"],
    ["carrier-grade NAT", "https://100.64.0.1/"],
    ["benchmarks", "https://198.18.0.1/"],
    ["documentation", "https://203.0.113.7/"],
    ["multicast", "https://224.0.0.1/"],
    ["reserved", "https://240.0.0.1/"],
    ["broadcast", "https://255.255.255.255/"],

    // IPv6.
    ["IPv6 loopback", "https://[::1]:PORT/"],
    ["IPv6 loopback at length", "https://[0:0:0:0:0:0:0:1]:PORT/"],
    ["IPv6 unspecified", "https://[::]:PORT/"],
    ["IPv6 link-local", "https://[fe80::1]/"],
    ["IPv6 link-local with a zone", "https://[fe80::1%25eth0]/"],
    ["IPv6 loopback with a zone", "https://[::1%25lo]:PORT/"],
    ["IPv6 site-local", "https://[fec0::1]/"],
    ["IPv6 unique local", "https://[fd12:3456::1]/"],
    ["IPv6 metadata of AWS", "https://[fd00:ec2::254]/"],
    ["IPv6 multicast", "https://[ff02::1]/"],
    ["IPv6 documentation", "https://[2001:db8::1]/"],
    ["IPv6 documentation, the newer", "https://[3fff::1]/"],
    ["IPv6 discard", "https://[100::1]/"],
    ["IPv6 that is given to nobody", "https://[4000::1]/"],
    ["mapped loopback", "https://[::ffff:127.0.0.1]:PORT/"],
    ["mapped loopback in hex", "https://[::ffff:7f00:1]:PORT/"],
    ["mapped private", "https://[::ffff:10.0.0.1]/"],
    ["mapped public", "https://[::ffff:93.184.215.14]/"],
    ["compatible loopback", "https://[::127.0.0.1]:PORT/"],
    ["translated loopback", "https://[::ffff:0:127.0.0.1]/"],
    ["NAT64 of metadata", "https://[64:ff9b::169.254.169.254]/"],
    ["NAT64 of a local prefix", "https://[64:ff9b:1::10.0.0.1]/"],
    ["6to4 of loopback", "https://[2002:7f00:1::]/"],
    ["6to4 of private", "https://[2002:a00:1::]/"],
    ["Teredo", "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/"],
    ["IPv6 without brackets", "https://::1/"],

    // Tricks of parsers.
    ["credentials", "https://user:password@example.com/"],
    ["a user alone", "https://user@example.com/"],
    ["a public name as the user", "https://example.com@127.0.0.1:PORT/"],
    ["a public name and port as the user", "https://example.com:443@127.0.0.1:PORT/"],
    ["two at signs", "https://a@example.com@127.0.0.1:PORT/"],
    ["an encoded at sign", "https://example.com%40127.0.0.1:PORT/"],
    ["a backslash for the user", "https://127.0.0.1:PORT\\@example.com/"],
    ["backslashes for slashes", "https:\\\\127.0.0.1:PORT\\"],
    ["no slashes", "https:127.0.0.1:PORT"],
    ["three slashes", "https:///127.0.0.1:PORT/"],
    ["a tab within", "https://127.0.\t0.1:PORT/"],
    ["a line end within", "https://127.0.0.1:PORT/\r\nHost: example.com"],
    ["blanks around", "   https://127.0.0.1:PORT/  "],
    ["a fragment that looks public", "https://127.0.0.1:PORT#@example.com/"],
    ["a query that looks public", "https://127.0.0.1:PORT?@example.com/"],
    ["a null byte", "https://127.0.0.1\0.example.com/"],

    // Ports.
    ["the port of SSH", "https://93.184.215.14:22/"],
    ["the port of SMTP", "https://93.184.215.14:25/"],
    ["the port of http", "https://93.184.215.14:80/"],
    ["port 0", "https://93.184.215.14:0/"],
    ["the port of PostgreSQL", "https://93.184.215.14:5432/"],
    ["the port of Redis", "https://93.184.215.14:6379/"],
    ["the port of Docker", "https://93.184.215.14:2375/"],
    ["the port of Kubernetes", "https://93.184.215.14:10250/"],
  ])("is refused when it is %s: %j", async (_, text) => {
    internet.names.set("example.com", [PUBLIC]);

    const attempt = guardedFetch(withPort(text), {}, internet.network());

    await expect(attempt).rejects.toMatchObject({ status: 422, code: "url_not_allowed" });
    expect(internet.connections).toEqual([]);
    expect(reached).not.toHaveBeenCalled();
  });

  it.each<[string, string[]]>([
    ["no address", []],
    ["loopback", ["127.0.0.1"]],
    ["IPv6 loopback", ["::1"]],
    ["a private address", ["10.0.0.5"]],
    ["a public and a private address", [PUBLIC, "192.168.0.1"]],
    ["a private and a public address", ["10.0.0.1", PUBLIC]],
    ["a public address and a link-local IPv6", [PUBLIC, "fe80::1"]],
    ["metadata", ["169.254.169.254"]],
    ["mapped private", ["::ffff:10.0.0.5"]],
    ["mapped public", ["::ffff:93.184.215.14"]],
    ["NAT64", ["64:ff9b::a00:1"]],
    ["carrier-grade NAT", ["100.64.1.1"]],
    ["an address with a zone", ["2606:2800::1%eth0"]],
    ["a short address", ["127.1"]],
    ["an octal address", ["0177.0.0.1"]],
    ["a number", ["2130706433"]],
    ["another name", ["localhost"]],
    ["an empty word", [""]],
  ])("is refused when its name leads to %s", async (_, addresses) => {
    internet.names.set("api.example.com", addresses);

    const attempt = guardedFetch("https://api.example.com/", {}, internet.network());

    await expect(attempt).rejects.toMatchObject({ status: 422, code: "url_not_allowed" });
    expect(internet.connections).toEqual([]);
  });

  it("is refused in words that do not say what the name leads to", async () => {
    internet.names.set("api.example.com", ["10.11.12.13"]);

    const error = await guardedFetch("https://api.example.com", {}, internet.network()).catch(
      (error) => error,
    );

    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain("10.11");
  });

  it.each([
    ["https://api.example.com/v1?a=b", [PUBLIC]],
    ["https://api.example.com:8443/", [PUBLIC]],
    ["https://api.example.com./", [PUBLIC]],
    ["https://API.EXAMPLE.COM/", [PUBLIC]],
  ])("is let through when all of its addresses are public: %s", async (text, addresses) => {
    internet.names.set("api.example.com", addresses);

    const target = await guardOutboundUrl(text, internet.network());

    expect(target).toMatchObject({ host: "api.example.com", addresses, isLoopback: false });
    expect(internet.lookUps).toEqual(["api.example.com"]);
  });

  it("is let through as a public address, without a look-up", async () => {
    const four = await guardOutboundUrl("https://8.8.8.8/", internet.network());
    const six = await guardOutboundUrl("https://[2606:4700:4700::1111]/", internet.network());

    expect([four.addresses, six.addresses]).toEqual([["8.8.8.8"], ["2606:4700:4700::1111"]]);
    expect(internet.lookUps).toEqual([]);
  });

  it("tries IPv4 first, and few addresses", async () => {
    internet.names.set("many.example.com", [OTHER_PUBLIC, "8.8.8.8", ...range(20), PUBLIC]);

    const { addresses } = await guardOutboundUrl("https://many.example.com/", internet.network());

    expect(addresses).toHaveLength(4);
    expect(addresses[0]).toBe("8.8.8.8");
  });

  it("may be this machine, by any of its names, only in the embedded stack", async () => {
    const network = internet.network(true);

    for (const host of ["127.0.0.1", "localhost", "LOCALHOST", "127.1", "2130706433"]) {
      const response = await guardedFetch(`http://${host}:${herePort}/`, {}, network);

      expect(await response.text()).toBe("inside");
    }
    for (const text of [
      "http://example.com/",
      "http://10.0.0.1/",
      "https://10.0.0.1/",
      "http://0.0.0.0/",
      "http://169.254.169.254/",
      "http://[::ffff:127.0.0.1]/",
      "http://127.0.0.1.example.com/",
    ]) {
      await expect(guardedFetch(text, {}, network)).rejects.toMatchObject({
        code: "url_not_allowed",
      });
    }
  });

  it("is connected to as it was checked, however its name answers next", async () => {
    await internet.serve(PUBLIC, (_, response) => response.end("outside"));
    internet.names.set("rebind.example.com", [[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]);

    const response = await guardedFetch("https://rebind.example.com/", {}, internet.network());

    expect(await response.text()).toBe("outside");
    expect(internet.lookUps).toEqual(["rebind.example.com"]);
    expect(internet.connections).toEqual([
      { address: PUBLIC, port: 443, serverName: "rebind.example.com" },
    ]);
  });

  it("is refused as a request object, whose headers would come along", async () => {
    const inbound = new Request("https://example.com/", { headers: { cookie: "session=1" } });

    const attempt = guardedFetch(inbound as unknown as URL, {}, internet.network());

    await expect(attempt).rejects.toThrow(TypeError);
  });
});

function range(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `8.8.4.${index + 1}`);
}
