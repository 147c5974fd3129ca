import { createHash } from "node:crypto";
import type { IncomingMessage, RequestListener } from "node:http";
import type { Socket } from "node:net";
import { deflateSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  guardedFetch,
  type OutboundLimits,
  outboundFetch,
} from "../../../functions/_shared/guard/guarded-fetch.ts";
import { Internet } from "../../support/internet/internet.ts";

const ADDRESS = "93.184.215.14";
const URL_THERE = "https://api.example.com/v1";

const internet = new Internet();
beforeEach(() => {
  internet.names.set("api.example.com", [ADDRESS]);
});
afterEach(() => internet.forget());
afterAll(() => internet.close());

function ask(init: RequestInit = {}, limits: OutboundLimits = {}): Promise<Response> {
  return guardedFetch(URL_THERE, init, internet.network(), limits);
}

/** Answers every request with these bytes and hangs up. */
const say = (...lines: string[]) =>
  internet.serveBytes(ADDRESS, (socket) => socket.end(lines.join("\r\n")));

/** The error of an answer, whether it shows with the head or with the body. */
async function failureOf(attempt: Promise<Response>): Promise<unknown> {
  try {
    await (await attempt).arrayBuffer();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a guarded request", () => {
  it("sends what it is given, and nothing of the connection or of those who asked", async () => {
    let seen: IncomingMessage | undefined;
    await internet.serve(ADDRESS, (request, response) => {
      seen = request;
      response.end();
    });

    await ask({
      headers: {
        authorization: "Bearer theirs",
        "x-api-key": "theirs",
        "content-type": "application/json",
        host: "evil.example.net",
        connection: "upgrade",
        upgrade: "h2c",
        "transfer-encoding": "chunked",
        te: "trailers",
        expect: "100-continue",
        "accept-encoding": "br",
        cookie: "sb-session=ours",
        forwarded: "for=ours",
        via: "ours",
        origin: "https://ours",
        referer: "https://ours",
        "x-forwarded-for": "ours",
        "x-forwarded-host": "ours",
        "x-real-ip": "ours",
        "x-client-info": "ours",
        "x-correlation-id": "ours",
        "x-agent-id": "ours",
        "cf-connecting-ip": "ours",
        "sec-fetch-site": "ours",
        baggage: "ours",
      },
    });

    expect(seen?.headers).toEqual({
      host: "api.example.com",
      authorization: "Bearer theirs",
      "x-api-key": "theirs",
      "content-type": "application/json",
      accept: "*/*",
      "accept-encoding": "identity",
      connection: "close",
      "user-agent": "Ensemble",
    });
  });

  it.each<[string, BodyInit, string | undefined, string]>([
    ["text", "grüße", "text/plain;charset=UTF-8", "grüße"],
    [
      "a form",
      new URLSearchParams({ a: "1 2" }),
      "application/x-www-form-urlencoded;charset=UTF-8",
      "a=1+2",
    ],
    ["bytes", new Uint8Array([104, 105]), undefined, "hi"],
    ["a blob", new Blob(["hi"], { type: "text/x" }), "text/x", "hi"],
    ["a stream", new Blob(["hi"]).stream(), undefined, "hi"],
  ])("sends %s as its body", async (_, body, type, text) => {
    let seen: unknown;
    await internet.serve(ADDRESS, async (request, response) => {
      let received = "";
      for await (const piece of request.setEncoding("utf8")) received += piece;
      seen = [request.headers["content-type"], received, request.headers["content-length"]];
      response.end();
    });

    await ask({ method: "POST", body });

    expect(seen).toEqual([type, text, String(Buffer.byteLength(text))]);
  });

  it("sends a form with a file", async () => {
    const form = new FormData();
    form.set("file", new File(["hello"], "a.txt"));
    let seen = "";
    await internet.serve(ADDRESS, async (request, response) => {
      for await (const piece of request.setEncoding("utf8")) seen += piece;
      response.end();
    });

    await ask({ method: "POST", body: form });

    expect(seen).toContain('filename="a.txt"');
  });

  it("cannot be split by a header or a path", async () => {
    const seen: string[] = [];
    await internet.serveBytes(ADDRESS, (socket) => {
      socket.end("HTTP/1.1 204 No Content\r\n\r\n");
    });

    await expect(ask({ headers: { "x-a": "b\r\nhost: c" } })).rejects.toThrow(TypeError);
    await expect(ask({ method: "GET / HTTP/1.1\r\nx: y" })).rejects.toThrow(TypeError);
    await expect(ask({ method: "CONNECT" })).rejects.toThrow(TypeError);
    await guardedFetch('https://api.example.com/a b\r\nc?d="e"\t#f', {}, internet.network());

    expect(seen).toEqual([]);
    expect(internet.connections).toHaveLength(1);
  });

  it("answers with status, headers and body, as fetch does", async () => {
    await internet.serve(ADDRESS, (_, response) => {
      response.writeHead(418, "Short and stout", {
        "content-type": "text/plain",
        "set-cookie": ["a=1", "b=2"],
      });
      response.end("I am");
    });

    const response = await ask();

    expect(response).toMatchObject({ status: 418, statusText: "Short and stout", url: URL_THERE });
    expect(response.ok).toBe(false);
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(response.headers.get("connection")).toBeNull();
    expect(await response.text()).toBe("I am");
  });

  it("streams an answer as it comes", async () => {
    let proceed = () => {};
    await internet.serve(ADDRESS, async (_, response) => {
      response.write("first");
      await new Promise<void>((resolve) => {
        proceed = resolve;
      });
      response.end("second");
    });

    const reader = (await ask()).body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    proceed();
    const second = await reader?.read();

    expect([first?.value, second?.value]).toEqual(["first", "second"]);
    expect((await reader?.read())?.done).toBe(true);
  });

  it("brings a large answer whole, chunked or not", async () => {
    const bytes = Buffer.alloc(3_000_000, "ensemble ");
    const digest = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");
    for (const length of [{}, { "content-length": String(bytes.length) }]) {
      internet.forget();
      internet.names.set("api.example.com", [ADDRESS]);
      await internet.serve(ADDRESS, (_, response) => response.writeHead(200, length).end(bytes));

      const body = new Uint8Array(await (await ask()).arrayBuffer());

      expect(digest(body)).toBe(digest(bytes));
    }
  });

  it.each<[string, string[], string]>([
    ["that ends with the connection", ["HTTP/1.0 200 OK", "", "all of it"], "all of it"],
    [
      "after interim ones",
      [
        "HTTP/1.1 100 Continue",
        "",
        "HTTP/1.1 103 Early Hints",
        "link: x",
        "",
        "HTTP/1.1 200",
        "",
        "x",
      ],
      "x",
    ],
    [
      "with extensions and trailers of its chunks",
      [
        "HTTP/1.1 200 OK",
        "Transfer-Encoding: Chunked",
        "",
        '3;a="b"',
        "abc",
        "2",
        "de",
        "0",
        "x: y",
        "",
        "",
      ],
      "abcde",
    ],
    ["with line feeds alone", ["HTTP/1.1 200 OK\ncontent-length: 2\n\nhi"], "hi"],
    ["longer than it says", ["HTTP/1.1 200 OK", "content-length: 2", "", "hi, and more"], "hi"],
  ])("reads an answer %s", async (_, lines, text) => {
    await say(...lines);

    expect(await (await ask()).text()).toBe(text);
  });

  it.each<[string, string, (text: string) => Buffer]>([
    ["gzip", "gzip", (text) => gzipSync(text)],
    ["deflate", "deflate", (text) => deflateSync(text)],
  ])("unpacks %s that nobody asked for", async (_, encoding, pack) => {
    await internet.serve(ADDRESS, (__, response) => {
      response.writeHead(200, { "content-encoding": encoding }).end(pack("unpacked"));
    });

    const response = await ask();

    expect(await response.text()).toBe("unpacked");
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(response.headers.get("content-length")).toBeNull();
  });

  it.each([204, 304])("has no body with %i", async (status) => {
    await internet.serve(ADDRESS, (_, response) => response.writeHead(status).end());

    const response = await ask();

    expect(response.body).toBeNull();
    await vi.waitFor(() => expect(internet.open).toBe(0));
  });

  it("has no body with HEAD, whatever its length", async () => {
    await internet.serve(ADDRESS, (_, response) => {
      response.writeHead(200, { "content-length": "99999999999" }).end();
    });

    const response = await ask({ method: "HEAD" });

    expect(response.headers.get("content-length")).toBe("99999999999");
    expect(response.body).toBeNull();
  });

  it("closes its connection when the answer is read, and when it is not wanted", async () => {
    await internet.serve(ADDRESS, (_, response) => {
      response.writeHead(200, { "content-length": "5" }).end("hello");
    });
    const read = await ask();
    await read.text();
    await vi.waitFor(() => expect(internet.open).toBe(0));

    const endless: RequestListener = (_, response) => void response.write("never ends");
    internet.forget();
    internet.names.set("api.example.com", [ADDRESS]);
    await internet.serve(ADDRESS, endless);
    const unwanted = await ask();
    expect(internet.open).toBe(1);
    await unwanted.body?.cancel();
    await vi.waitFor(() => expect(internet.open).toBe(0));
  });

  it("tries the next address when one does not answer", async () => {
    await internet.serve(ADDRESS, (_, response) => response.end("here"));
    internet.names.set("api.example.com", ["8.8.8.8", ADDRESS]);

    expect(await (await ask()).text()).toBe("here");
    expect(internet.connections.map(({ address }) => address)).toEqual(["8.8.8.8", ADDRESS]);
  });

  it("is given to libraries in the form of fetch", async () => {
    await internet.serve(ADDRESS, (_, response) => response.end("here"));

    const response = await outboundFetch(internet.network())(new URL(URL_THERE));

    expect(await response.text()).toBe("here");
  });
});

