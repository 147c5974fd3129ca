import { OutboundFailure } from "./outbound-failure.ts";

const LINE_FEED = 10;
const latin1 = new TextDecoder("latin1");

/** Reads lines and bytes from what arrives in pieces. */
export class ByteReader {
  private buffer: Uint8Array = new Uint8Array();

  constructor(private readonly read: () => Promise<Uint8Array | null>) {}

  /** The next line without its end, of at most `limit` bytes. */
  async line(limit: number): Promise<string> {
    for (let searched = 0; ; ) {
      const end = this.buffer.indexOf(LINE_FEED, searched);
      if (end > limit || (end < 0 && this.buffer.length > limit)) {
        throw badAnswer("a line of it is too long");
      }
      if (end >= 0) {
        const line = latin1.decode(this.buffer.subarray(0, end));
        this.buffer = this.buffer.subarray(end + 1);
        return line.replace(/\r$/, "");
      }
      searched = this.buffer.length;
      const more = await this.read();
      if (!more) {
        throw brokeOff();
      }
      this.buffer = concatenate(this.buffer, more);
    }
  }

  /** The next bytes, at most `most` of them; null at the end. */
  async some(most: number): Promise<Uint8Array | null> {
    if (this.buffer.length === 0) {
      const more = await this.read();
      if (!more) {
        return null;
      }
      this.buffer = more;
    }
    const piece = this.buffer.subarray(0, most);
    this.buffer = this.buffer.subarray(piece.length);
    return piece;
  }
}

/** The answer is no HTTP that we read. */
export function badAnswer(reason: string): OutboundFailure {
  return new OutboundFailure("outbound_bad_answer", `The server's answer is refused: ${reason}.`);
}

/** The connection ended before the answer did. */
export function brokeOff(cause?: unknown): OutboundFailure {
  return new OutboundFailure("outbound_unreachable", "The connection to the server broke off.", {
    cause,
  });
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) {
    return second;
  }
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
