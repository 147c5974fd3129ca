import type { IncomingMessage } from "node:http";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { guardedFetch } from "../../../functions/_shared/guard/guarded-fetch.ts";
import { Internet } from "../../support/internet/internet.ts";

const HERE = "93.184.215.14";
const THERE = "8.8.8.8";

interface Seen {
  host: string;
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

const internet = new Internet();
let seen: Seen[] = [];
/** How example.com answers: the status and the target of its redirect. */
let answer: { status: number; location?: string };

async function record(host: string, request: IncomingMessage): Promise<void> {
  let body = "";
  for await (const piece of request) body += piece;
  const { method = "", url = "", headers } = request;
  seen.push({ host, method, url, headers, body });
}

beforeEach(async () => {
  await internet.serve(HERE, async (request, response) => {
    await record("example.com", request);
    if (request.url?.startsWith("/final")) {
      response.end("final");
    } else if (request.url?.startsWith("/loop")) {
      response.writeHead(302, { location: "/loop" }).end();
    } else {
      const { status, location } = answer;
      response.writeHead(status, location === undefined ? {} : { location }).end("moved");
    }
  });
  await internet.serve(THERE, async (request, response) => {
    await record("example.net", request);
    response.end("elsewhere");
  });
  internet.names.set("example.com", [HERE]);
  internet.names.set("example.net", [THERE]);
  internet.names.set("inside.example.com", ["10.0.0.1"]);
  internet.names.set("rebind.example.com", [[HERE], ["127.0.0.1"]]);
});
afterEach(() => {
  internet.forget();
  seen = [];
});
afterAll(() => internet.close());

function get(init: RequestInit = {}, limits = {}): Promise<Response> {
  return guardedFetch("https://example.com/start", init, internet.network(), limits);
}

describe("a redirect", () => {
  it.each<[string, string]>([
    ["loopback", "https://127.0.0.1/"],
    ["loopback over http", "http://127.0.0.1:8080/"],
    ["loopback as a number", "https://2130706433/"],
    ["localhost", "http://localhost/"],
    ["metadata", "http://169.254.169.254/latest/meta-data/iam/"],
    ["metadata over https", "https://169.254.169.254/"],
    ["IPv6 loopback", "https://[::1]/"],
    ["mapped loopback", "https://[::ffff:127.0.0.1]/"],
    ["a private address without its scheme", "//10.0.0.1/"],
    ["a name that leads inside", "https://inside.example.com/"],
    ["a name without an address", "https://gone.example.com/"],
    ["plain http of its own name", "http://example.com/final"],
    ["plain http of another name", "http://example.net/"],
    ["credentials", "https://user:password@example.net/"],
    ["credentials without a scheme", "//user@example.net/"],
    ["a user that looks like a host", "https://example.net@10.0.0.1/"],
    ["a file", "file:///etc/passwd"],
    ["data", "data:text/html,hello"],
    ["javascript", "javascript:alert(1)"],
    ["ftp", "ftp://example.net/"],
    ["a blocked port", "https://example.net:6379/"],
    ["no URL", "https://"],
    ["backslashes", "\\\\10.0.0.1\\"],
  ])("to %s is refused", async (_, location) => {
    answer = { status: 302, location };

    await expect(get()).rejects.toMatchObject({ status: 422, code: "url_not_allowed" });
    expect(internet.connections.map(({ address }) => address)).toEqual([HERE]);
  });

  it("into this machine is refused in the embedded stack too, but not from there", async () => {
    const port = await internet.serveHere((request, response) => {
      const location = `http://localhost:${port}/final`;
      if (request.url === "/final") response.end("here");
      else response.writeHead(302, { location }).end();
    });
    answer = { status: 302, location: `http://127.0.0.1:${port}/final` };
    const network = internet.network(true);

    const inside = await guardedFetch(`http://127.0.0.1:${port}/`, {}, network);
    const outside = guardedFetch("https://example.com/", {}, network);

    expect(await inside.text()).toBe("here");
    await expect(outside).rejects.toMatchObject({ code: "url_not_allowed" });
  });

  it("is looked up and checked anew, also to the same name", async () => {
    answer = { status: 302, location: "https://rebind.example.com/again" };

    const attempt = guardedFetch("https://rebind.example.com/", {}, internet.network());

    await expect(attempt).rejects.toMatchObject({ code: "url_not_allowed" });
    expect(internet.lookUps).toEqual(["rebind.example.com", "rebind.example.com"]);
    expect(internet.connections.map(({ address }) => address)).toEqual([HERE]);
  });

  it.each<[string, string]>([
    ["whole", "https://example.com/final?a=1"],
    ["absolute in its path", "/final?a=1"],
    ["relative", "final?a=1"],
    ["without a scheme", "//example.com/final?a=1"],
    ["with a fragment", "/final?a=1#top"],
  ])("on the same origin is followed when it is %s", async (_, location) => {
    answer = { status: 302, location };

    const response = await get({ headers: { authorization: "Bearer key", "x-api-key": "key" } });

    expect(await response.text()).toBe("final");
    expect(response.redirected).toBe(true);
    expect(response.url).toMatch(/^https:\/\/example\.com\/final\?a=1/);
    expect(seen.at(-1)).toMatchObject({
      url: "/final?a=1",
      headers: { authorization: "Bearer key", "x-api-key": "key" },
    });
  });

  it("to another origin takes no credentials along, under whatever name", async () => {
    answer = { status: 302, location: "https://example.net/" };

    const response = await get({
      headers: {
        authorization: "Bearer key",
        "x-api-key": "key",
        "proxy-authorization": "Basic key",
        cookie: "session=key",
        "x-custom-token": "key",
        accept: "application/json",
      },
    });

    expect(await response.text()).toBe("elsewhere");
    const { host, headers } = seen.at(-1) as Seen;
    expect(host).toBe("example.net");
    expect(headers.host).toBe("example.net");
    expect(headers.accept).toBe("application/json");
    expect(JSON.stringify(headers)).not.toContain("key");
  });

  it("to another port of the same host is to another origin", async () => {
    await internet.serve(
      HERE,
      async (request, response) => {
        await record("example.com:8443", request);
        response.end();
      },
      8443,
    );
    answer = { status: 302, location: "https://example.com:8443/" };

    await get({ headers: { authorization: "Bearer key" } });

    expect(seen.at(-1)).toMatchObject({ host: "example.com:8443" });
    expect(seen.at(-1)?.headers.authorization).toBeUndefined();
  });

  it.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [301, "PUT", "PUT"],
    [302, "DELETE", "DELETE"],
    [307, "POST", "POST"],
    [308, "PATCH", "PATCH"],
  ])("with %i turns %s into %s, its body with it", async (status, method, then) => {
    answer = { status, location: "/final" };

    await get({ method, body: "secret=1", headers: { "content-type": "text/plain" } });

    const kept = then === "GET" ? "" : "secret=1";
    expect(seen.at(-1)).toMatchObject({ method: then, body: kept });
    expect(seen.at(-1)?.headers["content-type"]).toBe(kept ? "text/plain" : undefined);
    expect(seen.at(-1)?.headers["content-length"]).toBe(kept ? "8" : undefined);
  });