describe("a server that means harm", () => {
  it("without a certificate for the name is not spoken to", async () => {
    const spoken = vi.fn();
    await internet.serveBytes(ADDRESS, spoken);
    internet.names.set("other.test", [ADDRESS]);

    const attempt = guardedFetch("https://other.test/", {}, internet.network());

    await expect(attempt).rejects.toMatchObject({ status: 502, code: "outbound_unreachable" });
    expect(spoken).not.toHaveBeenCalled();
  });

  it("that is not there is reported without its address", async () => {
    const error = (await failureOf(ask())) as Error;

    expect(error).toMatchObject({ status: 502, code: "outbound_unreachable" });
    expect(error.message).not.toContain(ADDRESS);
  });

  it.each<[string, string[]]>([
    ["another protocol", ["SSH-2.0-OpenSSH_9.9", ""]],
    ["HTTP/2", ["HTTP/2 200", "", ""]],
    ["HTTP/0.9", ["<html>", ""]],
    ["a status of two digits", ["HTTP/1.1 20 OK", "", ""]],
    ["a status beyond all", ["HTTP/1.1 999 OK", "", ""]],
    ["an upgrade", ["HTTP/1.1 101 Switching Protocols", "", ""]],
    ["interim answers alone", Array(20).fill("HTTP/1.1 102 Processing\r\n")],
    ["a header without a name", ["HTTP/1.1 200 OK", ": x", "", ""]],
    ["a header with a blank in its name", ["HTTP/1.1 200 OK", "a b: x", "", ""]],
    ["a folded header", ["HTTP/1.1 200 OK", "a: b", " c", "", ""]],
    ["a null in a header", ["HTTP/1.1 200 OK", "a: b\0c", "", ""]],
    ["a header without end", ["HTTP/1.1 200 OK", `a: ${"x".repeat(20_000)}`, "", ""]],
    ["headers without number", ["HTTP/1.1 200 OK", ...Array(500).fill("a: b"), "", ""]],
    ["headers without end", ["HTTP/1.1 200 OK", ...Array(20).fill(`a: ${"x".repeat(9_000)}`), ""]],
    ["a status line without end", [`HTTP/1.1 200 ${"x".repeat(20_000)}`, "", ""]],
    ["a negative length", ["HTTP/1.1 200 OK", "content-length: -1", "", ""]],
    ["two lengths", ["HTTP/1.1 200 OK", "content-length: 1", "content-length: 2", "", "ab"]],
    [
      "a length and chunks",
      ["HTTP/1.1 200 OK", "content-length: 1", "transfer-encoding: chunked", "", "0", "", ""],
    ],
    ["another coding of transfer", ["HTTP/1.1 200 OK", "transfer-encoding: gzip, chunked", "", ""]],
    ["chunks of no size", ["HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "zz", "", ""]],
    [
      "chunks longer than they say",
      ["HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "1", "abc", "0", "", ""],
    ],
    ["a coding nobody asked for", ["HTTP/1.1 200 OK", "content-encoding: br", "", "x"]],
    ["a packed body that is none", ["HTTP/1.1 200 OK", "content-encoding: gzip", "", "not gzip"]],
  ])("and answers with %s is refused", async (_, lines) => {
    await say(...lines);

    expect(await failureOf(ask())).toMatchObject({ status: 502, code: "outbound_bad_answer" });
    await vi.waitFor(() => expect(internet.open).toBe(0));
  });

  it.each<[string, string[]]>([
    ["before it says anything", [""]],
    ["within its head", ["HTTP/1.1 200 OK", "content-type: text/plain"]],
    ["within its body", ["HTTP/1.1 200 OK", "content-length: 10", "", "half"]],
    ["within a chunk", ["HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "a", "half"]],
    [
      "before the last chunk",
      ["HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "4", "half", ""],
    ],
  ])("and hangs up %s is reported, not taken for the end", async (_, lines) => {
    await say(...lines);

    expect(await failureOf(ask())).toMatchObject({ code: "outbound_unreachable" });
  });

  it.each<[string, RequestListener]>([
    [
      "announces too much",
      (_, response) => void response.writeHead(200, { "content-length": "1000000" }).write("x"),
    ],
    ["sends too much", (_, response) => void response.end("x".repeat(200_000))],
    [
      "sends without end",
      (_, response) => {
        const pour = () => {
          while (!response.destroyed && response.write("x".repeat(16_384)));
          if (!response.destroyed) response.once("drain", pour);
        };
        response.on("error", () => undefined);
        pour();
      },
    ],
    [
      "sends what unpacks into too much",
      (_, response) => {
        const bomb = gzipSync(Buffer.alloc(50_000_000));
        response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
      },
    ],
  ])("and %s is cut off", async (_, listener) => {
    await internet.serve(ADDRESS, listener);

    const failure = await failureOf(ask({}, { maxBytes: 100_000 }));

    expect(failure).toMatchObject({ status: 502, code: "outbound_too_large" });
    await vi.waitFor(() => expect(internet.open).toBe(0));
  });

  it.each<[string, (socket: Socket) => void, OutboundLimits]>([
    ["says nothing", () => undefined, { idleMs: 100 }],
    [
      "falls silent within its head",
      (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-"),
      { idleMs: 100 },
    ],
    [
      "falls silent within its body",
      (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"),
      { idleMs: 100 },
    ],
    [
      "drips its head",
      (socket) => drip(socket, "HTTP/1.1 200 OK\r\na: "),
      { idleMs: 1_000, timeoutMs: 300 },
    ],
    [
      "drips its body",
      (socket) => drip(socket, "HTTP/1.1 200 OK\r\n\r\n"),
      { idleMs: 1_000, timeoutMs: 300 },
    ],
  ])("and %s is given up", async (_, speak, limits) => {
    await internet.serveBytes(ADDRESS, speak);

    const failure = await failureOf(ask({}, limits));

    expect(failure).toMatchObject({ status: 504, code: "outbound_timeout" });
    await vi.waitFor(() => expect(internet.open).toBe(0));
  });

  it("and whose answer nobody reads is given up all the same", async () => {
    await internet.serve(ADDRESS, (_, response) => void response.write("x"));

    await ask({}, { timeoutMs: 200 });

    await vi.waitFor(() => expect(internet.open).toBe(0));
  });

  it("and takes no connection, or has no name server, is given up", async () => {
    const never = new Promise<never>(() => undefined);
    const aborted = vi.fn();
    const network = {
      ...internet.network(),
      connect: (_: unknown, signal: AbortSignal) => {
        signal.addEventListener("abort", aborted);
        return never;
      },
    };

    const attempts = [
      guardedFetch(URL_THERE, {}, network, { timeoutMs: 100 }),
      guardedFetch(URL_THERE, {}, { ...network, resolveHost: () => never }, { timeoutMs: 100 }),
    ];

    for (const attempt of attempts) {
      await expect(attempt).rejects.toMatchObject({ code: "outbound_timeout" });
    }
    expect(aborted).toHaveBeenCalledOnce();
  });

  it("cannot keep a caller who leaves", async () => {
    await internet.serve(ADDRESS, (_, response) => void response.write("x"));
    const before = new AbortController();
    const during = new AbortController();
    before.abort(new Error("gone before"));

    const early = await failureOf(ask({ signal: before.signal }));
    const response = await ask({ signal: during.signal });
    const reading = response.text();
    during.abort(new Error("gone during"));

    expect(early).toMatchObject({ message: "gone before" });
    await expect(reading).rejects.toThrow("gone during");
    await vi.waitFor(() => expect(internet.open).toBe(0));
  });

  it("cannot have more sent than may go out", async () => {
    const received = vi.fn();
    await internet.serve(ADDRESS, received);

    const attempt = ask({ method: "POST", body: "x".repeat(2_000) }, { maxRequestBytes: 1_000 });

    await expect(attempt).rejects.toMatchObject({ code: "outbound_too_large" });
    expect(received).not.toHaveBeenCalled();
  });

  it("that answers before it has read everything is understood", async () => {
    await internet.serveBytes(ADDRESS, (socket) => {
      socket.end("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno");
    });

    const response = await ask({ method: "POST", body: "x".repeat(1_000_000) });

    expect([response.status, await response.text()]).toEqual([413, "no"]);
  });
});

function drip(socket: Socket, start: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write("x"), 20);
  socket.once("close", () => clearInterval(timer));
}
