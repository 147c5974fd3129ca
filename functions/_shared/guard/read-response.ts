import { type ByteReader, badAnswer, brokeOff } from "./byte-reader.ts";
import { OutboundFailure } from "./outbound-failure.ts";

/** The head of an answer. */
export interface ResponseHead {
  status: number;
  statusText: string;
  headers: Headers;
}

const MOST_LINE_BYTES = 16_384;
const MOST_HEADERS = 200;
const MOST_HEAD_BYTES = 65_536;
const MOST_INTERIM_ANSWERS = 5;
const PIECE_BYTES = 65_536;

/** Reads the head of the final answer; interim ones (1xx) are passed over. */
export async function readHead(reader: ByteReader): Promise<ResponseHead> {
  for (let interim = 0; interim <= MOST_INTERIM_ANSWERS; interim += 1) {
    const line = await reader.line(MOST_LINE_BYTES);
    const [, code, statusText = ""] = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(line) ?? [];
    const status = Number(code);
    if (!(status >= 100 && status < 600) || status === 101) {
      throw badAnswer("it does not speak HTTP/1.1");
    }
    const headers = await readHeaders(reader);
    if (status >= 200) {
      // What is no text of a status line would be refused by Response.
      return { status, statusText: statusText.replace(/[^\t\x20-\x7e]/g, ""), headers };
    }
  }
  throw badAnswer("it does not come to a final one");
}

async function readHeaders(reader: ByteReader): Promise<Headers> {
  const headers = new Headers();
  let bytes = 0;
  for (let count = 0; ; count += 1) {
    const line = await reader.line(MOST_LINE_BYTES);
    if (line === "") {
      return headers;
    }
    bytes += line.length;
    const [, name, value = ""] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (!name || count >= MOST_HEADERS || bytes > MOST_HEAD_BYTES) {
      throw badAnswer("its headers cannot be read");
    }
    try {
      headers.append(name, value);
    } catch {
      throw badAnswer("its headers cannot be read");
    }
  }
}

/** The bytes of a body, as its head frames it (RFC 9112, section 6.3). */
export async function* readBody(
  reader: ByteReader,
  headers: Headers,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void> {
  const encoding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (encoding !== null) {
    if (encoding.toLowerCase() !== "chunked" || length !== null) {
      throw badAnswer("its length is ambiguous");
    }
    yield* readChunks(reader);
  } else if (length !== null) {
    if (!/^\d{1,15}$/.test(length)) {
      throw badAnswer("its length is ambiguous");
    }
    if (Number(length) > maxBytes) {
      throw tooLarge();
    }
    yield* readExactly(reader, Number(length));
  } else {
    for (
      let piece = await reader.some(PIECE_BYTES);
      piece;
      piece = await reader.some(PIECE_BYTES)
    ) {
      yield piece;
    }
  }
}

async function* readChunks(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const [, size] =
      /^([\da-f]{1,8})[ \t]*(?:;.*)?$/i.exec(await reader.line(MOST_LINE_BYTES)) ?? [];
    if (size === undefined) {
      throw badAnswer("its chunks cannot be read");
    }
    const bytes = Number.parseInt(size, 16);
    if (bytes === 0) {
      await readHeaders(reader); // trailers, which nobody asked for
      return;
    }
    yield* readExactly(reader, bytes);
    if ((await reader.line(2)) !== "") {
      throw badAnswer("its chunks cannot be read");
    }
  }
}

async function* readExactly(reader: ByteReader, length: number): AsyncGenerator<Uint8Array, void> {
  for (let left = length; left > 0; ) {
    const piece = await reader.some(Math.min(left, PIECE_BYTES));
    if (!piece) {
      throw brokeOff();
    }
    left -= piece.length;
    yield piece;
  }
}

/** Passes pieces on until they are too many bytes together. */
export async function* limitBytes(
  pieces: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > maxBytes) {
      throw tooLarge();
    }
    yield piece;
  }
}

function tooLarge(): OutboundFailure {
  return new OutboundFailure("outbound_too_large", "The server's answer is too large.");
}
