// @ts-types="./node-crypto.ts"
import { createHash } from "node:crypto";

/** Counts and hashes bytes that pass. Web Crypto hashes a whole at once only, so this is Node's. */
export class Measure {
  #hash = createHash("sha256");
  bytes = 0;

  add(chunk: Uint8Array): void {
    this.bytes += chunk.byteLength;
    this.#hash.update(chunk);
  }

  /** The SHA-256 of all that passed, in hex. Asked once, at the end. */
  sha256(): string {
    return this.#hash.digest("hex");
  }
}
