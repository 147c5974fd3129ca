import type { OutboundRequest } from "./redirect.ts";

/** A request in the form of HTTP/1.1 (RFC 9112), for a connection that serves this one alone. */
export function writeRequest({ method, url, headers, body }: OutboundRequest): Uint8Array {
  const host = url.host.replace(/\.(?=:|$)/, "");
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `host: ${host}`];
  for (const [name, value] of headers) {
    lines.push(`${name}: ${value}`);
  }
  for (const [name, value] of Object.entries({ accept: "*/*", "user-agent": "Ensemble" })) {
    if (!headers.has(name)) {
      lines.push(`${name}: ${value}`);
    }
  }
  // Uncompressed: a small answer cannot unpack into a large one, and streams are not held back.
  lines.push("accept-encoding: identity", "connection: close");
  if (body || ["POST", "PUT", "PATCH"].includes(method)) {
    lines.push(`content-length: ${body?.length ?? 0}`);
  }

  const head = Uint8Array.from(`${lines.join("\r\n")}\r\n\r\n`, (char) => char.charCodeAt(0));
  const bytes = new Uint8Array(head.length + (body?.length ?? 0));
  bytes.set(head);
  bytes.set(body ?? new Uint8Array(), head.length);
  return bytes;
}