  it("with 303 leaves HEAD as it is", async () => {
    answer = { status: 303, location: "/final" };

    await get({ method: "HEAD" });

    expect(seen.map(({ method }) => method)).toEqual(["HEAD", "HEAD"]);
  });

  it.each([307, 308])("with %i carries no body to another origin", async (status) => {
    answer = { status, location: "https://example.net/" };

    const attempt = get({ method: "POST", body: "client_secret=key" });

    await expect(attempt).rejects.toMatchObject({ code: "outbound_redirect_refused" });
    expect(seen).toHaveLength(1);
  });

  it("with 302 goes to another origin as a GET without the body", async () => {
    answer = { status: 302, location: "https://example.net/" };

    await get({ method: "POST", body: "client_secret=key" });

    expect(seen.at(-1)).toMatchObject({ host: "example.net", method: "GET", body: "" });
  });

  it("is not followed for ever", async () => {
    const attempt = guardedFetch("https://example.com/loop", {}, internet.network());

    await expect(attempt).rejects.toMatchObject({ code: "outbound_redirect_refused" });
    expect(seen).toHaveLength(4);
  });

  it("is followed as often as the caller says", async () => {
    answer = { status: 302, location: "/final" };

    await expect(get({}, { maxRedirects: 0 })).rejects.toMatchObject({
      code: "outbound_redirect_refused",
    });
    expect(await (await get({}, { maxRedirects: 1 })).text()).toBe("final");
  });

  it("is an error, or given back as it is, when the caller says so", async () => {
    answer = { status: 302, location: "http://169.254.169.254/" };

    await expect(get({ redirect: "error" })).rejects.toMatchObject({
      code: "outbound_redirect_refused",
    });
    const response = await get({ redirect: "manual" });

    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("http://169.254.169.254/");
    expect(await response.text()).toBe("moved");
    expect(internet.connections.map(({ address }) => address)).toEqual([HERE, HERE]);
  });

  it.each([
    [300, "/final"],
    [304, "/final"],
    [302, undefined],
    [200, "/final"],
  ])("is none with %i and the location %s", async (status, location) => {
    answer = { status, ...(location === undefined ? {} : { location }) };

    const response = await get();

    expect(response.status).toBe(status);
    expect(response.redirected).toBe(false);
    expect(seen).toHaveLength(1);
  });
});
